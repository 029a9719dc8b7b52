"""`make kubespray STACK=prod`: what to add to Kubespray's group_vars, so that it renders the zones itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import yaml

from components.dns.distributions import kubespray_group_vars
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.stackfile.problems import SettingsError
from tools.check import settings_of
from tools.command_line import failed, stack_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the variables for the stack on the command line; returns the exit code."""
    parser = stack_parser("kubespray", "Print group_vars for Kubespray.")
    stack = parser.parse_args(arguments).stack
    settings = settings_of(stack)
    if settings is None:
        return 1
    if not isinstance(settings.dns, ClusterDnsSettings):
        print(f"# the strategy {settings.dns.strategy} adds nothing to the cluster's DNS: nothing to render")
        return 0
    try:
        zones = settings.dns.declared_zones(settings.uses)
    except SettingsError as error:
        return failed(error)
    if any(zone.servers for zone in zones):
        print(_OF_ZONES)
    for name, entries in kubespray_group_vars(zones).items():
        if isinstance(entries, str):
            print(_OF_HOSTS, f"{name}: |", *(f"  {line}" for line in entries.splitlines()), sep="\n")
        else:
            print(yaml.safe_dump({name: entries}, sort_keys=False), end="")  # each alone, YAML would refer
    return 0


_OF_ZONES = """\
# Zones that these variables have already have to stay beside these: of two variables with one name, Ansible
# takes the last."""
_OF_HOSTS = """\
# Entries for Kubespray's own `hosts` lines, in its blocks for `.` of both layers. Those answer the reverse
# names of these addresses, too. Entries that your dns_etchosts has already have to stay beside them."""


if __name__ == "__main__":
    sys.exit(main())
