"""`python -m tools.check STACK`: what is wrong with a stack file, without cluster and engine.

Ends with 0 for a file without a mistake and with 1 otherwise.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from components.argocd.requirements import chart_problem
from components.checks import CHECKS, warnings
from components.dns.coverage import coverage
from components.settings import Settings, load_settings
from components.stackfile.kubectl_yaml import UnreadableError, value_of
from components.stackfile.places import StackFile
from components.stackfile.printable import printable
from components.stackfile.problems import PROJECT, Problem, SettingsError, near, nearest, tell
from components.stackfile.secret_text import with_placeholders
from components.stackfile.stack_yaml import compose
from components.stackfile.yaml_nodes import child, entries, merged, position, position_of
from tools.command_line import failed, painted, stack_parser, stack_path
from tools.schema import OF_PULUMI

_ONLY_IN_A_PREVIEW = (
    f"{PROJECT}:discover asks GitLab, which this does not: what it finds is checked in a preview"
)
_BOLD, _RED, _YELLOW, _GREEN = "1", "31", "33", "32"


@dataclass(frozen=True)
class Result:
    """What a check has found.

    Attributes:
        problems: the mistakes, in the order of the file.
        warnings: what works, but not as its author may think; only looked for where there is no mistake.
        settings: what the file says; None where there is a mistake.
    """

    problems: Sequence[Problem]
    warnings: Sequence[str] = ()
    settings: Settings | None = None

    @property
    def applications(self) -> int:
        """How many Applications the file declares."""
        return len(self.settings.applications) if self.settings else 0


def check(path: Path) -> Result:
    """Return what is wrong with the stack file at `path`."""
    try:
        root = compose(path)
        content = value_of(root)
    except UnreadableError as error:
        return Result([Problem((), error.what, error.why, error.fix, error.line, error.column)])
    file = StackFile(path.name, root)
    if not isinstance(content.get("config"), dict):
        return Result([_no_config(root)])
    problems = list(_of_the_frame(root))
    found: list[str] = []

    def resolving(settings: Settings) -> list[Problem]:
        declared = [*settings.applications, *settings.application_sets]
        seen = coverage(settings.dns, settings.git.public_hosts, declared)
        found.extend(seen.warnings)
        return [*seen.problems]

    def installable(settings: Settings) -> list[Problem]:
        problem = chart_problem(settings.argocd.chart)
        return [problem] if problem else []

    try:
        settings = load_settings(_sections(content), file, (*CHECKS, installable, resolving))
    except SettingsError as error:
        problems += error.problems
        settings = None
    if problems or settings is None:
        return Result(sorted(problems, key=lambda it: (bool(it.file), it.file, it.line, it.column)))
    notes = [
        *_aliases(root),
        *([_ONLY_IN_A_PREVIEW] if settings.discover else ()),
        *warnings(settings),
        *found,
    ]
    return Result([], notes, settings)


def _no_config(root: yaml.Node) -> Problem:
    line, column = position_of(root, ["config"])
    return Problem(
        (),
        "there is no configuration",
        "Pulumi would take every section of this program for absent",
        "write config: with the sections below it; examples/Pulumi.page.yaml is one to copy",
        line or 1,
        column or 1,
    )


def _sections(content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key.removeprefix(f"{PROJECT}:"): with_placeholders(value)
        for key, value in content["config"].items()
        if key.startswith(f"{PROJECT}:") and value is not None
    }


def _of_the_frame(root: yaml.Node) -> Iterator[Problem]:
    """Yield what is wrong outside of the sections."""
    known = ["config", *OF_PULUMI]
    for name in merged(root):
        if name not in known:
            fix = f"write {name} below config:" if name.startswith(f"{PROJECT}:") else nearest(name, known)
            what = f"there is no key {name!r} at the top of a stack file"
            yield Problem((), what, "Pulumi would ignore it", fix, *position_of(root, [name]))
    found = child(root, "config")
    config = found[1] if found else None
    for name in merged(config):
        if ":" not in name:
            yield Problem(
                (),
                f"{name!r} has no namespace",
                f"Pulumi would take it for a setting of this program only because it is called {PROJECT}",
                f"write {PROJECT}:{name}: in place of {name!r}:",
                *position_of(config, [name]),
            )
        elif meant := _meant(name):
            yield Problem(
                (),
                f"{name!r} is not {meant!r}",
                "Pulumi would take it for another program's configuration, and this one would not see it",
                f"write {meant}: in place of {name!r}:",
                *position_of(config, [name]),
            )


def _meant(name: str) -> str:
    """Return the section that `name` is probably meant for, where its namespace is misspelt; "" otherwise."""
    namespace, _, section = name.partition(":")
    sections = [str(field.alias) for field in Settings.model_fields.values()]
    meant = near(section, sections)
    return f"{PROJECT}:{meant}" if meant and namespace != PROJECT and near(namespace, [PROJECT]) else ""


def _aliases(root: yaml.Node) -> Iterator[str]:
    """Yield a warning if the file has anchors, which Pulumi does not keep."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen and not isinstance(node, yaml.ScalarNode):
            yield (
                f"line {position(node)[0]}: the anchor here works, but `pulumi config set` writes its "
                f"aliases out in full. What projects have in common is better said in {PROJECT}:defaults"
            )
            return
        seen.add(id(node))
        waiting += (
            node.value if isinstance(node, yaml.SequenceNode) else [value for _, value in entries(node)]
        )


def as_text(path: Path, result: Result, *, colour: bool) -> str:
    """Return what a person reads of a result."""
    paint = partial(painted, colour=colour)
    parts = []
    for problem in result.problems:
        numbers = (str(number) for number in (problem.line, problem.column) if number)
        place = ":".join([problem.file or str(path), *numbers])
        key = f" {problem.named}" if problem.path else ""
        head = paint(printable(place), _BOLD) + printable(key)
        parts.append(f"{head}\n{tell(problem.what, problem.why, problem.fix)}")
    parts += [f"{paint('warning:', _YELLOW)} {printable(warning)}" for warning in result.warnings]
    count = len(result.problems)
    if result.settings:
        applications = result.applications
        parts.append(
            f"{paint('fine:', _GREEN)} {path}: {applications} Application{'s' * (applications != 1)}, "
            f"DNS strategy {result.settings.dns.strategy}"
        )
    else:
        parts.append(paint(f"{count} mistake{'s' * (count != 1)}", _RED) + f" in {path}")
    return "\n\n".join(parts)


def _as_json(path: Path, result: Result) -> str:
    problems = [
        {**asdict(problem), "path": problem.where, "file": problem.file or str(path)}
        for problem in result.problems
    ]
    for problem in problems:
        del problem["place"]
    return json.dumps({"file": str(path), "problems": problems, "warnings": list(result.warnings)}, indent=2)


def settings_of(stack: str) -> Settings | None:
    """Return the settings of a stack; None if its file has mistakes, which is printed then."""
    settings = check(stack_path(stack)).settings
    if settings is None:
        failed(f"the stack file has mistakes: make check STACK={stack}")
    return settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the stack that the command line names; returns the exit code."""
    parser = stack_parser("check", "Check a stack file before anything runs.", formats=True)
    chosen = parser.parse_args(arguments)
    path = stack_path(chosen.stack)
    result = check(path)
    if chosen.format == "json":
        print(_as_json(path, result))
    else:
        print(as_text(path, result, colour=sys.stdout.isatty()))
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
