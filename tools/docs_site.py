"""MkDocs' hooks for `make docs`: the site has the README, examples and schema too, and all links work.

In the repository the links lead from file to file, as GitLab follows them. On the site README.md is the first
page, and everything below `docs/` is at the top.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath, relpath
from typing import Any

_BESIDE = ("*.md", "LICENSE", "examples/**/*", "schema/*.json")
_LINK = re.compile(r"(?<=\]\()[^)\s#:]+(?=[)#\s])")


def on_files(files: Any, config: Any) -> Any:
    """Add to the site what is not below `docs/`."""
    from mkdocs.structure.files import File  # noqa: PLC0415  # only there where a site is built

    for source in beside(_root(config)):
        path = str(_root(config) / source)
        files.append(File.generated(config, place_on_site(source), abs_src_path=path))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ARG001
    """Let the links of a page lead where the files are on the site."""
    source = Path(page.file.abs_src_path).relative_to(_root(config))
    return with_links_of_the_site(markdown, source.as_posix())


def beside(root: Path) -> list[str]:
    """Return the files that the site has besides those below `docs/`."""
    found = {path for pattern in _BESIDE for path in root.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(root).as_posix() for path in found)


def place_on_site(source: str) -> str:
    """Return where a file of the repository is on the site."""
    if source.startswith("README."):
        return "index." + source.removeprefix("README.")
    return source.removeprefix("docs/")


def with_links_of_the_site(markdown: str, source: str) -> str:
    """Return the text of the page `source`, with the repository's links made the site's."""
    page = PurePosixPath(place_on_site(source)).parent

    def moved(link: re.Match[str]) -> str:
        return relpath(place_on_site(normpath(join(dirname(source), link[0]))), page)

    return _LINK.sub(moved, markdown)


def _root(config: Any) -> Path:
    return Path(config.config_file_path).parent
