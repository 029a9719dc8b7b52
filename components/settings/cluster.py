"""The `cluster` section: which Kubernetes cluster the stack belongs to."""

from __future__ import annotations

from pydantic import Field

from components.settings.base import Section


class ClusterSettings(Section):
    """The cluster that this stack installs Argo CD in."""

    context: str = Field(min_length=1, examples=["kubernetes-admin@cluster.local"])
    """The kube-context to use. It is required: the current context is never used by accident.
    `kubectl config get-contexts` lists those of your kubeconfig."""
