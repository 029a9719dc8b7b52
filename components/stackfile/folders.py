"""Folders in a repository, as Argo CD takes them."""

from __future__ import annotations

from typing import Annotated

from components.stackfile.forms import Form


def _inside(path: str) -> str:
    inside = "/".join(part for part in path.split("/") if part not in {"", ".", ".."})
    return f"write {inside}" if inside else "write ., which is the root itself"


_FOLDER = Form(
    r"(?!/|\.\.(/|$))[\s\S]+",
    "{} is not a folder in the repository",
    "Argo CD takes a path as seen from the repository's root, and refuses one that begins with / or leads "
    "out of the repository",
    _inside,
)
"""Source: Argo CD v3.1.9, `util/app/path/path.go`: "app path is absolute", "app path outside root"."""
require_folder = _FOLDER.require
Folder = Annotated[str, _FOLDER]
