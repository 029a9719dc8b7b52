"""`make rights STACK=prod`: a service account with exactly the rights that a run of a stack needs.

`RULES` is the whole list. `tests/engine/test_rights.py` runs with exactly these rights, and compares them
with the API server's audit log.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from components.argocd.values import value_at
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.settings import Settings
from tools.check import settings_of
from tools.command_line import stack_parser

_DNS = "kube-system"
_ARGO, _RBAC, _NET = "argoproj.io", "rbac.authorization.k8s.io", "networking.k8s.io"
_GATEWAY = "gateway.networking.k8s.io"
_CHANGE = "get create patch delete"
_BROUGHT_ALONG = """\
# This brings the namespace {} along, in which the service account lives. Applied before the first `up`, that
# finds a namespace that it has not made, and stops until the stack file says that it may take it over:
#   protobox-cd:argocd: {{adopt: true}}"""


@dataclass(frozen=True)
class Rule:
    """Verbs on resources, as a rule of Kubernetes' RBAC has them; all texts are lists, parted by spaces."""

    verbs: str
    group: str
    """The API group, "" for the core."""
    resources: str
    namespace: str = ""
    """The namespace, "" for resources without one."""
    names: str = ""
    """The objects that are needed, "" for all."""


@dataclass(frozen=True)
class Right:
    """One verb on one kind of resource."""

    verb: str
    group: str
    resource: str
    """The plural, with a subresource behind a slash: `pods/exec`."""
    namespace: str = ""
    name: str = ""

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


_ALWAYS = ""
RULES = (
    ("preview", _ALWAYS, Rule("get", "", "namespaces", names="HERE")),
    ("preview", _ALWAYS, Rule("get list", "", "secrets", "HERE")),  # Helm keeps its releases in Secrets
    ("preview", _ALWAYS, Rule("list", "apps", "deployments statefulsets", "HERE")),
    ("preview", _ALWAYS, Rule("get list", _ARGO, "applications appprojects", "HERE")),
    ("preview", "application sets", Rule("get list", _ARGO, "applicationsets", "HERE")),
    ("preview", _ALWAYS, Rule("list", "apiextensions.k8s.io", "customresourcedefinitions")),  # whose they are
    ("preview", "high availability", Rule("list", "", "nodes")),
    ("preview", "layers", Rule("get", "", "namespaces", names=_DNS)),  # the cluster's identity
    ("preview", "layers", Rule("get", "", "configmaps", _DNS, "LAYERS")),
    ("preview", "layers", Rule("list", "", "pods", _DNS)),  # what those that read a Corefile mount
    ("preview", "layers", Rule("get", "", "services", _DNS, "coredns kube-dns")),  # no server of a zone
    ("preview", "layers", Rule("list", "", "services")),  # those that are aliases into a zone
    ("up", "layers", Rule("patch", "", "configmaps", _DNS, "LAYERS")),
    ("up", "layers", Rule("create", "", "configmaps", _DNS)),  # coredns-custom, where a Corefile imports it
    ("up", "layers", Rule("get", "", "pods/log", _DNS)),  # whether a pod has loaded its new Corefile
    ("up", _ALWAYS, Rule("create patch delete", "", "namespaces")),
    ("up", _ALWAYS, Rule(_CHANGE, "", "secrets configmaps services serviceaccounts", "HERE")),
    ("up", _ALWAYS, Rule("watch", "", "secrets", "HERE")),  # until one that goes has gone
    ("up", _ALWAYS, Rule("update", "", "secrets", "HERE")),  # with it Helm notes what became of a release
    ("up", _ALWAYS, Rule(_CHANGE, "apps", "deployments statefulsets", "HERE")),
    ("up", _ALWAYS, Rule("list", "apps", "replicasets", "HERE")),  # whether a Deployment is ready
    ("up", _ALWAYS, Rule(f"{_CHANGE} list watch", "batch", "jobs", "HERE")),  # it makes Redis' password
    ("up", _ALWAYS, Rule(_CHANGE, _NET, "networkpolicies", "HERE")),
    ("up", "ingress", Rule(_CHANGE, _NET, "ingresses", "HERE")),
    ("up", "dns rule", Rule(_CHANGE, "monitoring.coreos.com", "prometheusrules", "HERE")),
    ("up", "gateway", Rule(_CHANGE, _GATEWAY, "httproutes", "HERE")),
    ("up", "gateway for grpc", Rule(_CHANGE, _GATEWAY, "grpcroutes", "HERE")),
    ("up", "gateway with tls", Rule(_CHANGE, _GATEWAY, "backendtlspolicies", "HERE")),
    ("up", _ALWAYS, Rule(_CHANGE, _RBAC, "roles rolebindings", "HERE")),
    ("up", _ALWAYS, Rule("escalate bind", _RBAC, "roles", "HERE")),
    ("up", "cluster roles", Rule(_CHANGE, _RBAC, "clusterroles clusterrolebindings")),
    # Argo CD's own role allows everything, which only somebody may hand out who may escalate, and bind.
    ("up", "cluster roles", Rule("escalate bind", _RBAC, "clusterroles")),
    ("up", "crds", Rule("get create patch", "apiextensions.k8s.io", "customresourcedefinitions")),
    ("up", _ALWAYS, Rule(f"{_CHANGE} watch", _ARGO, "applications", "HERE")),
    ("up", "application sets", Rule(f"{_CHANGE} watch", _ARGO, "applicationsets", "HERE")),
    ("up", "app projects", Rule(f"{_CHANGE} watch", _ARGO, "appprojects", "HERE")),
    ("up", "verdict", Rule("list", "", "pods", "HERE")),  # whether anybody compares Applications
    ("up", "proof", Rule("list", "", "services", _DNS)),  # which DNS layer has answered
    ("up", "proof", Rule("list", "", "pods", "HERE")),  # those of the Deployment that dials Git
    ("up", "proof", Rule("get create", "", "pods/exec", "HERE")),  # by WebSocket, which begins with a GET
)
"""Who needs it (`up` needs what a preview needs, too), when, and what; HERE is Argo CD's namespace."""


def rules(settings: Settings, purpose: str) -> list[Rule]:
    """Return what the user of the stack's kube-context must be allowed."""
    argocd, dns = settings.argocd, settings.dns
    layers = ""
    if isinstance(dns, ClusterDnsSettings):
        caches = "" if dns.nodelocaldns == "skip" else " nodelocaldns node-local-dns"
        layers = f"coredns coredns-custom{caches}"
    holds = {
        _ALWAYS: True,
        "application sets": any(files.application_sets for files in settings.manifests),
        "app projects": bool(settings.app_projects),
        "high availability": argocd.high_availability,
        "layers": bool(layers),
        "ingress": bool(argocd.ingress),
        "dns rule": argocd.alerts_of_dns,
        "gateway": bool(argocd.gateway),
        "gateway for grpc": bool(argocd.gateway and argocd.gateway.grpc_hostname),
        "gateway with tls": bool(argocd.gateway and argocd.gateway.backend_tls),
        "cluster roles": value_at(argocd.values, "createClusterRoles") is not False,
        "crds": value_at(argocd.values, "crds", "install") is not False,
        "proof": bool(dns.proof_seconds),
        "verdict": bool(settings.discover)
        or any(each.options.wait != "none" for each in settings.applications),
    }
    words = {"HERE": argocd.namespace, "LAYERS": layers}
    found = [
        replace(
            rule, namespace=words.get(rule.namespace, rule.namespace), names=words.get(rule.names, rule.names)
        )
        for who, when, rule in RULES
        if who in {"preview", purpose} and holds[when]
    ]
    return found + [
        Rule("get", "", "secrets", existing.namespace or argocd.namespace, existing.name)
        for existing in settings.credentials.existing().values()
    ]


def rights_needed(settings: Settings, purpose: str) -> list[Right]:
    """Return the rules as single rights, each once."""
    return list(
        dict.fromkeys(
            Right(verb, rule.group, resource, rule.namespace, name)
            for rule in rules(settings, purpose)
            for resource in rule.resources.split()
            for name in rule.names.split() or [""]
            for verb in rule.verbs.split()
        )
    )


def told(rights: Iterable[Right]) -> list[str]:
    """Return rights in words, together for each resource: `get, patch configmaps coredns in kube-system`."""
    verbs: dict[str, list[str]] = {}
    for right in rights:
        named = f" {right.name}" if right.name else ""
        group = f".{right.group}" if right.group else ""
        place = f" in {right.namespace}" if right.namespace else ""
        verbs.setdefault(f"{right.resource}{group}{named}{place}", []).append(right.verb)
    return [f"{', '.join(found)} {resource}" for resource, found in verbs.items()]


def manifest(settings: Settings, purpose: str, user: str = "") -> list[dict[str, Any]]:
    """Return a service account with exactly these rights, and what gives them to it."""
    user = user or f"protobox-{purpose}"
    here = settings.argocd.namespace
    granted: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for rule in dict.fromkeys(rules(settings, purpose)):
        named = {"resourceNames": rule.names.split()} if rule.names else {}
        granted[rule.namespace].append(
            {
                "apiGroups": [rule.group],
                "resources": rule.resources.split(),
                **named,
                "verbs": rule.verbs.split(),
            }
        )
    core = {"apiVersion": "v1"}
    found: list[dict[str, Any]] = [
        {**core, "kind": "Namespace", "metadata": {"name": here}},
        {**core, "kind": "ServiceAccount", "metadata": {"name": user, "namespace": here}},
    ]
    for namespace, listed in granted.items():
        kind = "Role" if namespace else "ClusterRole"
        metadata = {"name": user, **({"namespace": namespace} if namespace else {})}
        rbac = {"apiVersion": f"{_RBAC}/v1", "metadata": metadata}
        subject = {"kind": "ServiceAccount", "name": user, "namespace": here}
        role = {"apiGroup": _RBAC, "kind": kind, "name": user}
        found.append({**rbac, "kind": kind, "rules": listed})
        found.append({**rbac, "kind": f"{kind}Binding", "roleRef": role, "subjects": [subject]})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the manifest for the stack on the command line; returns the exit code."""
    parser = stack_parser("rights", "Print the rights that a stack needs.")
    parser.add_argument("--for", dest="purpose", choices=["up", "preview"], default="up")
    chosen = parser.parse_args(arguments)
    settings = settings_of(chosen.stack)
    if settings is None:
        return 1
    if not settings.argocd.adopt:
        print(_BROUGHT_ALONG.format(settings.argocd.namespace))
    print(yaml.safe_dump_all(manifest(settings, chosen.purpose), sort_keys=False), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
