"""What every DNS strategy knows: what it deploys, which names it covers, what has to be proven, its words."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from components.dns.hosts.choice import HostsChoice, choose
from components.dns.hosts.hosts_sources import ReadRemote
from components.dns.hosts.section import HostsSettings
from components.dns.proof.question import Host
from components.dns.zones import AnyZone
from components.stackfile.base import Section


class Covered(NamedTuple):
    """The repository hosts that a strategy makes resolve."""

    zones: Sequence[str] = ()
    """These, and all below them."""
    names: Sequence[str] = ()


class DnsStrategy(Section):
    """A way to make names resolve for Argo CD: the keys in the stack file, and what follows from them.

    These methods are those of a strategy that does nothing. A new one is a class in this folder, and a line
    in `components.dns.section`. `found` is what `read_entries` has returned.
    """

    in_wizard: ClassVar[str]
    """What the strategy does, in one line, as `make new` asks for it."""

    @classmethod
    def name(cls) -> str:
        """Return the strategy's name in the stack file."""
        return str(typing.get_args(cls.model_fields["strategy"].annotation)[0])

    @property
    def hosts_section(self) -> HostsSettings | None:
        """Where hosts entries come from, if it needs any."""
        return None

    def read_entries(self, hosts: Iterable[str], remote: ReadRemote | None) -> HostsChoice:
        """Return the hosts entries with which `hosts` have to resolve; none for a strategy that needs none.

        `remote` reads another machine's hosts file; None leaves other machines alone.

        Raises:
            SettingsError: a hosts file cannot be read.
        """
        section = self.hosts_section
        return choose(section, hosts, remote) if section else HostsChoice(())

    def dns_zones(self, found: HostsChoice) -> tuple[AnyZone, ...]:  # noqa: ARG002 - others have zones
        """Return the zones to deploy in the cluster's DNS."""
        return ()

    def pod_entries(self, found: HostsChoice) -> tuple[Mapping[str, Any], ...]:  # noqa: ARG002 - as above
        """Return the `hostAliases` to deploy with Argo CD's Release."""
        return ()

    def covered(self, found: HostsChoice) -> Covered | None:
        """Return what will resolve; None for a strategy that leaves that to others."""
        return Covered(names=[entry.name for entry in found.entries])

    @property
    def proof_seconds(self) -> int:
        """How long `up` tries to prove that the names resolve; 0 for no proof."""
        return 0

    def to_prove(self, host: str, found: HostsChoice) -> Host | None:  # noqa: ARG002 - as above
        """Return how `host` has to resolve, for the proof; None if this strategy does not make it resolve."""
        return None

    def unknown_offline(self) -> Iterator[str]:
        """Yield what a preview that does not ask the cluster cannot know."""
        yield from ()


class VerifiedSettings(DnsStrategy):
    """What all strategies have in common whose effect can be verified."""

    verify: bool = True
    """Whether each `up` that changes DNS or hosts entries proves, in the pod that dials Git, that the names
    resolve, before it declares the Applications. Needs `kubectl` on the machine that runs Pulumi."""
    verify_seconds: int = Field(default=180, ge=1, le=3600)
    """How long that is tried, in seconds: CoreDNS reads a changed Corefile after 30 to 160 seconds."""

    @property
    def proof_seconds(self) -> int:
        """As the stack file says."""
        return self.verify_seconds if self.verify else 0


class NoneSettings(DnsStrategy):
    """Do nothing: every repository host already resolves in the cluster."""

    strategy: Literal["none"]
    """none"""

    in_wizard: ClassVar[str] = "every repository host resolves in the cluster already"

    def covered(self, found: HostsChoice) -> Covered | None:  # noqa: ARG002 - there are none
        """Return None: the stack file says that somebody else makes them resolve."""
        return None
