"""From the engine's configuration values to `Settings`, or to messages that a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from components.settings.fields import field_at, is_secret
from components.settings.messages import problems_of
from components.settings.model import Settings
from components.settings.problems import Key, Problem, SettingsError, key_path
from components.settings.secrets import secret_paths
from components.settings.stackfile import StackFile

Check = Callable[[Settings], Sequence[Problem]]
"""Finds out what the sections say of each other that cannot be."""

_BY_ENTRY = frozenset(
    {"projects", "manifests", "credentialTemplates", "repositories", "clusters", "appProjects"}
)
"""Sections whose entries stand alone: one with a mistake leaves the others to be checked."""
_HARMLESS: dict[str, Any] = {
    "cluster": {"context": "-"},
    "git": {"baseUrl": "http://git.invalid"},
    "dns": {"strategy": "none"},
}
"""What stands in for a required section that has mistakes, so that the rest can be checked still."""


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
    problems = [*file.duplicates(), *file.traps()]
    told = {problem.path for problem in problems}
    settings: Settings | None = None
    try:
        settings = Settings.model_validate({**values, **unknown})
    except ValidationError as error:
        details = error.errors()
        found = [problem for detail in details for problem in problems_of(detail, file)]
        problems += [problem for problem in found if problem.path not in told]
        left = _without([detail["loc"] for detail in details], values)
        checked = _read(left)
    else:
        checked = settings
    if checked:
        problems += _in_clear_text(checked, file)
        problems += [problem for check in checks for problem in check(checked)]
    known = {problem.path for problem in problems}
    problems += [problem for problem in _misplaced_secrets(file) if problem.path not in known]
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
    manifests = left.get("manifests")
    if isinstance(manifests, list):
        left["manifests"] = [pattern for pattern in manifests if pattern is not None]
    return {**_HARMLESS, **left}


def _read(values: Mapping[str, Any]) -> Settings | None:
    try:
        return Settings.model_validate(values)
    except ValidationError:
        return None


def _misplaced_secrets(file: StackFile) -> Iterator[Problem]:
    """Yield a problem for each encrypted value that this program would have to show."""
    for path in file.encrypted():
        field = field_at(path)
        if field and not is_secret(field):
            yield Problem(
                path,
                "no secret may stand here",
                "the value becomes part of an object or of Helm's values that everybody can read, so that it "
                "would be secret in this file only",
                "write it in clear text, or use the key made for the secret, as docs/stack-file.md marks it",
            )


def _in_clear_text(settings: Settings, file: StackFile) -> list[Problem]:
    """Return a problem for each secret that the stack file has in clear text."""
    return [
        Problem(
            path,
            "this secret stands in clear text",
            "whoever can read the repository can read it, and Pulumi would not encrypt it in its state",
            f"take it out and run: pulumi config set --secret --path '{key_path(path)}' (it asks for the "
            "value); then change the secret where it was made, since this one has been seen",
        )
        for path in secret_paths(settings)
        if file.has(path) and not file.is_encrypted(path)
    ]
