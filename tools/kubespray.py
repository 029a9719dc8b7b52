"""`make kubespray STACK=prod`: what to add to Kubespray's group_vars, so that it renders the zones itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import yaml

from components.check import check, stack_path
from components.dns.strategy import kubespray_group_vars
from components.dns.zones import forwarded_zones
from components.settings import ForwardSettings


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the variables for the stack on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="kubespray", description="Print group_vars for Kubespray.")
    parser.add_argument("stack", help="a stack's name, or the path of a stack file")
    stack = parser.parse_args(arguments).stack
    settings = check(stack_path(stack)).settings
    if settings is None:
        print(f"error: the stack file has mistakes: make check STACK={stack}", file=sys.stderr)
        return 1
    if not isinstance(settings.dns, ForwardSettings):
        print(f"# the strategy {settings.dns.strategy} forwards no zone: Kubespray has nothing to render")
        return 0
    for name, entries in kubespray_group_vars(forwarded_zones(settings.dns)).items():
        print(yaml.safe_dump({name: entries}, sort_keys=False), end="")  # each alone, since YAML would refer
    return 0


if __name__ == "__main__":
    sys.exit(main())
