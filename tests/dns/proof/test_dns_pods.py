from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.dns.proof.dns_pods import DnsPod, dns_pods
from tests.dns.proof.dns_pod import pod

PROJECTED = {"projected": {"sources": [{"secret": {}}, {"configMap": {"name": "coredns"}}]}}


def found(*pods: dict[str, Any], keys: tuple[str, ...] = ("Corefile",)) -> list[DnsPod]:
    return list(dns_pods(pods, "coredns", keys).values())


def test_a_pod_is_found_by_what_it_mounts_and_not_by_its_name() -> None:
    (seen,) = found(pod("dns-autoscaler-1", "dns-autoscaler"), pod("my-resolver"))
    assert (seen.name, seen.container, set(seen.config_maps)) == ("my-resolver", "coredns", {"coredns"})


@pytest.mark.parametrize("volume", [{"configMap": {"name": "coredns"}}, PROJECTED])
def test_a_volume_may_show_all_keys_or_be_put_together(volume: dict[str, Any]) -> None:
    assert len(found(pod(volume=volume))) == 1


def test_a_pod_that_mounts_other_keys_does_not_matter() -> None:
    assert found(pod(), keys=("Corefile-second",)) == []


def test_a_volume_that_no_container_mounts_does_not_matter() -> None:
    assert found(pod(mount={"name": "token"})) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"phase": "Succeeded"},
        {"phase": "Failed"},
        {"metadata": {"deletionTimestamp": "2026-11-28T20:00:00Z"}},
    ],
)
def test_a_pod_that_ends_or_has_ended_does_not_matter(changed: dict[str, Any]) -> None:
    assert found(pod(**changed)) == []


def test_a_file_that_is_mounted_by_sub_path_never_changes() -> None:
    (seen,) = found(pod(mount={"subPath": "Corefile"}))
    assert seen.by_sub_path


@pytest.mark.parametrize(
    ("changed", "reads"),
    [
        ({"age": 1000}, False),
        ({"age": 5}, True),  # a new pod
        ({"age": 5, "ready": False}, False),
        ({"age": 5, "running_for": None}, False),
        ({"age": 1000, "running_for": 5}, True),  # it has waited for its first start
        ({"age": 1000, "running_for": 5, "restarts": 1}, False),  # perhaps on the volume as it was
    ],
)
def test_what_has_started_since_the_write_has_read_the_new_text(changed: dict[str, Any], reads: bool) -> None:
    (seen,) = found(pod(**changed))
    assert seen.reads_since(datetime.now(UTC) - timedelta(seconds=30)) == reads


def test_a_restart_after_the_kubelets_time_has_read_the_new_text() -> None:
    (seen,) = found(pod(running_for=5, restarts=1))
    assert seen.reads_since(datetime.now(UTC) - timedelta(seconds=130))
