"""The strategy `none`."""

from __future__ import annotations

from typing import ClassVar, Literal

from components.dns.hosts.choice import HostsChoice
from components.dns.strategies.dns_strategy import Covered, DnsStrategy


class NoneSettings(DnsStrategy):
    """Do nothing: every repository host already resolves in the cluster."""

    strategy: Literal["none"]
    """none"""

    in_wizard: ClassVar[str] = "every repository host resolves in the cluster already"

    def covered(self, found: HostsChoice) -> Covered | None:  # noqa: ARG002 - there are none
        """Return None: the stack file says that somebody else makes them resolve."""
        return None
