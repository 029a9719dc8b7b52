"""The guard before the deletion of Applications, on a machine that must not ask the cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from components.cluster.errors import ClusterError
from components.projects.guard import FinalizerGuardProvider

PLACE: dict[str, Any] = {"context": "nowhere", "namespace": "argocd", "stack": "dev"}
GUARD = FinalizerGuardProvider()


@pytest.mark.parametrize(
    "act",
    [
        lambda: GUARD.create(PLACE),
        lambda: GUARD.update("argocd", PLACE, PLACE),
        lambda: GUARD.delete("argocd", PLACE),
    ],
)
def test_offline_nothing_is_changed_so_that_a_destroy_stops_at_its_first_step(
    act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    with pytest.raises(ClusterError, match="PROTOBOX_OFFLINE is set"):
        act()


def test_with_the_cluster_it_is_created_without_asking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROTOBOX_OFFLINE", raising=False)
    assert GUARD.create(PLACE).id == "argocd"
