"""Ask a DNS server of the lab."""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from lab.endpoints import Endpoint
from lab.errors import LabError

NO_ANSWER = "NO ANSWER"


@dataclass(frozen=True)
class Answer:
    """What a DNS server answered."""

    rcode: str
    """Such as `NOERROR` or `NXDOMAIN`; `NO ANSWER` when nothing came back in time."""
    addresses: tuple[str, ...] = ()
    """The data of the records of the wanted type, sorted; for an A query the addresses."""

    def __str__(self) -> str:
        return f"{self.rcode} {' '.join(self.addresses)}".rstrip()


def ask(server: Endpoint, name: str, rdtype: str = "A", *, seconds: float) -> Answer:
    """Ask `server` for `name`, over UDP and, for a long answer, TCP.

    Raises:
        LabError: that is no name, or no record type.
    """
    try:
        query = dns.message.make_query(name, rdtype)
    except dns.exception.DNSException as error:
        raise LabError(f"DNS cannot be asked for {name!r} ({rdtype}): {error}") from None
    try:
        answer, _ = dns.query.udp_with_fallback(query, server.address, port=server.port, timeout=seconds)
    except (OSError, dns.exception.DNSException):
        return Answer(NO_ANSWER)
    wanted = dns.rdatatype.from_text(rdtype)
    data = [rdata.to_text() for records in answer.answer if records.rdtype == wanted for rdata in records]
    return Answer(dns.rcode.to_text(answer.rcode()), tuple(sorted(data)))
