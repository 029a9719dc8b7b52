"""What counts of an answer."""

from __future__ import annotations

import dns.message
import dns.rrset
import pytest

from tests.dns.effects.asking import Answer, comparable


def message(*records: str) -> dns.message.Message:
    answer = dns.message.make_response(dns.message.make_query("git.protobox", "A"))
    for record in records:
        owner, ttl, kind, *data = record.split()
        answer.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, " ".join(data)))
    return answer


def test_neither_ttl_nor_order_counts() -> None:
    first = message("git.protobox. 30 A 10.0.0.2", "git.protobox. 30 A 10.0.0.1")
    second = message("git.protobox. 7 A 10.0.0.1", "git.protobox. 7 A 10.0.0.2")
    assert comparable(first, "git.protobox") == comparable(second, "git.protobox")


def test_whose_record_it_is_counts() -> None:
    renamed = comparable(message("git.service.consul. 30 A 10.0.0.1"), "git.protobox")
    assert renamed == Answer("NOERROR", ("git.service.consul. A 10.0.0.1",))
    assert renamed != comparable(message("git.protobox. 30 A 10.0.0.1"), "git.protobox")


def test_an_answer_to_another_question_is_another_answer() -> None:
    assert comparable(message(), "registry.protobox") == Answer(
        "NOERROR", ("for the question git.protobox.",)
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer("NOERROR"), "NODATA"),
        (Answer("NXDOMAIN"), "NXDOMAIN"),
        (Answer("NOERROR", ("A 10.0.0.1",)), "NOERROR A 10.0.0.1"),
    ],
)
def test_an_answer_is_told_in_few_words(answer: Answer, text: str) -> None:
    assert str(answer) == text
