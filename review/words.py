"""The resources of a preview in the words of the stack file: project, Application, DNS layer, Argo CD."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from components.argocd.values import value_at as at
from review.changes import Change, Operation, Preview
from review.markdown import code


class Kind(StrEnum):
    """What a resource is to the user; its value is the type that Pulumi knows, as far as it is one."""

    DNS_LAYER = "pulumi-python:dynamic/coredns:CorefileZones"
    ARGO_CD = "kubernetes:helm.sh/v3:Release"
    NAMESPACE = "kubernetes:core/v1:Namespace"
    CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
    APPLICATION_SET = "kubernetes:argoproj.io/v1alpha1:ApplicationSet"
    APP_PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject"
    SECRET = "kubernetes:core/v1:Secret"  # noqa: S105 - a resource type
    PROOF = "command:local:Command"
    FINALIZER_GUARD = "pulumi-python:dynamic/projects:FinalizerGuard"
    COMPARISON = "pulumi-python:dynamic/projects:Comparison"
    OTHER = "other"


WORDS = {
    Kind.DNS_LAYER: "DNS layer",
    Kind.ARGO_CD: "Helm release",
    Kind.NAMESPACE: "namespace",
    Kind.CRD: "CRD",
    Kind.APPLICATION: "Application",
    Kind.APPLICATION_SET: "ApplicationSet",
    Kind.APP_PROJECT: "AppProject",
    Kind.SECRET: "Secret",
    Kind.PROOF: "proof that the names resolve",
    Kind.FINALIZER_GUARD: "last look before a deletion",
    Kind.COMPARISON: "Argo CD's word on the Applications",
    Kind.OTHER: "resource",
}
MARKS = {one: f"{sign} {one}" for one, sign in zip(Operation, "-±~+↧", strict=True)}
QUIET = {Kind.PROOF, Kind.FINALIZER_GUARD, Kind.COMPARISON}
"""What asks, is nothing in the cluster, and has no name for the user."""
_SECRETS = {
    "argocd-repo-creds-": "credential template",
    "argocd-repo-": "repository",
    "argocd-cluster-": "cluster",
}
"""How the name of a declared Secret begins → what it is in the stack file."""


def kind(change: Change) -> Kind:
    """Return what a resource is to the user."""
    return Kind(change.type) if change.type in set(Kind) else Kind.OTHER


def inputs_of(change: Change) -> Mapping[str, Any]:
    """Return the inputs of what is meant: those before the change of what goes, else those after it."""
    goes = change.operation in {Operation.DELETE, Operation.REPLACE}
    return (change.old or change.new) if goes else (change.new or change.old)


def object_name(change: Change) -> str:
    """Return the name that the object has in the cluster, as far as it is known."""
    inputs = inputs_of(change)
    named = at(inputs, "metadata", "name") or inputs.get("name")
    return named if isinstance(named, str) else change.name


def secret_kind(change: Change) -> tuple[str, str]:
    """Return what a Secret is in the stack file, such as a cluster, and its name there."""
    name = object_name(change)
    start = next((start for start in _SECRETS if name.startswith(start)), "")
    return _SECRETS.get(start, WORDS[Kind.SECRET]), name.removeprefix(start)


def subject(change: Change, preview: Preview) -> str:
    """Return what is changed, as Markdown: project `docserver` → Application `argo-docserver`."""
    name, one = object_name(change), kind(change)
    word = WORDS[one]
    match one:
        case Kind.ARGO_CD if name == "argocd":
            return "Argo CD"
        case Kind.SECRET:
            word, name = secret_kind(change)
        case Kind.OTHER:
            word = code(change.type)
        case Kind.APPLICATION:
            # Of one that goes, the stack file says nothing any more; its name does, unless it was chosen.
            guess = name.removeprefix("argo-") if name.startswith("argo-") else ""
            if project := preview.projects.get(name, guess):
                return f"project {code(project)} → {word} {code(name)}"
    return word if one in QUIET else f"{word} {code(name)}"
