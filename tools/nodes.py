"""`make nodes STACK=prod`: what each node needs to pull from registries whose name it does not resolve."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

import yaml

from components.nodes.section import FOLDER, RegistrySettings, hosts_toml, kubespray_registries
from tools.check import settings_of
from tools.command_line import stack_parser

NOTHING = "# nodes.registries is empty: the nodes pull all images from hosts that they resolve by themselves"
_HEAD = """\
# Nothing here is done by `pulumi up`: this program does not touch the nodes. Choose either way.

# 1. Kubespray 2.23 or newer: add this to its group_vars, and run cluster.yml --tags containerd"""
_OLDER = "# Before 2.23 the variable is containerd_insecure_registries: {%s}"
_BY_HAND = """
# 2. By hand, on each node: write these files. containerd reads them at each pull, once its config.toml has
#    [plugins."io.containerd.grpc.v1.cri".registry] config_path = "%s" (Kubespray sets that)."""
_TOKENS = """
# A registry that sends its clients elsewhere for a token, as GitLab's own does, names that place by its
# external URL. Then the node has to know this name, too: a line in /etc/hosts of each node."""


def lines_for(registries: Mapping[str, RegistrySettings]) -> Iterator[str]:
    """Yield what to paste, with where it belongs."""
    yield _HEAD
    if authorities := [f"{host} ({one.ca})" for host, one in registries.items() if one.ca]:
        yield f"#    Kubespray writes no `ca`: the nodes have to trust it already: {', '.join(authorities)}"
    yield yaml.safe_dump(kubespray_registries(registries), sort_keys=False).rstrip()
    if plain := [
        f"{host}: {one.endpoint}" for host, one in registries.items() if one.endpoint.startswith("http:")
    ]:
        yield _OLDER % ", ".join(plain)
    yield _BY_HAND % FOLDER
    for host, one in registries.items():
        yield f"\n# {FOLDER}/{host}/hosts.toml\n{hosts_toml(one).rstrip()}"
    yield _TOKENS


def main(arguments: Sequence[str] | None = None) -> int:
    """Print it for the stack on the command line; returns the exit code."""
    parser = stack_parser("nodes", "Print what nodes need to pull images.")
    stack = parser.parse_args(arguments).stack
    settings = settings_of(stack)
    if settings is None:
        return 1
    registries = settings.nodes.registries
    print("\n".join(lines_for(registries)) if registries else NOTHING)
    return 0


if __name__ == "__main__":
    sys.exit(main())
