"""The question survives its way through the engine's state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.proof.question import Host, Question

WORDS = st.lists(st.text(), max_size=3).map(tuple)
HOSTS = st.lists(st.builds(Host, st.text(), WORDS, WORDS, st.text(), st.text()), max_size=3).map(tuple)


@given(st.builds(Question, st.text(), st.text(), HOSTS, st.floats(0, 3600)))
def test_a_question_comes_back_as_it_was_and_is_always_written_the_same(question: Question) -> None:
    assert Question.from_json(question.to_json()) == question
    assert Question.from_json(question.to_json()).to_json() == question.to_json()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"context": "c", "namespace": "n", "hosts": [1]}']
)
def test_another_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Question.from_json(text)
