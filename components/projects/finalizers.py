"""What to tell when a finalizer waits for an Argo CD that is not there, or that takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock, Thread

from components.cluster.errors import ClusterError
from components.cluster.objects import LiveObject, Mark, waiting_applications
from components.stackfile.printable import say

_FIRST, _AGAIN, _PAUSE = 30.0, 60.0, 10.0
"""After how many seconds a deletion is told, and told again; and how often the cluster is asked."""
_watching = Lock()


def no_controller(idle: str) -> str:
    """Return why an Application with a finalizer cannot be deleted; `idle` is what is wrong with Argo CD."""
    return (
        f"it has a finalizer that asks Argo CD to delete the project's objects first, and {idle}: the "
        "deletion would hang until it times out"
    )


def way_out(names: Sequence[str], namespace: str) -> str:
    """Return the commands that end the waiting of the Applications `names`, either way."""
    return (
        "make Argo CD work again (then the objects are deleted); if it looks at an Application that it is "
        "asked to look at, it works, and this can be run again at once:\n"
        f"  kubectl -n {namespace} scale statefulset argocd-application-controller --replicas 1\n"
        f"  kubectl -n {namespace} annotate application {names[0]} argocd.argoproj.io/refresh=normal "
        "--overwrite\n"
        f"or take the finalizer off (then the objects stay):\n  {take_off(names, namespace)}"
    )


def take_off(names: Sequence[str], namespace: str) -> str:
    """Return the command that takes the finalizers off."""
    nothing = """'{"metadata":{"finalizers":null}}'"""
    return f"kubectl -n {namespace} patch application {' '.join(names)} --type merge -p {nothing}"


def watch(context: str, namespace: str, mark: Mark) -> None:
    """Tell of each deletion that waits for a finalizer, as long as this process of the engine's lives.

    The engine deletes other resources at the same time, and says nothing of what it waits for.
    """
    if not _watching.acquire(blocking=False):
        return  # the engine looks at the guard more than once

    def read() -> list[LiveObject]:
        try:
            return [each for each in waiting_applications(context, namespace) if mark.is_on(each)]
        except ClusterError:
            return []  # whoever needs the cluster tells it

    def work() -> None:
        since: dict[str, float] = {}
        told: dict[str, float] = {}
        while True:
            time.sleep(_PAUSE)
            for line in waiting(read(), time.monotonic(), since, told, namespace):
                say(line)

    Thread(target=work, daemon=True).start()


def waiting(
    found: Iterable[LiveObject], now: float, since: dict[str, float], told: dict[str, float], namespace: str
) -> Iterator[str]:
    """Yield what has to be told of Applications that are being deleted, and remember it.

    `since` and `told` have the seconds at which the deletion of each name was seen first, and told last.
    """
    for each in found:
        if not each.deleting:
            continue
        began = since.setdefault(each.name, now)
        if now - began < _FIRST or now - told.get(each.name, -_AGAIN) < _AGAIN:
            continue
        told[each.name] = now
        yield (
            f"the Application {each.name} has been waiting for {now - began:.0f} s to be deleted, for its "
            f"finalizer {', '.join(each.finalizers)}: Argo CD deletes the project's objects first. To end it "
            f"now (then the objects stay): {take_off([each.name], namespace)}"
        )
