"""What a person wants to read after `make up`: the name before and after, what was edited, what to try."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lab.dns.asking import Answer

COREFILE_ZONES = "pulumi-python:dynamic/coredns:CorefileZones"
RELEASE = "kubernetes:helm.sh/v3:Release"
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
_WIDTH_WITHOUT_A_TERMINAL = 120


def terminal() -> Console:
    """Return a console of the terminal's width, at most as wide as a person reads well."""
    columns = shutil.get_terminal_size((_WIDTH_WITHOUT_A_TERMINAL, 40)).columns
    return Console(width=min(columns, _WIDTH_WITHOUT_A_TERMINAL), highlight=False)


def show_report(
    console: Console,
    answers: Mapping[str, tuple[Answer, Answer]],
    resources: Sequence[Mapping[str, Any]],
    hints: Sequence[tuple[str, str]],
) -> None:
    """Print the report.

    Args:
        console: where to.
        answers: DNS layer → its answer for git.protobox before and after.
        resources: the stack's state.
        hints: commands to try, each with what it shows.
    """
    parts: list[RenderableType] = [
        Text("git.protobox, asked as a pod asks", style="bold"),
        _answers(answers),
        Text("\nWhat was edited in the cluster", style="bold"),
        _edited(resources),
        Text("\nApplications in Argo CD", style="bold"),
        _applications(resources),
        Text("  Nobody compares them: the lab plays no Argo CD; `make demo` runs the real one", "dim"),
        Text("\nTry next: `make shell`, and in it", style="bold"),
        _hints(hints),
    ]
    console.print(Panel(Group(*parts), title="protobox-cd: the site of stack local", title_align="left"))


def edited(resource: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a resource changed in the cluster, as (object, what): only DNS layers and the Release."""
    outputs = resource.get("outputs") or {}
    if resource["type"] == COREFILE_ZONES:
        name = f"{outputs['namespace']}/{outputs['name']}"
        if not outputs["present"]:
            return [(name, "not in this cluster, nothing to do")]
        rows = [(name, f"{key}: + {' '.join(blocks)}") for key, blocks in outputs["owned"].items()]
        rows += [(name, f"{key}: {' '.join(b)} was there already") for key, b in outputs["left"].items()]
        return rows
    if resource["type"] == RELEASE:
        release = (resource.get("inputs") or {}).get("name", "")
        aliases = ((outputs.get("values") or {}).get("global") or {}).get("hostAliases") or []
        return [(f"Release {release}", f"hosts entry {a['ip']} {' '.join(a['hostnames'])}") for a in aliases]
    return []


def _answers(answers: Mapping[str, tuple[Answer, Answer]]) -> Table:
    table = _table("DNS layer", "before this up", "after it")
    for layer, (before, after) in answers.items():
        table.add_row(layer, _coloured(before), _coloured(after))
    return table


def _coloured(answer: Answer) -> Text:
    return Text(str(answer), style="green" if answer.addresses else "red")


def _edited(resources: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("object", "what")
    rows = [row for resource in resources for row in edited(resource)]
    for where, what in rows or [("nothing", "every name resolves already, says the strategy none")]:
        table.add_row(where, what)
    return table


def _applications(resources: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("name", "repository", "revision", "path")
    for resource in resources:
        if resource["type"] == APPLICATION:
            inputs = resource["inputs"]
            source = inputs["spec"]["source"]
            table.add_row(
                inputs["metadata"]["name"], source["repoURL"], source["targetRevision"], source["path"]
            )
    return table


def _hints(hints: Sequence[tuple[str, str]]) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2))
    for command, meaning in hints:
        table.add_row(Text(command, style="cyan"), meaning)
    return table


def _table(*headers: str) -> Table:
    table = Table(*headers, box=None, padding=(0, 2), header_style="dim")
    for column in table.columns:
        column.overflow = "fold"
    return table
