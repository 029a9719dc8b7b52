"""`python -m review.rights STACK`: the rights in the cluster that a run of a stack needs, as a manifest.

`RULES` is the whole list. `tests/engine/test_rights.py` runs with exactly these rights, and compares them
with the API server's audit log.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from components.check import check, stack_path
from components.projects.declared import declared_applications
from components.settings import ForwardSettings, Settings, is_proven
from components.settings.argocd_checks import value_at

_DNS = "kube-system"
_ARGO, _RBAC, _NET = "argoproj.io", "rbac.authorization.k8s.io", "networking.k8s.io"
_CHANGE = "get create patch delete"


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
    ("up", "proof", Rule("get", "", "pods", "HERE")),
    ("up", "proof", Rule("create", "", "pods/exec", "HERE")),
)
"""Who needs it (`up` needs what a preview needs, too), when, and what; HERE is Argo CD's namespace."""


def rules(settings: Settings, purpose: str) -> list[Rule]:
    """Return what the user of the stack's kube-context must be allowed."""
    argocd, dns = settings.argocd, settings.dns
    layers = ""
    if isinstance(dns, ForwardSettings):
        layers = "coredns" if dns.nodelocaldns == "skip" else "coredns nodelocaldns node-local-dns"
    holds = {
        _ALWAYS: True,
        "application sets": any(files.application_sets for files in settings.manifests),
        "app projects": bool(settings.app_projects),
        "high availability": argocd.high_availability,
        "layers": bool(layers),
        "ingress": bool(argocd.ingress),
        "cluster roles": value_at(argocd.values, "createClusterRoles") is not False,
        "crds": value_at(argocd.values, "crds", "install") is not False,
        "proof": is_proven(dns),
        "verdict": bool(settings.discover)
        or any(each.options.wait != "none" for each in declared_applications(settings)),
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
        for existing in settings.existing_secrets.values()
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
    parser = argparse.ArgumentParser(prog="rights", description="Print the rights that a stack needs.")
    parser.add_argument("stack", help="a stack's name, or the path of a stack file")
    parser.add_argument("--for", dest="purpose", choices=["up", "preview"], default="up")
    chosen = parser.parse_args(arguments)
    settings = check(stack_path(chosen.stack)).settings
    if settings is None:
        print(f"error: the stack file has mistakes: make check STACK={chosen.stack}", file=sys.stderr)
        return 1
    print(yaml.safe_dump_all(manifest(settings, chosen.purpose), sort_keys=False), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
