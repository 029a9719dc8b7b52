"""`python -m tools.status STACK`: what has become of a stack: its Applications, DNS layers and Argo CD.

It only reads. Ends with 0, with 1 if something is degraded or cannot be asked, and with 2 for a stack file
with mistakes.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.pulumi_command import PulumiError, exported, resources_in
from components.settings import Settings
from tools.check import as_text, check
from tools.command_line import Mark, Row, failed, row_lines, stack_of, stack_parser, stack_path
from tools.images import images_row
from tools.status.applications import ApplicationRow, application_rows, read_applications, table
from tools.status.site import argocd_rows, dns_rows

_PATIENCE = 5.0
_WIDTH_WITHOUT_A_TERMINAL = 110
_MISTAKES = 2


@dataclass(frozen=True)
class Status:
    """What has become of a stack."""

    stack: str
    context: str
    applications: Sequence[ApplicationRow]
    dns: Sequence[Row]
    argocd: Sequence[Row]

    @property
    def is_degraded(self) -> bool:
        """Whether somebody has to look at it."""
        return any(row.error for row in self.applications) or any(
            row.mark is Mark.FAILED for row in (*self.dns, *self.argocd)
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as data for a program."""
        return {
            "stack": self.stack,
            "context": self.context,
            "degraded": self.is_degraded,
            "applications": [row.as_json() for row in self.applications],
            "dns": [asdict(row) for row in self.dns],
            "argocd": [asdict(row) for row in self.argocd],
        }

    def as_text(self, now: datetime, *, width: int, colour: bool, everything: bool) -> str:
        """Return what a person reads."""
        parts = [f"Stack {self.stack}, kube-context {self.context}", ""]
        parts += table(self.applications, now, width=width, colour=colour, everything=everything)
        parts += ["", "DNS", *row_lines(self.dns, width)]
        parts += ["", "Argo CD", *row_lines(self.argocd, width)]
        return "\n".join(parts)


def status_of(settings: Settings, stack: str) -> Status:
    """Look at a stack.

    Raises:
        ClusterError: the context does not exist, or its API server does not answer or forbids it.
    """
    context, declared = settings.cluster.context, settings.applications
    uses = settings.uses
    with Reader(context, _PATIENCE) as reader, ThreadPoolExecutor(2) as pool:
        # First of all it has to be known that somebody answers: then one message is enough.
        there = read_applications(reader, declared, settings.argocd.namespace)
        dns = pool.submit(lambda: dns_rows(settings, stack, uses, _state(stack)))
        argocd = [*argocd_rows(reader, settings), images_row(settings, there)]
        rows = application_rows(declared, there, stack, discovers=bool(settings.discover))
        return Status(stack, context, rows, dns.result(), argocd)


def _state(stack: str) -> Sequence[Mapping[str, Any]]:
    """Return what Pulumi's state has; without it, our blocks are known by their marks alone."""
    try:
        return resources_in(exported(stack))
    except (PulumiError, OSError, ValueError):
        return []


def main(arguments: Sequence[str] | None = None) -> int:
    """Show the stack that the command line names; returns the exit code."""
    parser = stack_parser("status", "Tell what has become of a stack.", formats=True)
    parser.add_argument("--all", action="store_true", help="show every Application, also of many")
    chosen = parser.parse_args(arguments)
    path = stack_path(chosen.stack)
    terminal = sys.stdout.isatty()
    colour = terminal and not os.environ.get("NO_COLOR")
    result = check(path)
    if result.settings is None:
        print(as_text(path, result, colour=False), file=sys.stderr)
        return _MISTAKES
    try:
        found = status_of(result.settings, stack_of(path))
    except ClusterError as error:
        return failed(error)
    if chosen.format == "json":
        print(json.dumps(found.as_json(), indent=2))
    else:
        width = shutil.get_terminal_size().columns if terminal else _WIDTH_WITHOUT_A_TERMINAL
        print(found.as_text(datetime.now(UTC), width=width, colour=colour, everything=chosen.all))
    return 1 if found.is_degraded else 0


if __name__ == "__main__":
    sys.exit(main())
