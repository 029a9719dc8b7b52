from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.texts import END, Marker, framed, parts, read_marker

texts = st.text(st.characters(exclude_categories=["Cs"]))
markers = st.builds(
    Marker,
    kind=st.sampled_from(["preview", "drift"]),
    stack=texts.filter(bool),
    pipeline=st.integers(0, 10**17),
)


def test_a_marker_reads_as_a_comment_that_nobody_sees() -> None:
    assert str(Marker("preview", "dev", 12)) == "<!-- protobox-cd:preview stack=dev pipeline=12 -->"


@given(marker=markers, body=texts)
@example(marker=Marker("drift", "a --> b\n", 1), body="")
def test_a_marker_is_read_back_whatever_the_stack_is_called(marker: Marker, body: str) -> None:
    assert read_marker(framed(marker, body)) == marker
    assert str(marker).count("-->") == 1


unmarked = texts.filter(lambda text: not read_marker(f"{text}\n"))


@given(markers, texts, unmarked, texts)
@example(Marker("preview", "dev", 1), f"a diff with\n{END}\nin it", "", "mine")
@example(Marker("preview", "dev", 1), "", f"quoted: {END}", f"\nquoted: {END}\nand more")
def test_what_a_person_wrote_around_our_part_is_found_again(
    marker: Marker, body: str, above: str, below: str
) -> None:
    text = f"{above}\n{framed(marker, body)}{below}"
    assert parts(text)[::2] == (f"{above}\n", below)
    assert read_marker(text) == marker
    again = framed(marker, parts(text)[1], text)
    assert again == text


@given(texts)
@example("<!-- protobox-cd:preview stack=dev pipeline=" + "9" * 5000 + " -->")
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = read_marker(text)
    assert found is None or "<!-- protobox-cd:" in text
    assert sum(map(len, parts(text))) <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        " <!-- protobox-cd:preview stack=dev pipeline=1 -->",
        "> <!-- protobox-cd:preview stack=dev pipeline=1 -->",
        "`<!-- protobox-cd:preview stack=dev pipeline=1 -->`",
        "<!-- protobox-cd:preview stack=dev pipeline=1 --> and more",
        "<!-- protobox-cd:preview stack=dev pipeline=x -->",
        "<!-- protobox-cd:preview stack= pipeline=1 -->",
        "",
    ],
)
def test_a_marker_that_is_quoted_or_broken_is_none(text: str) -> None:
    assert read_marker(text) is None


def test_line_ends_of_windows_are_no_obstacle() -> None:
    text = f"{framed(Marker('preview', 'dev', 3), 'our part')}\nmine".replace("\n", "\r\n")
    assert read_marker(text) == Marker("preview", "dev", 3)
    assert parts(text)[2].strip() == "mine"
