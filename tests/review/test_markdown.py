from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from components.stackfile.printable import printable
from review.markdown import code, details, fence, html_code, plain, table, without_ansi
from tests.review import rendered
from tests.review.built import HOSTILE

anything = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.sampled_from("`|\\ \n/@#<>&;:-*_[]()!ab1"), max_size=30)
)
seen = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)


def squeezed(text: str) -> str:
    return re.sub(r"[\s`]", "", text)


@given(seen)
@example("a`b|c\\|d")
def test_inline_code_shows_the_text_and_nothing_else(text: str) -> None:
    shown = code(text)
    assert rendered.text(shown).strip() == (" ".join(text.split()) or '""')
    assert rendered.tags(shown) <= {"code"}


@given(seen.filter(lambda text: "`" not in text and "**" not in text))
@example("a|b &amp; <c>")
def test_a_terminal_shows_what_a_browser_does(text: str) -> None:
    assert plain(code(text)).strip() == (" ".join(text.split()) or '""')


@given(anything)
def test_code_stands_in_a_table_cell_without_leaving_it(text: str) -> None:
    shown = table(["one", "two"], [[code(text), "after"], ["next", "row"]])
    assert [len(row) for row in rendered.rows(shown)] == [2, 2, 2]
    assert rendered.rows(shown)[1][1] == "after"


@given(anything)
def test_a_code_block_holds_its_text_whatever_it_is(text: str) -> None:
    shown = fence(text, "diff")
    ((language, content),) = rendered.blocks(shown)
    assert language == "diff"
    lines = without_ansi(text).split("\n")
    assert [line.removeprefix(" ") for line in content.splitlines()] == [
        printable(line).removeprefix(" ") for line in lines
    ]
    assert not rendered.QUICK_ACTION.search(shown)


def test_a_long_block_says_how_much_is_left_out() -> None:
    shown = fence("\n".join(map(str, range(1200))), most=200)
    assert rendered.blocks(shown)[0][1].count("\n") == 200
    assert shown.endswith("*1,000 more lines are left out.*")


def test_a_line_without_an_end_is_cut() -> None:
    assert len(fence("x" * 10_000_000)) < 1000
    assert code("x" * 10_000_000) == f"`{'x' * 99}…`"


@given(anything)
def test_what_is_folded_up_stays_folded_up(text: str) -> None:
    shown = details(html_code(text), fence(text)) + "\n\nafter"
    assert rendered.tags(shown) == {"details", "summary", "code"}
    assert len(rendered.blocks(shown)) == 1
    assert "after" in rendered.outside_of_code(shown)
