"""Ask many questions at once over UDP, and say what was answered in a form that can be compared."""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

SILENCE = "SILENCE"
PATIENCE = (0.5, 1.0, 3.0)
"""How long is waited for all answers, in seconds; what is missing then is asked again."""
_AT_ONCE = 100


class Question(NamedTuple):
    """One question to one server, from one address."""

    server: str
    port: int
    client: str
    name: str
    rdtype: str

    def __str__(self) -> str:
        return f"{self.name} {self.rdtype} asked of {self.server}:{self.port} from {self.client}"


class Answer(NamedTuple):
    """What came back: TTL, order and what is not in the answer section do not count."""

    rcode: str
    records: tuple[str, ...] = ()
    """Type and data; the owner before them where it is not the name that was asked for."""

    @property
    def is_positive(self) -> bool:
        """Whether somebody had an answer to the question itself."""
        return self.rcode == "NOERROR" and bool(self.records)

    def __str__(self) -> str:
        if self.rcode == "NOERROR" and not self.records:
            return "NODATA"
        return " ".join([self.rcode, *self.records])


def ask(questions: Sequence[Question], patience: Sequence[float] = PATIENCE) -> list[Answer]:
    """Return the answers in the order of the questions; those that time out are asked again."""
    found: dict[int, Answer] = {}
    for seconds in patience:
        missing = [number for number in range(len(questions)) if number not in found]
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            found |= _ask({number: questions[number] for number in some}, seconds)
    return [found.get(number, Answer(SILENCE)) for number in range(len(questions))]


def _ask(questions: dict[int, Question], seconds: float) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        sockets: dict[str, socket.socket] = {}
        for number, question in questions.items():
            source = "::1" if ":" in question.server else question.client
            if source not in sockets:
                family = socket.AF_INET6 if ":" in source else socket.AF_INET
                sockets[source] = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
                sockets[source].bind((source, 0))
                sockets[source].setblocking(False)
                selector.register(sockets[source], selectors.EVENT_READ)
            query = dns.message.make_query(question.name, question.rdtype, id=number)
            with contextlib.suppress(OSError):
                sockets[source].sendto(query.to_wire(), (question.server, question.port))
        end = time.monotonic() + seconds
        while len(found) < len(questions):
            ready = selector.select(max(end - time.monotonic(), 0))
            if not ready and time.monotonic() >= end:
                break
            for key, _ in ready:
                found |= _received(key.fileobj, questions)
    return found


def _received(from_: object, questions: dict[int, Question]) -> dict[int, Answer]:
    if not isinstance(from_, socket.socket):
        raise TypeError("a socket was registered")
    with contextlib.suppress(OSError, dns.exception.DNSException):
        wire = from_.recv(65535)
        message = dns.message.from_wire(wire, ignore_trailing=True, raise_on_truncation=False)
        if message.id in questions:
            return {message.id: comparable(message, questions[message.id].name)}
    return {}


def comparable(message: dns.message.Message, name: str) -> Answer:
    """Return what counts of `message`, the answer to a question for `name`."""
    asked = dns.name.from_text(name)
    records = []
    for rrset in message.answer:
        owner = "" if rrset.name == asked else f"{rrset.name} "
        kind = dns.rdatatype.to_text(rrset.rdtype)
        records += [f"{owner}{kind} {rdata.to_text()}" for rdata in rrset]
    if message.question and message.question[0].name != asked:
        records.append(f"for the question {message.question[0].name}")
    return Answer(dns.rcode.to_text(message.rcode()), tuple(sorted(records)))
