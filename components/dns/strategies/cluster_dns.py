"""What the strategies share that write into the cluster's DNS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from components.dns.hosts.ssh import read_over_ssh
from components.dns.strategies.dns_strategy import VerifiedSettings
from components.dns.zones import AnyZone
from components.stackfile.forms import Form

_TAKEN = Form(
    r"\*|(\*\.)?[^\s.:/*]+(\.[^\s.:/*]+)*\.?",
    "{} is no name, nor `*.` and a zone",
    "names of others are given up one by one, as the preview lists them",
    "copy the name from the preview, for example registry.protobox",
)


def _require_taken(value: str) -> str:
    return _TAKEN.require(value).lower().rstrip(".")


TakenName = Annotated[str, AfterValidator(_require_taken), _TAKEN]
"""A name as a preview lists it, of whatever form: a service record's, one of the cluster's, `*` for any."""


class ClusterDnsSettings(VerifiedSettings):
    """What the strategies have in common that write into the cluster's DNS."""

    nodelocaldns: Literal["auto", "require", "skip"] = "auto"
    """Kubespray's node-local DNS cache answers the pods and never asks CoreDNS for such a zone, so it
    is edited too: `auto` where it exists, `require` fails without it, `skip` never touches it."""
    takes_over: list[TakenName] = Field(default_factory=list, examples=[["registry.protobox"]])
    """Names that somebody else in the cluster's DNS answers today (`hosts`, `rewrite`, a parent zone …), and
    that this stack may answer instead; `*.lab.protobox` is that name and all below it. A preview
    that finds such names stops, and lists them as they have to stand here."""
    cache_seconds: int = Field(default=30, ge=1, le=3600)
    """How long answers are kept, in seconds, also the answer that a name does not exist."""

    as_the_root_block: ClassVar[str] = "its port and `bind`"
    """What a block of ours has in common with that for `.`, in words."""

    def declared_zones(self, hosts: Iterable[str]) -> tuple[AnyZone, ...]:
        """Return the zones to deploy, for tools beside Pulumi; `hosts` are the names that have to resolve.

        Raises:
            SettingsError: a hosts file cannot be read.
        """
        return self.dns_zones(self.read_entries(hosts, read_over_ssh))

    def unknown_offline(self) -> Iterator[str]:
        """Yield that the live Corefiles are not known."""
        yield (
            "the change of kube-system/coredns: shown is the block that will be written, as far as the "
            f"stack file and the state tell; {self.as_the_root_block} are those of the live block for `.`"
        )
        if self.nodelocaldns == "auto":
            yield "the change of kube-system/nodelocaldns: the same, if the cluster has a node-local cache"
        elif self.nodelocaldns == "require":
            yield "the change of kube-system/nodelocaldns: the same"
