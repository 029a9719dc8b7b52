"""From the engine's configuration values to `Settings`, or to messages that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from components.argocd.values import ANYWHERE
from components.projects.manifest_files import ManifestFiles
from components.settings.fields import field_at, is_secret, is_secret_at, is_text
from components.settings.messages import problems_of, unknown_keys
from components.settings.model import Settings
from components.settings.strategy_guess import with_strategy
from components.stackfile.places import StackFile
from components.stackfile.problems import Key, Problem, SettingsError, set_secret
from components.stackfile.urls import UNKNOWN_HOST

Check = Callable[[Settings], Sequence[Problem]]
"""Finds out what the sections say of each other that cannot be."""

_BY_ENTRY = frozenset(
    {"projects", "manifests", "credentialTemplates", "repositories", "clusters", "appProjects"}
)
"""Sections whose entries stand alone: one with a mistake leaves the others to be checked."""
_BY_KEY = frozenset({"git"})
"""Sections whose keys stand alone."""
_NAMED_BY_OTHERS = frozenset({"clusters", "appProjects"})
"""Sections whose entries other sections name: one with a mistake must not become an unknown one too."""
_HARMLESS: dict[str, Any] = {
    "cluster": {"context": "-"},
    "git": {"baseUrl": f"http://{UNKNOWN_HOST}"},
    "dns": {"strategy": "none"},
    # Which namespace Argo CD looks at is not known then, so that none may be called wrong.
    "argocd": {"values": {"configs": {"params": {"application.namespaces": ANYWHERE}}}},
}
"""What stands in for a section that has mistakes, so that the rest can be checked still."""
_NO_FILES = ManifestFiles("", ())
_IN_CLEAR = (
    "use the key made for the secret, as docs/stack-file.md marks it; what is no secret stands in clear text"
)
_BY_THE_CHART = (
    "make a Secret in the cluster that the project is deployed to, and name it in the chart's values: most "
    "charts have a key for that, such as existingSecret"
)
_OF_A_CHART = frozenset({"parameters", "values", "valuesObject"})
"""What a project hands over to a Helm chart."""
_BY_REFERENCE = (
    "use the key made for the secret, if docs/stack-file.md has one; otherwise make a Secret in Argo CD's "
    "namespace with the label app.kubernetes.io/part-of: argocd, and write $<Secret>:<key> here, which "
    "Argo CD replaces in oidc.config, in dex.config and in the webhook keys of configs.secret"
)
"""What to do about a secret in a place for none, in what a project's chart gets, and in Argo CD's values."""


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
    settings: Settings | None = None
    details: list[ErrorDetails] = []
    values, of_strategy = with_strategy(values)
    try:
        settings = Settings.model_validate({**values, **unknown})
    except ValidationError as error:
        details = error.errors()
    misspelt = unknown_keys(details)
    traps = [trap for trap in _traps(file) if trap.path not in misspelt]
    problems = [*of_strategy, *file.duplicates(), *traps, *_in_clear_text(file)]
    # Whether a secret may stand there is not known of a misspelt key, nor of what is below it.
    problems += _outside(misspelt, _wrongly_encrypted(file))
    known = {problem.path for problem in problems} - misspelt
    problems += [problem for problem in problems_of(details, file) if problem.path not in known]
    if checked := settings or _read(_without([detail["loc"] for detail in details], values)):
        known = {problem.path for problem in problems}
        problems += _of_files(checked.manifests)
        places: set[tuple[object, ...]] = set()
        for check in checks:
            found = [problem for problem in check(checked) if problem.file or problem.path not in known]
            # What one check has found at a place, a later one only sees the consequences of.
            problems += [
                problem for problem in found if (problem.path, problem.file, problem.line) not in places
            ]
            places |= {(problem.path, problem.file, problem.line) for problem in found}
    if settings and not problems:
        return settings
    raise SettingsError(sorted(map(file.located, problems), key=_order), file.name)


def _of_files(manifests: Sequence[ManifestFiles]) -> list[Problem]:
    """Return what is wrong in the files of the `manifests` section, each once, with the first entry of it."""
    found: dict[Problem, int] = {}
    for number, files in enumerate(manifests):
        for problem in files.problems:
            found.setdefault(problem, number)
    return [replace(problem, path=("manifests", number)) for problem, number in found.items()]


def _outside(places: AbstractSet[tuple[Key, ...]], problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that are neither at nor below one of `places`."""
    lengths = {len(place) for place in places}
    return [problem for problem in problems if not any(problem.path[:length] in places for length in lengths)]


def _order(problem: Problem) -> tuple[object, ...]:
    elsewhere = bool(problem.file)
    return (elsewhere, problem.file, problem.line == 0, problem.line, problem.where)


def _without(places: Sequence[tuple[Key, ...]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without the entries that have mistakes; a section that is no mapping goes whole."""
    kept = dict(values)
    for section, *rest in places:
        name = str(section)
        held = kept.get(name)
        if rest and name in _BY_ENTRY and isinstance(held, dict):
            kept[name] = {key: value for key, value in held.items() if key != rest[0]}
        elif rest and name in _BY_KEY and isinstance(held, dict):
            kept[name] = {**_HARMLESS[name], **{key: value for key, value in held.items() if key != rest[0]}}
        elif rest and name in _BY_ENTRY and isinstance(held, list):
            # Something has to stand in its place, or the later entries would be told with another's number.
            kept[name] = [_NO_FILES if number == rest[0] else value for number, value in enumerate(held)]
        else:
            kept.pop(name, None)
    for name in _NAMED_BY_OTHERS & kept.keys():
        held = {**(kept[name] or {}), **_stand_ins(name, places, values[name])}
        kept[name] = {key: held[key] for key in values[name] or {} if key in held}
    harmless = {str(name): _HARMLESS[str(name)] for name, *_ in places if name in _HARMLESS}
    return {**harmless, **kept}


def _stand_ins(
    section: str, places: Sequence[tuple[Key, ...]], entries: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Return an entry without mistakes for each that has some, apart from those whose name is the mistake."""
    wrong = {str(path[1]) for path in places if path[0] == section and len(path) > 1}
    unnamed = {str(path[1]) for path in places if path[0] == section and "[key]" in path}
    made: dict[str, dict[str, Any]] = {}
    for name, entry in (entries or {}).items():
        if name not in wrong - unnamed:
            continue
        server = entry.get("server") if section == "clusters" and isinstance(entry, dict) else None
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
    return [
        replace(trap, fix=f'write "{trap.what.partition(" ")[0]}"') if field and is_text(field) else trap
        for trap in file.traps()
        if not ((field := field_at(trap.path)) and is_secret(field))
    ]


def _wrongly_encrypted(file: StackFile) -> Iterator[Problem]:
    """Yield a problem for each encrypted value that is none, or that this program would have to show."""
    for path in file.encrypted():
        if (field := field_at(path)) and not is_secret(field):
            yield Problem(
                path,
                "no secret may stand here",
                "the value becomes part of an object or of Helm's values that everybody can read, so that it "
                "would be secret in this file only",
                _in_place_of_a_secret(path),
            )
    for path in file.empty_secrets(is_secret_at):
        yield Problem(
            path,
            "there is no encrypted text behind secure:",
            "Pulumi has nothing to decrypt, and the secret would be missing where it is needed",
            f"run this command, which asks for the value:{set_secret(path)}",
        )


def _in_place_of_a_secret(path: tuple[Key, ...]) -> str:
    if path[:2] == ("argocd", "values"):
        return _BY_REFERENCE
    of_a_chart = any(key == "helm" and below in _OF_A_CHART for key, below in pairwise(path))
    return _BY_THE_CHART if of_a_chart else _IN_CLEAR


def _in_clear_text(file: StackFile) -> list[Problem]:
    """Return a problem for each secret that the stack file has in clear text.

    It is looked for in the file itself, so that no other mistake beside it can hide it.
    """
    return [
        Problem(
            path,
            "this secret stands in clear text",
            "whoever can read the repository can read it, and Pulumi would not encrypt it in its state",
            "take it out, change the secret where it was made, since this one has been seen, and run this "
            f"command, which asks for the value:{set_secret(path)}",
        )
        for path in dict.fromkeys(file.in_clear(is_secret_at))
    ]
