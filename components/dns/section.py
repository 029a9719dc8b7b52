"""The `dns` section: how the private Git server's name is made to resolve for Argo CD."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from components.dns.strategies.dns_strategy import DnsStrategy, NoneSettings
from components.dns.strategies.forwarding import ConsulSettings, DnsmasqSettings
from components.dns.strategies.hosts_entries import HostAliasesSettings, HostsStrategySettings

_AnyStrategy = ConsulSettings | DnsmasqSettings | HostsStrategySettings | HostAliasesSettings | NoneSettings
DnsSettings = Annotated[_AnyStrategy, Field(discriminator="strategy")]

STRATEGIES: Mapping[str, type[DnsStrategy]] = {each.name(): each for each in typing.get_args(_AnyStrategy)}
"""Name in the stack file → the class that knows all of the strategy."""
