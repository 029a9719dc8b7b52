from __future__ import annotations

import time

import pytest

from lab.dns.asking import NO_ANSWER, Answer, ask
from lab.endpoints import Endpoint, free_port
from lab.errors import LabError


def test_silence_is_an_answer_of_its_own_after_a_bounded_time() -> None:
    began = time.monotonic()
    assert ask(Endpoint("127.0.25.10", free_port("127.0.25.10")), "git.protobox", seconds=0.3) == Answer(
        NO_ANSWER
    )
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("name", "rdtype"), [("git..protobox", "A"), ("git.protobox", "ADDRESS"), ("x" * 64, "A")]
)
def test_what_dns_cannot_be_asked_is_told(name: str, rdtype: str) -> None:
    with pytest.raises(LabError, match="DNS cannot be asked for"):
        ask(Endpoint("127.0.0.1", 1), name, rdtype, seconds=0.3)


def test_an_answer_reads_like_the_line_that_a_person_expects() -> None:
    assert str(Answer("NOERROR", ("192.168.1.7",))) == "NOERROR 192.168.1.7"
    assert str(Answer("NXDOMAIN")) == "NXDOMAIN"
