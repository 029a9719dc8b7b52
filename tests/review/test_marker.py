from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.marker import END, Marker, above, below, framed, inside, read_marker

texts = st.text(st.characters(exclude_categories=["Cs"]))
markers = st.builds(
    Marker,
    kind=st.sampled_from(["preview", "drift"]),
    stack=texts.filter(bool),
    pipeline=st.integers(0, 10**17),
)


def test_a_marker_reads_as_a_comment_that_nobody_sees() -> None:
    assert str(Marker("preview", "dev", 12)) == "<!-- protobox-cd:preview stack=dev pipeline=12 -->"


@given(marker=markers, body=texts, person=texts)
@example(marker=Marker("drift", "a --> b\n", 1), body="", person="")
def test_a_marker_is_read_back_whatever_the_stack_is_called(marker: Marker, body: str, person: str) -> None:
    text = framed(marker, body, person)
    assert read_marker(text) == marker
    assert str(marker).count("-->") == 1


@given(marker=markers, body=texts, person=texts)
@example(marker=Marker("preview", "dev", 1), body=f"a diff with\n{END}\nin it", person="mine")
@example(marker=Marker("preview", "dev", 1), body="", person=f"\nquoted: {END}\nand more")
def test_what_a_person_wrote_below_our_last_line_is_found_again(
    marker: Marker, body: str, person: str
) -> None:
    text = framed(marker, body, person)
    assert below(text) == person
    assert inside(framed(marker, inside(text))) == inside(text)


@given(marker=markers, body=texts, person=texts.filter(lambda text: not read_marker(f"{text}\n")))
@example(marker=Marker("preview", "dev", 1), body="", person=f"\nquoted: {END}\n> and more")
def test_what_a_person_wrote_above_our_marker_is_found_again(marker: Marker, body: str, person: str) -> None:
    text = framed(marker, body, above=f"{person}\n")
    assert above(text) == f"{person}\n"
    assert read_marker(text) == marker
    assert inside(text) == inside(framed(marker, body))


@given(texts)
@example("<!-- protobox-cd:preview stack=dev pipeline=" + "9" * 5000 + " -->")
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = read_marker(text)
    assert found is None or "<!-- protobox-cd:" in text
    assert len(above(text)) + len(inside(text)) + len(below(text)) <= len(text)


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
    text = framed(Marker("preview", "dev", 3), "our part", "\nmine").replace("\n", "\r\n")
    assert read_marker(text) == Marker("preview", "dev", 3)
    assert below(text).strip() == "mine"
