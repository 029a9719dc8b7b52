"""Whether the cluster has the nodes that a highly available Argo CD insists on."""

from __future__ import annotations

from typing import Any

import pytest

from components.argocd.requirements import takes_no_pods, worker_problem
from tests.argocd.options import argocd

READY = {"conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}]}


def node(name: str, spec: Any = None, status: Any = READY) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec, "status": status}


THREE = [node("a"), node("b"), node("c")]


def test_three_nodes_that_take_pods_are_enough() -> None:
    assert worker_problem(argocd(highAvailability=True), THREE) is None


def test_the_sites_two_nodes_are_too_few_and_those_left_out_are_named_with_the_reason() -> None:
    nodes = [node("gateway-1"), node("gateway-2"), node("control-1", {"unschedulable": True})]
    told = worker_problem(argocd(highAvailability=True), nodes)
    assert told is not None
    assert told.where == "protobox-cd:argocd.highAvailability"
    assert "needs 3 nodes that take pods, and the cluster has 2 (gateway-1, gateway-2)" in told.what
    assert told.fix.endswith("Not counted: control-1 is cordoned")


def test_a_cluster_without_any_node_is_told_so() -> None:
    told = worker_problem(argocd(highAvailability=True), [])
    assert told is not None
    assert "has 0 (none)" in told.what
    assert told.fix.endswith("or add nodes.")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "highAvailability": True,
            "values": {"redis-ha": {"hardAntiAffinity": False, "haproxy": {"hardAntiAffinity": False}}},
        },
        {
            "highAvailability": True,
            "values": {"redis-ha": {"enabled": False}, "externalRedis": {"host": "r"}},
        },
        {
            "highAvailability": True,
            "values": {"redis-ha": {"hardAntiAffinity": False, "haproxy": {"enabled": False}}},
        },
    ],
)
def test_nobody_counts_nodes_where_nothing_insists_on_them(options: dict[str, Any]) -> None:
    assert worker_problem(argocd(**options), []) is None


@pytest.mark.parametrize(
    "redis", [None, "odd", {"hardAntiAffinity": False}, {"haproxy": None}, {"haproxy": {"enabled": False}}]
)
def test_the_rule_holds_as_long_as_one_part_insists(redis: Any) -> None:
    assert worker_problem(argocd(highAvailability=True, values={"redis-ha": redis}), [node("a")]) is not None


@pytest.mark.parametrize(
    ("spec", "status", "reason"),
    [
        ({}, READY, ""),
        ({"taints": [{"key": "slow", "effect": "PreferNoSchedule"}]}, READY, ""),
        ({"unschedulable": True}, READY, "is cordoned"),
        (
            {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]},
            READY,
            "has the taint node-role.kubernetes.io/control-plane",
        ),
        (None, {"conditions": [{"type": "Ready", "status": "Unknown"}]}, "is not ready"),
        ({}, None, "is not ready"),
    ],
)
def test_a_node_object_tells_whether_it_takes_pods(
    spec: dict[str, Any] | None, status: dict[str, Any] | None, reason: str
) -> None:
    assert takes_no_pods(node("worker", spec, status)) == reason
