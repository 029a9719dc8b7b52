"""The aliases in a zone file, which lead from one name to another."""

from __future__ import annotations

import dns.exception
import dns.rdatatype
import dns.zone
from dns.rdataset import Rdataset

_ALIASES = {dns.rdatatype.CNAME, dns.rdatatype.DNAME}


def aliases(text: str, origin: str) -> list[tuple[str, str]] | None:
    """Return the name and the target of each alias in a zone file; None if it cannot be read.

    Names have no final dot; that of a DNAME, which stands for every name below it, begins with `*.`.
    """
    try:
        zone = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
    except (dns.exception.DNSException, ValueError):
        return None
    return [
        (_name(str(name), rdataset), str(record.target).rstrip(".").lower())
        for name, rdataset in zone.iterate_rdatasets()
        if rdataset.rdtype in _ALIASES
        for record in rdataset
    ]


def _name(name: str, rdataset: Rdataset) -> str:
    bare = name.rstrip(".").lower()
    return f"*.{bare}" if rdataset.rdtype == dns.rdatatype.DNAME else bare
