"""The strategy `consul`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from components.dns.strategies.forwarding import ForwardSettings
from components.dns.zones import in_zone
from components.stackfile.base import mistakes
from components.stackfile.host_names import HostName
from components.stackfile.problems import Problem


class ConsulSettings(ForwardSettings):
    """Forward the zones to Consul's DNS."""

    strategy: Literal["consul"]
    """consul"""
    port: int = Field(default=8600, ge=1, le=65535)
    """The port of Consul's DNS, for servers that name none."""
    rewrite: dict[HostName, HostName] = Field(
        default_factory=dict, examples=[{"git.protobox": "git.service.consul"}]
    )
    """Names to ask Consul for under another name: Consul knows a service as `git.service.consul`,
    never as `git.protobox`. Each of them lies in one of the zones."""

    in_wizard: ClassVar[str] = "the same, to Consul's DNS on port 8600"

    @model_validator(mode="after")
    def _every_rewrite_lies_in_a_zone(self) -> Self:
        zones = [zone.zone for zone in self.zones]
        outside = [name for name in self.rewrite if not any(in_zone(name, zone) for zone in zones)]
        if outside:
            raise mistakes([_outside(name, zones) for name in outside])
        return self

    @property
    def default_port(self) -> int:
        """The port of Consul's DNS."""
        return self.port

    @property
    def rewritten(self) -> Mapping[str, str]:
        """As the stack file says."""
        return self.rewrite


def _outside(name: str, zones: Sequence[str]) -> Problem:
    return Problem(
        ("rewrite", name),
        f"the name {name!r} is in none of the forwarded zones ({', '.join(zones)})",
        "its questions never come to Consul, so that the rewrite would do nothing without a word",
        f"add a zone that has it to protobox-cd:dns.zones, for example {name}, or take this line out",
    )
