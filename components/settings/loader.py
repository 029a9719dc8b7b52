"""From the engine's configuration values to `Settings`, or to messages that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from components.settings.fields import field_at, is_secret, is_secret_at
from components.settings.messages import problems_of
from components.settings.model import Settings
from components.settings.problems import Key, Problem, SettingsError, set_secret
from components.settings.stackfile import StackFile

Check = Callable[[Settings], Sequence[Problem]]
"""Finds out what the sections say of each other that cannot be."""

_BY_ENTRY = frozenset(
    {"projects", "manifests", "credentialTemplates", "repositories", "clusters", "appProjects"}
)
"""Sections whose entries stand alone: one with a mistake leaves the others to be checked."""
_NAMED_BY_OTHERS = frozenset({"clusters", "appProjects"})
"""Sections whose entries other sections name: one with a mistake must not become an unknown one too."""
_HARMLESS: dict[str, Any] = {
    "cluster": {"context": "-"},
    "git": {"baseUrl": "http://git.invalid"},
    "dns": {"strategy": "none"},
    # Which namespace Argo CD looks at is not known then, so that none may be called wrong.
    "argocd": {"values": {"configs": {"params": {"application.namespaces": "*"}}}},
}
"""What stands in for a section that has mistakes, so that the rest can be checked still."""
_IN_CLEAR = "write it in clear text, or use the key made for the secret, as docs/stack-file.md marks it"
_BY_REFERENCE = (
    "use the key made for the secret, if docs/stack-file.md has one; otherwise make a Secret in Argo CD's "
    "namespace with the label app.kubernetes.io/part-of: argocd, and write $<Secret>:<key> here, which "
    "Argo CD replaces in oidc.config, in dex.config and in the webhook keys of configs.secret"
)
"""What to do about a secret in a place for none, and in the chart's values."""


def load_settings(
    values: Mapping[str, Any], stack_file: StackFile | None = None, checks: Sequence[Check] = ()
) -> Settings:
    """Return the settings in `values` (section name → value, as in the stack file).

    Args:
        values: the sections.
        stack_file: where they stand, for lines in messages.
        checks: what to ask of all sections together. They see what is left without the mistakes.

    Raises:
        SettingsError: something is missing, misspelt or impossible; all problems are in it, in the
            order of the file.
    """
    file = stack_file or StackFile()
    known_sections = {field.alias for field in Settings.model_fields.values()}
    unknown = {name: None for name in file.sections() if name not in {*values, *known_sections}}
    problems = [*file.duplicates(), *_traps(file), *_in_clear_text(file), *_wrongly_encrypted(file)]
    told = {problem.path for problem in problems}
    settings: Settings | None = None
    try:
        settings = Settings.model_validate({**values, **unknown})
    except ValidationError as error:
        details = error.errors()
        problems += [problem for problem in problems_of(details, file) if problem.path not in told]
        left = _without([detail["loc"] for detail in details], values)
        checked = _read(left)
    else:
        checked = settings
    if checked:
        problems += [problem for check in checks for problem in check(checked)]
    if settings and not problems:
        return settings
    raise SettingsError(sorted(map(file.located, problems), key=_order), file.name)


def _order(problem: Problem) -> tuple[object, ...]:
    elsewhere = bool(problem.file)
    return (elsewhere, problem.file, problem.line == 0, problem.line, problem.where)


def _without(places: Sequence[tuple[Key, ...]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without the entries that have mistakes; a section that is no mapping goes whole."""
    left = dict(values)
    for section, *rest in places:
        name = str(section)
        held = left.get(name)
        if rest and name in _BY_ENTRY and isinstance(held, dict):
            left[name] = {key: value for key, value in held.items() if key != rest[0]}
        elif rest and name in _BY_ENTRY and isinstance(held, list):
            left[name] = [None if number == rest[0] else value for number, value in enumerate(held)]
        else:
            left.pop(name, None)
    for name in _NAMED_BY_OTHERS & left.keys():
        held = {**(left[name] or {}), **_stand_ins(name, places, values[name])}
        left[name] = {key: held[key] for key in values[name] or {} if key in held}
    manifests = left.get("manifests")
    if isinstance(manifests, list):
        left["manifests"] = [pattern for pattern in manifests if pattern is not None]
    harmless = {name: _HARMLESS[name] for name, *_ in places if name in _HARMLESS}
    return {**harmless, **left}


def _stand_ins(
    section: str, places: Sequence[tuple[Key, ...]], entries: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Return an entry without mistakes for each that has some, apart from those whose name is the mistake."""
    wrong = {str(path[1]) for path in places if path[0] == section and len(path) > 1}
    unnamed = {str(path[1]) for path in places if path[0] == section and "[key]" in path}
    made: dict[str, dict[str, Any]] = {}
    for name, own in (entries or {}).items():
        if name not in wrong - unnamed:
            continue
        server = own.get("server") if section == "clusters" and isinstance(own, dict) else None
        is_known = isinstance(server, str) and (section, name, "server") not in places
        made[name] = {"declare": False, **({"server": server} if is_known else {})}
    return made


def _read(values: Mapping[str, Any]) -> Settings | None:
    try:
        return Settings.model_validate(values)
    except ValidationError:
        return None


def _traps(file: StackFile) -> list[Problem]:
    """Return the file's traps, apart from those in a secret, of which nothing is shown."""
    return [trap for trap in file.traps() if not ((field := field_at(trap.path)) and is_secret(field))]


def _wrongly_encrypted(file: StackFile) -> Iterator[Problem]:
    """Yield a problem for each encrypted value that is none, or that this program would have to show."""
    for path, is_text in file.encrypted():
        field = field_at(path)
        if field and not is_secret(field):
            in_values = path[:2] == ("argocd", "values")
            yield Problem(
                path,
                "no secret may stand here",
                "the value becomes part of an object or of Helm's values that everybody can read, so that it "
                "would be secret in this file only",
                _BY_REFERENCE if in_values else _IN_CLEAR,
            )
        elif not is_text:
            yield Problem(
                path,
                "there is no encrypted text behind secure:",
                "Pulumi has nothing to decrypt, and the secret would be missing where it is needed",
                f"run: {set_secret(path)}",
            )


def _in_clear_text(file: StackFile) -> list[Problem]:
    """Return a problem for each secret that the stack file has in clear text.

    It is looked for in the file itself, so that no other mistake beside it can hide it.
    """
    return [
        Problem(
            path,
            "this secret stands in clear text",
            "whoever can read the repository can read it, and Pulumi would not encrypt it in its state",
            f"take it out and run: {set_secret(path)}; then change the secret where it was made, since this "
            "one has been seen",
        )
        for path in dict.fromkeys(file.in_clear(is_secret_at))
    ]
