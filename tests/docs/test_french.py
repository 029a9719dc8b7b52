"""The French pages have the commands, links and sections of the English ones."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, Fence, code, fences, links

PAIRS = [("README.md", "README.fr.md"), ("docs/tutorial.md", "docs/tutorial.fr.md")]
_OTHER_LANGUAGE = re.compile(r"^(?:docs/)?(?:README|tutorial)(?:\.fr)?\.md$")


def without_comments(fence: Fence) -> list[str]:
    """Return the lines of a block as a program reads them."""
    return [line.partition(" #")[0].rstrip() for line in fence.text.splitlines()]


@pytest.mark.parametrize(("english", "french"), PAIRS)
def test_the_blocks_are_the_same_but_for_their_comments(english: str, french: str) -> None:
    assert [without_comments(fence) for fence in fences(french)] == [
        without_comments(fence) for fence in fences(english)
    ]


@pytest.mark.parametrize(("english", "french"), PAIRS)
def test_the_links_lead_to_the_same_pages(english: str, french: str) -> None:
    there, here = (
        {link for link in links(page) if not _OTHER_LANGUAGE.match(link)} for page in (english, french)
    )
    assert here - there == set()
    assert there - here <= {"docs/demo.md"}


@pytest.mark.parametrize(("english", "french"), PAIRS)
def test_there_are_as_many_sections_and_rows(english: str, french: str) -> None:
    texts = [(ROOT / page).read_text(encoding="utf-8") for page in (english, french)]
    for pattern in (r"^#+ ", r"^\| "):
        there, here = (len(re.findall(pattern, text, re.MULTILINE)) for text in texts)
        assert here == there


@pytest.mark.parametrize(("english", "french"), PAIRS)
def test_what_is_code_in_french_is_code_in_english(english: str, french: str) -> None:
    assert {*code(french)} - {*code(english)} - {"preview"} == set()


@pytest.mark.parametrize(("english", "french"), PAIRS)
def test_each_page_leads_to_the_other(english: str, french: str) -> None:
    names = [page.rpartition("/")[2] for page in (english, french)]
    assert names[1] in links(english)
    assert names[0] in links(french)
