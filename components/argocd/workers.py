"""Whether the cluster has enough nodes for a highly available Argo CD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.argocd.section import ArgoCDSettings
from components.argocd.values import value_at
from components.stackfile.problems import Problem

NODES_NEEDED = 3
"""Redis and its proxy have three pods each, of which no two may share a node (chart argo-cd, README, "High
Availability"; `redis-ha.hardAntiAffinity`)."""

_REPELLING = {"NoSchedule", "NoExecute"}


@dataclass(frozen=True)
class Node:
    """A node of the cluster.

    Attributes:
        name: its name.
        schedulable: whether it takes ordinary pods.
        reason: why it does not, to go on after the name; "" if it does.
    """

    name: str
    schedulable: bool = True
    reason: str = ""


def node_of(manifest: Mapping[str, Any]) -> Node:
    """Return what a Node object (as the API server has it) says about taking ordinary pods."""
    spec, status = manifest.get("spec") or {}, manifest.get("status") or {}
    taints = [taint["key"] for taint in spec.get("taints") or [] if taint.get("effect") in _REPELLING]
    ready = [c["status"] for c in status.get("conditions") or [] if c["type"] == "Ready"]
    if spec.get("unschedulable"):
        reason = "is cordoned"
    elif taints:
        reason = f"has the taint {taints[0]}"
    elif ready != ["True"]:
        reason = "is not ready"
    else:
        reason = ""
    return Node(manifest["metadata"]["name"], not reason, reason)


def worker_problem(settings: ArgoCDSettings, nodes: Sequence[Node]) -> Problem | None:
    """Return why `highAvailability` cannot work with these nodes; None if it can, or is not asked for."""
    if not settings.high_availability or not _insists_on_nodes(settings.values):
        return None
    usable = [node.name for node in nodes if node.schedulable]
    if len(usable) >= NODES_NEEDED:
        return None
    others = "; ".join(
        f"{node.name} {node.reason or 'takes no pods'}" for node in nodes if not node.schedulable
    )
    counted = ", ".join(usable) or "none"
    return Problem(
        ("argocd", "highAvailability"),
        f"highAvailability needs {NODES_NEEDED} nodes that take pods, and the cluster has {len(usable)} "
        f"({counted})",
        "each of the three Redis pods insists on a node of its own, so that one of them would wait for ever, "
        "and the up with it",
        f"take highAvailability out, or add nodes.{f' Not counted: {others}' if others else ''}",
    )


def _insists_on_nodes(values: Mapping[str, Any]) -> bool:
    """Tell whether the chart's hard rule is still on, for the Redis or the proxy that the chart runs."""
    if value_at(values, "redis-ha", "enabled") is False:  # Redis is somewhere else
        return False
    proxy = value_at(values, "redis-ha", "haproxy", "enabled") is not False
    rules = [
        ("redis-ha", "hardAntiAffinity"),
        *([("redis-ha", "haproxy", "hardAntiAffinity")] if proxy else []),
    ]
    return any(value_at(values, *rule) is not False for rule in rules)
