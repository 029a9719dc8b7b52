"""A cluster with Applications as Argo CD leaves them, as data for the tests of `make status`."""

from __future__ import annotations

from typing import Any

from components.cluster.objects import MARK
from components.stackfile.merging import deep_merge

COMMIT = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"
MOMENT = "2026-01-02T00:00:00Z"
NO_SUCH_HOST = (
    "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown "
    'desc = failed to list refs: Get "http://git.protobox/gitlab/protobox1/docserver.git/info/refs": dial '
    "tcp: lookup git.protobox on 169.254.25.10:53: no such host"
)


def application(name: str = "argo-docserver", *, stack: str = "prod", **status: Any) -> dict[str, Any]:
    """Return a synced and healthy Application with something else in its status."""
    usual = {
        "reconciledAt": MOMENT,
        "sync": {"status": "Synced", "revision": COMMIT},
        "health": {"status": "Healthy", "lastTransitionTime": MOMENT},
        "history": [{"revision": COMMIT, "deployedAt": "2026-01-01T22:00:00Z"}],
    }
    metadata = {"name": name, "namespace": "argocd", "annotations": {MARK: stack} if stack else {}}
    return {"metadata": metadata, "status": deep_merge(usual, status)}


def failing(name: str, message: str = NO_SUCH_HOST) -> dict[str, Any]:
    """Return an Application that Argo CD cannot compare."""
    condition = {"type": "ComparisonError", "message": message, "lastTransitionTime": MOMENT}
    return application(name, conditions=[condition], sync={"status": "Unknown"})
