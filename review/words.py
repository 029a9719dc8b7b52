"""The resources of a preview in the words of the stack file: project, Application, DNS layer, Argo CD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from review.changes import SECRET_TYPE, Change, Operation, Preview, items, mapping
from review.fields import Difference, differences, value
from review.layers import of_a_layer
from review.markdown import code


class Kind(StrEnum):
    """What a resource is to the user; its value is the type that Pulumi knows, as far as it is one."""

    DNS_LAYER = "pulumi-python:dynamic/coredns:CorefileZones"
    ARGO_CD = "kubernetes:helm.sh/v3:Release"
    NAMESPACE = "kubernetes:core/v1:Namespace"
    CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
    APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
    APP_PROJECT = "kubernetes:argoproj.io/v1alpha1:AppProject"
    SECRET = SECRET_TYPE
    PROOF = "command:local:Command"
    FINALIZER_GUARD = "pulumi-python:dynamic/projects:FinalizerGuard"
    OTHER = "other"


RELEASE = "argocd"
"""The name of Argo CD's Helm release."""

SINGULARS = {
    Kind.DNS_LAYER: "DNS layer",
    Kind.ARGO_CD: "Helm release",
    Kind.NAMESPACE: "namespace",
    Kind.CRD: "CRD",
    Kind.APPLICATION: "Application",
    Kind.APP_PROJECT: "AppProject",
    Kind.SECRET: "Secret",
    Kind.PROOF: "proof that the names resolve",
    Kind.FINALIZER_GUARD: "last look before a deletion",
    Kind.OTHER: "other resource",
}
PLURALS = {
    Kind.DNS_LAYER: "DNS layers",
    Kind.ARGO_CD: "Helm releases",
    Kind.NAMESPACE: "namespaces",
    Kind.CRD: "CRDs",
    Kind.APPLICATION: "Applications",
    Kind.APP_PROJECT: "AppProjects",
    Kind.SECRET: "Secrets",
    Kind.PROOF: "proofs",
    Kind.FINALIZER_GUARD: "finalizer guards",
    Kind.OTHER: "other resources",
}
MARKS = {
    Operation.DELETE: "- delete",
    Operation.REPLACE: "± replace",
    Operation.CHANGE: "~ change",
    Operation.ADD: "+ add",
    Operation.ADOPT: "↧ adopt",
    Operation.READ: "○ read",
}
_NAMELESS = {Kind.PROOF, Kind.FINALIZER_GUARD}
_SECRETS = {
    "argocd-repo-creds-": "credential template",
    "argocd-repo-": "repository",
    "argocd-cluster-": "cluster",
}
"""How the name of a declared Secret begins → what it is in the stack file."""
_MOST_FIELDS = 6
_IN_CLUSTER = "https://kubernetes.default.svc"


def kind(change: Change) -> Kind:
    """Return what a resource is to the user."""
    return Kind(change.type) if change.type in set(Kind) else Kind.OTHER


def object_name(change: Change) -> str:
    """Return the name that the object has in the cluster, as far as it is known."""
    inputs = inputs_of(change)
    named = mapping(inputs.get("metadata")).get("name") or inputs.get("name")
    return named if isinstance(named, str) else change.name


def inputs_of(change: Change) -> Mapping[str, Any]:
    """Return the inputs of what is meant: those before the change of what goes, else those after it."""
    goes = change.operation in {Operation.DELETE, Operation.REPLACE}
    return (change.old or change.new) if goes else (change.new or change.old)


def project_of(application: str, preview: Preview) -> str:
    """Return the project that declares an Application, "" where it is not known.

    Of one that goes, the stack file says nothing any more; then its name tells, unless it was chosen.
    """
    start = "argo-"
    guess = application.removeprefix(start) if application.startswith(start) else ""
    return preview.projects.get(application, guess)


def subject(change: Change, preview: Preview) -> str:
    """Return what is changed, as Markdown: project `docserver` → Application `argo-docserver`."""
    name, one = object_name(change), kind(change)
    if one is Kind.ARGO_CD and name == RELEASE:
        return "Argo CD"
    if one is Kind.SECRET:
        start = next((start for start in _SECRETS if name.startswith(start)), "")
        return f"{_SECRETS.get(start, SINGULARS[one])} {code(name.removeprefix(start))}"
    if one is Kind.APPLICATION and (project := project_of(name, preview)):
        return f"project {code(project)} → {SINGULARS[one]} {code(name)}"
    if one is Kind.OTHER:
        return f"{code(change.type)} {code(name)}"
    return SINGULARS[one] if one in _NAMELESS else f"{SINGULARS[one]} {code(name)}"


def explanation(change: Change) -> str:
    """Return as Markdown what exactly happens to a resource."""
    retained = change.retained and change.operation is Operation.DELETE
    parts = ["it stays in the cluster; only this stack forgets it"] if retained else list(_parts(change))
    shown, more = parts[:_MOST_FIELDS], len(parts) - _MOST_FIELDS
    return "; ".join([*shown, *([f"and {more} more fields"] if more > 0 else [])])


def _parts(change: Change) -> Iterator[str]:
    inputs, is_new = inputs_of(change), change.operation in {Operation.ADD, Operation.ADOPT}
    match kind(change):
        case Kind.DNS_LAYER:
            yield from of_a_layer(change)
        case Kind.PROOF:
            if change.operation is not Operation.DELETE:
                yield "`up` asks for the names from within the cluster"
        case Kind.APPLICATION if is_new:
            yield from _of_an_application(inputs)
        case Kind.APPLICATION if change.operation is Operation.DELETE:
            cascade = mapping(inputs.get("metadata")).get("finalizers")
            yield (
                "Argo CD **deletes its workload too** (`cascade`)"
                if cascade
                else "its workload keeps running"
            )
        case Kind.ARGO_CD if is_new:
            yield f"chart {value(inputs.get('chart'))} {value(inputs.get('version') or 'newest')}"
            yield f"namespace {value(inputs.get('namespace'))}"
        case Kind.ARGO_CD if change.operation is Operation.DELETE:
            kept = "the CRDs go too" if takes_crds_along(change) else "the CRDs stay"
            yield f"everything that its chart has installed goes; {kept}"
        case Kind.NAMESPACE if change.operation is Operation.DELETE:
            yield "everything in it goes too"
        case Kind.SECRET if is_new:
            yield "its content is secret"
        case _:
            yield from _of_fields(differences(change))


def takes_crds_along(change: Change) -> bool:
    """Tell whether Helm deletes Argo CD's CRDs: the chart drops them, and has not marked them to stay."""
    if kind(change) is not Kind.ARGO_CD or _of_crds(change.old).get("keep") is not False:
        return False
    is_off = change.operation is Operation.CHANGE and _of_crds(change.new).get("install") is False
    return is_off or change.operation in {Operation.DELETE, Operation.REPLACE}


def _of_crds(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the chart is told about its CRDs."""
    return mapping(mapping(inputs.get("values")).get("crds"))


def _of_fields(found: Sequence[Difference]) -> Iterator[str]:
    """Yield the differences; those of a release's values are shown as a diff of their own."""
    values = [one for one in found if one.path.startswith("values")]
    yield from (str(one) for one in found if one not in values)
    if values:
        yield f"values: {len(values)} {'entry differs' if len(values) == 1 else 'entries differ'}, see below"


def _of_an_application(inputs: Mapping[str, Any]) -> Iterator[str]:
    spec = mapping(inputs.get("spec"))
    sources = [one for one in map(mapping, [spec.get("source"), *items(spec.get("sources"))]) if one]
    for source in sources[:1]:
        yield value(source.get("repoURL"))
        for field, name in (("targetRevision", "revision"), ("path", "path"), ("chart", "chart")):
            if source.get(field):
                yield f"{name} {value(source[field])}"
    if len(sources) > 1:
        yield f"and {len(sources) - 1} more sources"
    destination = mapping(spec.get("destination"))
    place = destination.get("name") or destination.get("server")
    if place not in {None, _IN_CLUSTER}:
        yield f"deployed to {value(place)}"
    if destination.get("namespace"):
        yield f"namespace {value(destination['namespace'])}"
