from __future__ import annotations

from components.cluster.objects import live_object


def test_a_finalizer_of_kubernetes_itself_is_waited_for_by_nobody() -> None:
    # A run that was killed while it deleted leaves the first one, until the garbage collector comes.
    argo_cds = "resources-finalizer.argocd.argoproj.io"
    metadata = {"name": "argo-gone", "finalizers": ["foregroundDeletion", argo_cds, "orphan"]}
    assert live_object({"metadata": metadata}).finalizers == (argo_cds,)
