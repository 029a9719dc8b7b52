"""A deletion that waits for a finalizer is told, what it waits for and how to get out."""

from __future__ import annotations

from components.cluster.objects import LiveObject
from components.projects.finalizers import waiting

CASCADE = "resources-finalizer.argocd.argoproj.io"
GOING = LiveObject("argo-a", finalizers=(CASCADE,), deleting=True)
STAYING = LiveObject("argo-b", finalizers=(CASCADE,))


def test_it_is_told_after_half_a_minute_and_then_once_a_minute() -> None:
    since: dict[str, float] = {}
    told: dict[str, float] = {}
    seconds = [
        now for now in range(0, 200, 10) if list(waiting([GOING, STAYING], now, since, told, "argocd"))
    ]
    assert seconds == [30, 90, 150]


def test_it_says_what_it_waits_for_and_how_to_get_out() -> None:
    (line,) = waiting([GOING], 40.0, {"argo-a": 5.0}, {}, "argocd")
    assert "argo-a has been waiting for 35 s" in line
    assert CASCADE in line
    assert (
        """kubectl -n argocd patch application argo-a --type merge -p '{"metadata":{"finalizers":null}}'"""
        in line
    )
