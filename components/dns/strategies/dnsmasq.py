"""The strategy `dnsmasq`."""

from __future__ import annotations

from typing import ClassVar, Literal

from components.dns.strategies.forwarding import ForwardSettings


class DnsmasqSettings(ForwardSettings):
    """Forward the zones to dnsmasq, which answers from its machine's /etc/hosts."""

    strategy: Literal["dnsmasq"]
    """dnsmasq"""

    in_wizard: ClassVar[str] = (
        "the cluster's DNS forwards a zone to dnsmasq, or to any DNS server on the site"
    )
