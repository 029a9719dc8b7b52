"""The `manifests` section: Application files that the projects carry already, read as they are."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from yaml.reader import ReaderError

from components.projects.helm_templates import template_in_node, template_in_text
from components.stackfile import kubectl_yaml, yaml_nodes
from components.stackfile.base import mistake
from components.stackfile.kubectl_yaml import UnreadableError
from components.stackfile.problems import PROJECT, Key, Problem
from components.stackfile.stack_yaml import parser_said, strange_character

API_GROUP = "argoproj.io/"
_KINDS = ("Application", "ApplicationSet")
_LISTS = ("List", "ApplicationList", "ApplicationSetList")
LARGEST = 1024 * 1024
"""No Application file has more bytes."""
_NOT_READ = "its Applications cannot be read"


@dataclass(frozen=True)
class Document:
    """One document of a file, with its lines."""

    file: str
    """The file, as seen from the project's folder."""
    root: yaml.Node
    content: dict[str, Any]
    """The document."""

    def line_of(self, *path: Key) -> int:
        """Return the 1-based line in the file of the deepest part of `path` that is there."""
        return yaml_nodes.position_of(self.root, path)[0] or yaml_nodes.position(self.root)[0]

    def problem(self, path: Sequence[Key], what: str, why: str, fix: str) -> Problem:
        """Return a problem at `path` of the document."""
        return Problem((), what, why, fix, self.line_of(*path), file=self.file)


@dataclass(frozen=True)
class ManifestFiles:
    """What one entry of the section stands for."""

    pattern: str
    applications: tuple[Document, ...]
    application_sets: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is wrong in its files; the Applications are those that can be read all the same."""
    warnings: tuple[str, ...] = ()
    """What else is in the files, and is left out."""


def read_manifests(pattern: Any) -> ManifestFiles:
    """Return the Applications in the files that `pattern` means, in the order of their names.

    Those that have been read already are returned as they are.

    Raises:
        PydanticCustomError: there is no such file.
    """
    if isinstance(pattern, ManifestFiles):
        return pattern
    if not isinstance(pattern, str) or not pattern:
        raise PydanticCustomError("string_type", "text is expected")
    return _together(pattern, [_File(file) for file in _files(pattern)])


def from_text(name: str, text: str) -> ManifestFiles:
    """Return the Applications in a text that is in no file here; `name` is what messages call it."""
    return _together(name, [_File(name, text)])


def _together(pattern: str, read: Sequence[_File]) -> ManifestFiles:
    return ManifestFiles(
        pattern,
        tuple(found for file in read for found in file.applications),
        tuple(found for file in read for found in file.application_sets),
        tuple(found for file in read for found in file.problems),
        tuple(found for file in read for found in file.warnings),
    )


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


def documents(file: str) -> list[tuple[yaml.Node, Any]]:
    """Return node and value of each document in `file`.

    Raises:
        UnreadableError: a document holds itself, is too deep or too large, or is no YAML.
        OSError, ValueError: the file cannot be read.
    """
    if not Path(file).is_file():  # a link to a device has no size, and no end
        raise ValueError("it is no file")
    if Path(file).stat().st_size > LARGEST:
        raise ValueError("it is larger than 1 MB")
    return _documents(Path(file).read_text(encoding="utf-8-sig"))


def _documents(text: str) -> list[tuple[yaml.Node, Any]]:
    try:
        return list(kubectl_yaml.documents(text))
    except ReaderError as error:
        before = text.encode()[: error.position].decode()  # libyaml counts bytes
        raise strange_character(text, len(before), _NOT_READ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise template_in_text(text) or _not_yaml(error) from None


class _File:
    """One file, as it was read: its Applications, what is wrong in it, and what else it has."""

    def __init__(self, file: str, text: str | None = None) -> None:
        self.applications: list[Document] = []
        self.application_sets: list[Document] = []
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self._file = file
        self._others: list[Document] = []
        try:
            for root, content in documents(file) if text is None else _documents(text):
                for twice in yaml_nodes.duplicates(root):
                    self._wrong(twice)
                if content is not None:  # nothing between two `---`
                    self._document(root, content)
        except UnreadableError as error:
            self._wrong(error)
        except (OSError, ValueError) as error:
            self.problems.append(_unreadable(file, error))
        for other in self._others:  # in somebody else's file anything may stand beside the Application
            if (self.applications or self.application_sets) and _is_object(other.content):
                self.warnings.append(_left_out(other))
            else:
                self.problems.append(_no_application(other))

    def _wrong(self, found: UnreadableError | Problem) -> None:
        problem = Problem((), found.what, found.why, found.fix, found.line, found.column, self._file)
        self.problems.append(problem)

    def _document(self, root: yaml.Node, content: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        items = yaml_nodes.child(root, "items")
        if kind in _LISTS and items and isinstance(items[1], yaml.SequenceNode):
            values = content["items"] if isinstance(content["items"], list) else []
            for node, item in zip(items[1].value, values, strict=False):  # `items` may stand twice
                self._document(node, item)
            return
        document = Document(self._file, root, content if isinstance(content, dict) else {})
        if kind not in _KINDS or not str(content.get("apiVersion")).startswith(API_GROUP):
            self._others.append(document)
        elif kind == "ApplicationSet":  # Argo CD fills in what looks like Helm's templates
            self.application_sets.append(document)
        elif error := template_in_node(root):
            self._wrong(error)
        else:
            self.applications.append(document)


_INSTEAD = {
    "AppProject": f"declare it as an entry of {PROJECT}:appProjects",
    "Secret": f"declare repositories in {PROJECT}:repositories, clusters in {PROJECT}:clusters",
}


def _instead(document: Document) -> str:
    """Return how something else than an Application gets into the cluster."""
    apply = f"apply it yourself: kubectl apply --filename {document.file}"
    return _INSTEAD.get(str(document.content.get("kind")), apply)


def _left_out(document: Document) -> str:
    """Return what becomes of a document that stands beside an Application."""
    return (
        f"{document.file}, line {document.line_of()}: the Applications beside it are declared, but not "
        f"{_called(document.content)}. If nobody else does that, {_instead(document)}"
    )


def _no_application(document: Document) -> Problem:
    return document.problem(
        ["kind"],
        f"this is not an Argo CD Application, but {_called(document.content)}",
        "only Applications and ApplicationSets are declared from manifests; all else would be left out",
        f"take the file out of the entry, or the document out of the file; {_instead(document)}",
    )


def _is_object(content: Mapping[str, Any]) -> bool:
    """Tell whether kubectl could create something of the document."""
    return all(isinstance(content.get(key), str) for key in ("apiVersion", "kind"))


def _called(content: Any) -> str:
    if not content:
        return "something without any key"
    kind, version = content.get("kind"), content.get("apiVersion")
    metadata = content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not (kind and version):
        return "a document without kind and apiVersion"
    return f"{kind} {name} of {version}" if isinstance(name, str) else f"{kind} of {version}"


def _not_yaml(error: yaml.YAMLError | RecursionError) -> UnreadableError:
    words, line, column = parser_said(error)
    what, fix = f"the file is not YAML: {words}", "correct the line"
    if "cannot start any token" in words or "a tab character" in words:
        what, fix = "the file is not YAML: a tab stands where YAML wants spaces", "indent with spaces"
    return UnreadableError(what, _NOT_READ, fix, line, column)


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
