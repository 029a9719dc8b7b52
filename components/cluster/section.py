"""The `cluster` section: which Kubernetes cluster the stack belongs to."""

from __future__ import annotations

from pydantic import Field

from components.stackfile.base import Section


class ClusterSettings(Section):
    """The cluster that this stack installs Argo CD in."""

    context: str = Field(min_length=1, examples=["kubernetes-admin@cluster.local"])
    """The kube-context to use. It is required: the current context is never used by accident.
    `kubectl config get-contexts` lists those of your kubeconfig."""
    stack_identity: str | None = Field(default=None, pattern="^[0-9a-f]{12}$", examples=["5f1c0a9b7d3e"])
    """The identity in the mark on everything that this stack makes, by which it knows its objects again. By
    default it is made of the address of Pulumi's backend and the stack's name; a stack that moves to another
    backend keeps the old one by this key."""
