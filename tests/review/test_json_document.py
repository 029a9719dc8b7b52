from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.json_document import CutOffError, objects

scalars: st.SearchStrategy[Any] = st.sampled_from([None, True, -1.5, "", "]", "}{", "é\n", {}, []])
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.sampled_from("ab}"), scalars)
documents = st.dictionaries(st.sampled_from(["a", "b", '"', ":["]), values)


def pieces(document: dict[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in document.items():
        found += [(name, item) for item in value] if isinstance(value, list) else [(name, value)]
    return found


@given(documents, st.sampled_from([None, 4]))
def test_a_document_is_read_piece_by_piece(document: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    assert [list(one) for one in objects(text)] == [pieces(document)]


@given(documents, documents)
def test_what_stands_before_a_document_is_stepped_over(one: dict[str, Any], other: dict[str, Any]) -> None:
    text = f"warning: {{not}} this\n  {{neither}}\n{json.dumps(one)}\n\n{json.dumps(other, indent=4)}\nafter"
    assert [list(found) for found in objects(text)] == [pieces(one), pieces(other)]


@given(documents.filter(bool), st.data())
def test_a_document_that_is_cut_off_says_so(document: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(document, indent=4)
    (found,) = objects(text[: data.draw(st.integers(1, len(text) - 1))])
    with pytest.raises(CutOffError):
        list(found)


@pytest.mark.parametrize(
    "text", ['{"a" 1}', '{"a": 1 "b": 2}', "{1: 2}x", '{"a": [1 2]}', '{"a": nul}', "{,}"]
)
def test_what_is_no_json_says_so(text: str) -> None:
    (found,) = objects(text)
    with pytest.raises(CutOffError):
        list(found)


def test_a_document_nested_too_deep_is_refused() -> None:
    (found,) = objects('{"a": ' + "[" * 2_000_000)
    with pytest.raises(CutOffError):
        list(found)


def test_lines_that_begin_like_a_document_do_not_take_for_ever() -> None:
    assert len(list(objects("{\n" * 100_000))) <= 1000
