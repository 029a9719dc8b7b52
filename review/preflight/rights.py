"""Which rights in the cluster a run of a stack needs, derived from its stack file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from components.settings import ForwardSettings, Settings, is_proven
from components.settings.argocd_checks import value_at

DNS_NAMESPACE = "kube-system"
_CHANGING = ("get", "create", "patch", "delete")
_ARGO_CD = "argoproj.io"
_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True)
class Right:
    """One verb on one kind of resource, as Kubernetes' RBAC knows it."""

    verb: str
    group: str
    """The API group, "" for the core."""
    resource: str
    """The plural, with a subresource behind a slash: `pods/exec`."""
    namespace: str = ""
    """The namespace, "" for resources without one."""
    name: str = ""
    """The one object that is needed, "" for all."""

    @property
    def attributes(self) -> dict[str, str]:
        """The right as `resourceAttributes` of an access review."""
        resource, _, subresource = self.resource.partition("/")
        named = {
            "verb": self.verb,
            "group": self.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": self.namespace,
            "name": self.name,
        }
        return {key: value for key, value in named.items() if value}


EVERYTHING = Right("*", "*", "*")
"""What a cluster's administrator may; who has it needs no further question."""


def rights_needed(settings: Settings, purpose: str) -> list[Right]:
    """Return what the user of the stack's kube-context must be allowed; each right once.

    Args:
        settings: the stack's settings.
        purpose: `preview`, which only reads, as does the comparison with the cluster at night, or `up`.
    """
    needed = [*_reading(settings)]
    if purpose == "up":
        needed += [*_changing_dns(settings), *_installing(settings), *_proving(settings)]
    return list(dict.fromkeys(needed))


def told(rights: Iterable[Right]) -> list[str]:
    """Return rights in words, together for each resource: `get, patch configmaps coredns in kube-system`."""
    verbs: dict[str, list[str]] = {}
    for right in rights:
        named = f" {right.name}" if right.name else ""
        group = f".{right.group}" if right.group else ""
        place = f" in {right.namespace}" if right.namespace else ""
        verbs.setdefault(f"{right.resource}{group}{named}{place}", []).append(right.verb)
    return [f"{', '.join(found)} {resource}" for resource, found in verbs.items()]


def _reading(settings: Settings) -> Iterator[Right]:
    argocd = settings.argocd
    namespace = argocd.namespace
    yield Right("get", "", "namespaces", name=namespace)
    yield from _each(("get", "list"), "", ["secrets"], namespace)  # Helm keeps its releases in Secrets
    yield Right("list", "apps", "deployments", namespace)
    yield Right("list", "apps", "statefulsets", namespace)
    yield from _each(("get", "list"), _ARGO_CD, ["applications", "appprojects"], namespace)
    if argocd.high_availability:
        yield Right("list", "", "nodes")
    layers = _config_maps(settings)
    # Where there is no nodelocaldns, it is looked for by the name that other installers give it.
    for name in [*layers, *(["node-local-dns"] if "nodelocaldns" in layers else [])]:
        yield Right("get", "", "configmaps", DNS_NAMESPACE, name)
    if layers:  # the cluster's identity, and what CoreDNS's pods mount
        yield Right("get", "", "namespaces", name=DNS_NAMESPACE)
        yield Right("list", "", "pods", DNS_NAMESPACE)
    for existing in settings.existing_secrets.values():
        yield Right("get", "", "secrets", existing.namespace or namespace, existing.name)


def _changing_dns(settings: Settings) -> Iterator[Right]:
    layers = _config_maps(settings)
    for name in layers:
        yield Right("patch", "", "configmaps", DNS_NAMESPACE, name)
    if layers:  # each pod's log tells whether it has loaded its new Corefile
        yield Right("get", "", "pods/log", DNS_NAMESPACE)


def _installing(settings: Settings) -> Iterator[Right]:
    argocd, namespace = settings.argocd, settings.argocd.namespace
    yield from _each(("create", "patch"), "", ["namespaces"])
    core = ["secrets", "configmaps", "services", "serviceaccounts"]
    yield from _each(_CHANGING, "", core, namespace)
    yield Right("update", "", "secrets", namespace)  # with it Helm notes what became of a release
    yield from _each(_CHANGING, "apps", ["deployments", "statefulsets"], namespace)
    yield from _each(_CHANGING, "batch", ["jobs"], namespace)  # the chart's hook that makes Redis' password
    yield from _each(_CHANGING, "networking.k8s.io", ["networkpolicies"], namespace)
    if argocd.ingress:
        yield from _each(_CHANGING, "networking.k8s.io", ["ingresses"], namespace)
    yield from _each(_CHANGING, _RBAC, ["roles", "rolebindings"], namespace)
    if value_at(argocd.values, "createClusterRoles") is not False:
        yield from _each(_CHANGING, _RBAC, ["clusterroles", "clusterrolebindings"])
        # Argo CD's own role allows everything, which only somebody may hand out who may escalate.
        yield Right("escalate", _RBAC, "clusterroles")
    if value_at(argocd.values, "crds", "install") is not False:
        definitions = ["customresourcedefinitions"]
        yield from _each(("get", "create", "patch"), "apiextensions.k8s.io", definitions)
    yield from _each(_CHANGING, _ARGO_CD, ["applications"], namespace)
    if settings.app_projects:
        yield from _each(_CHANGING, _ARGO_CD, ["appprojects"], namespace)
    yield from _each(("list", "watch"), "", ["pods"], namespace)  # waiting until they are ready


def _proving(settings: Settings) -> Iterator[Right]:
    if is_proven(settings.dns):
        yield Right("get", "", "pods", settings.argocd.namespace)
        yield Right("create", "", "pods/exec", settings.argocd.namespace)


def _config_maps(settings: Settings) -> list[str]:
    if not isinstance(settings.dns, ForwardSettings):
        return []
    return ["coredns"] if settings.dns.nodelocaldns == "skip" else ["coredns", "nodelocaldns"]


def _each(verbs: Sequence[str], group: str, resources: Sequence[str], namespace: str = "") -> Iterator[Right]:
    for resource in resources:
        for verb in verbs:
            yield Right(verb, group, resource, namespace)
