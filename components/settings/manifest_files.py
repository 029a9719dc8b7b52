"""The `manifests` section: Application files that the projects carry already, read as they are."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from components.settings import yaml_nodes
from components.settings.base import mistake, mistakes
from components.settings.problems import Key, Problem
from components.settings.stack_yaml import UnreadableError, value_of

API_GROUP = "argoproj.io/"
_MEGABYTE = 1024 * 1024
_DEEPEST = 100
"""No manifest has more levels."""


@dataclass(frozen=True)
class ManifestApplication:
    """An Application as a file has it."""

    file: str
    """The file, as seen from the project's folder."""
    root: yaml.Node
    content: dict[str, Any]
    """The document."""

    def line_of(self, *path: Key) -> int:
        """Return the 1-based line in the file of the deepest part of `path` that is there."""
        return yaml_nodes.line_of(self.root, path) or yaml_nodes.position(self.root)[0]

    def problem(self, path: Sequence[Key], what: str, why: str, fix: str) -> Problem:
        """Return a problem at `path` of the document."""
        return Problem((), what, why, fix, self.line_of(*path), file=self.file)


@dataclass(frozen=True)
class ManifestFiles:
    """What one entry of the section stands for."""

    pattern: str
    applications: tuple[ManifestApplication, ...]


_NOTHING = yaml.ScalarNode(yaml_nodes.NOTHING, "")


class _Loader(yaml.SafeLoader):
    """Reads as kubectl does: what looks like a date stays text."""


_Loader.yaml_implicit_resolvers = yaml_nodes.resolvers_without("timestamp")


def read_manifests(pattern: Any) -> ManifestFiles:
    """Return the Applications in the files that `pattern` means, in the order of their names.

    Those that have been read already are returned as they are.

    Raises:
        PydanticCustomError: there is no such file, or something in one of them is no Application;
            everything that is wrong is in it.
    """
    if isinstance(pattern, ManifestFiles):
        return pattern
    if not isinstance(pattern, str) or not pattern:
        raise PydanticCustomError("string_type", "text is expected")
    found: list[ManifestApplication] = []
    problems: list[Problem] = []
    for file in _files(pattern):
        try:
            found += _applications(file, problems)
        except (yaml.YAMLError, RecursionError) as error:
            problems.append(_unreadable_yaml(file, error))
        except UnreadableError as error:
            problems.append(Problem((), error.what, error.why, error.fix, error.line, error.column, file))
        except (OSError, ValueError) as error:
            problems.append(_unreadable(file, error))
    if problems:
        raise mistakes(problems)
    return ManifestFiles(pattern, tuple(found))


Manifests = Annotated[
    ManifestFiles,
    PlainValidator(read_manifests, json_schema_input_type=str),
    WithJsonSchema({"type": "string", "minLength": 1}),
]
"""A file or a glob, seen from the project's folder."""


def _files(pattern: str) -> list[str]:
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob knows no absolute patterns
    files = sorted(name for name in found if not Path(name).is_dir())
    if files:
        return files
    if os.path.isdir(pattern):  # noqa: PTH112 - Path.is_dir raises for a name that is too long
        raise mistake(
            f"{pattern!r} is a folder",
            "a folder may hold other files than Applications",
            f"name the files in it: {pattern.rstrip('/')}/*.yml",
        )
    raise mistake(
        f"{pattern!r} matches no file; it is seen from {Path.cwd()}",
        "the Applications in it would be missing, and a later `up` would delete them from the cluster",
        "correct the path, or take the entry out",
    )


def _applications(file: str, problems: list[Problem]) -> Iterator[ManifestApplication]:
    """Yield the Applications in `file`; whatever else is in it becomes a problem."""
    for root, content in documents(file):
        problems += [
            Problem((), twice.what, twice.why, twice.fix, twice.line, twice.column, file)
            for twice in yaml_nodes.duplicates(root)
        ]
        if content is not None:  # nothing between two `---`
            yield from _in_document(file, root, content, problems)


def documents(file: str) -> Iterator[tuple[yaml.Node, Any]]:
    """Yield node and value of each document in `file`, as far as they are of a size that can be walked.

    Raises:
        UnreadableError: a document holds itself, or is too deep or too large.
        OSError, ValueError, yaml.YAMLError, RecursionError: the file cannot be read.
    """
    if Path(file).stat().st_size > _MEGABYTE:
        raise ValueError("it is larger than 1 MB")
    loader = _Loader(Path(file).read_text(encoding="utf-8-sig"))
    try:
        while loader.check_node():
            root = loader.get_node() or _NOTHING
            content = value_of(root)  # first: it alone sees how large the document is without its aliases
            _require_shallow(content, root)
            yield root, content
    finally:
        loader.dispose()


def _require_shallow(content: Any, root: yaml.Node) -> None:
    """Refuse what the rest of the program, and Kubernetes, could not walk through."""
    level = [content]
    for _ in range(_DEEPEST):
        held = [value for value in level if isinstance(value, dict | list)]
        level = [below for value in held for below in (value.values() if isinstance(value, dict) else value)]
    if level:
        raise UnreadableError(
            f"a document is nested more than {_DEEPEST} levels deep",
            "no field of an Application is",
            "look for brackets that are not closed",
            *yaml_nodes.position(root),
        )


def _in_document(
    file: str, root: yaml.Node, content: Any, problems: list[Problem]
) -> Iterator[ManifestApplication]:
    kind = content.get("kind") if isinstance(content, dict) else None
    items = yaml_nodes.child(root, "items")
    if kind in ("List", "ApplicationList") and items and isinstance(items[1], yaml.SequenceNode):
        values = content["items"] if isinstance(content["items"], list) else []
        for node, item in zip(items[1].value, values, strict=False):  # they differ if `items` stands twice
            yield from _in_document(file, node, item, problems)
        return
    application = ManifestApplication(file, root, content if isinstance(content, dict) else {})
    if kind != "Application" or not str(content.get("apiVersion")).startswith(API_GROUP):
        problems.append(
            application.problem(
                ["kind"],
                f"this is not an Argo CD Application, but {_called(content)}",
                "only Applications are declared from manifests; anything else would be left out silently",
                "take the document out of the file, or name only the files of Applications",
            )
        )
        return
    yield application


def _called(content: Any) -> str:
    if not isinstance(content, dict):
        return "something without any key"
    kind, version = content.get("kind"), content.get("apiVersion")
    return f"{kind} of {version}" if kind and version else "a document without kind and apiVersion"


def _unreadable_yaml(file: str, error: yaml.YAMLError | RecursionError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error)
    if isinstance(error, RecursionError):
        said = "it is nested too deeply"
    fix = "correct the line"
    if "'\\t'" in said:
        said, fix = "a tab stands where YAML wants spaces", "indent with spaces"
    return Problem(
        (),
        f"the file is not YAML: {said}",
        "its Applications cannot be read",
        fix,
        mark.line + 1 if mark else 0,
        mark.column + 1 if mark else 0,
        file,
    )


def _unreadable(file: str, error: OSError | ValueError) -> Problem:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    if isinstance(error, UnicodeDecodeError):
        reason = f"it is not UTF-8 at byte {error.start}"
    return Problem(
        (),
        f"the file cannot be read: {reason}",
        "its Applications cannot be declared",
        "correct the file or its permissions, or take the entry out",
        file=file,
    )
