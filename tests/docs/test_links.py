"""No link in the README and the docs leads nowhere, in the repository and on the site."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from posixpath import join, normpath

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links
from tools.docs_site import beside, place_on_site, with_links_of_the_site

_ELSEWHERE = ("http://", "https://", "mailto:")


def broken(page: str) -> list[str]:
    """Return the links of a page that lead to no file, or to no heading of it."""
    return [link for link in links(page) if not link.startswith(_ELSEWHERE) and not _leads(page, link)]


def _leads(page: str, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = normpath(join(PurePosixPath(page).parent, path)) if path else page
    return (ROOT / target).exists() and (not anchor or anchor in anchors(target))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page: str) -> None:
    assert broken(page) == []


def test_the_links_that_are_looked_at_are_those_of_the_pages() -> None:
    assert sum(len(links(page)) for page in PAGES) > 60
    assert "docs/strategies.md" in links("README.md")
    assert "protobox-cd-chart" in anchors("docs/stack-file.md")


@pytest.mark.parametrize("link", ["docs/none.md", "docs/strategies.md#none", "#none"])
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    assert not _leads("README.md", link)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_of_the_site(page: str) -> None:
    below_docs = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*") if path.is_file()]
    on_the_site = {place_on_site(file) for file in [*below_docs, *beside(ROOT)]}
    for link in links(page):
        path = link.partition("#")[0]
        if path and not path.startswith(_ELSEWHERE):
            moved = with_links_of_the_site(f"[x]({path})", page)[4:-1]
            assert normpath(join(PurePosixPath(place_on_site(page)).parent, moved)) in on_the_site, link


def test_the_site_has_each_file_once() -> None:
    places = [place_on_site(file) for file in beside(ROOT)]
    assert len({*places, *(path.name for path in (ROOT / "docs").iterdir())}) == len(places) + len(
        list(Path(ROOT / "docs").iterdir())
    )
