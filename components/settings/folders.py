"""Folders in a repository, as Argo CD takes them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from components.settings.base import mistake
from components.settings.forms import Form

_FOLDER = Form(
    r"(?!/|\.\.(/|$))[\s\S]+",
    "A folder as seen from the repository's root is expected, without / in front, such as deploy",
)


def require_folder(path: str) -> str:
    """Return `path`, if it can be a folder in a repository.

    Source: Argo CD v3.1.9, `util/app/path/path.go`: "app path is absolute", "app path outside root".
    """
    if not _FOLDER.fits(path):
        inside = "/".join(part for part in path.split("/") if part not in {"", ".", ".."})
        raise mistake(
            f"{path!r} is not a folder in the repository" if path else "a folder's path is expected here",
            "Argo CD takes a path as seen from the repository's root, and refuses one that begins with / or "
            "leads out of the repository",
            f"write {inside or '.'}" + ("" if inside else ", which is the root itself"),
        )
    return path


Folder = Annotated[str, AfterValidator(require_folder), _FOLDER.field]
