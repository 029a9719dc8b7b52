"""`make rights STACK=prod`: a service account with exactly the rights that a run of a stack needs."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import yaml

from components.settings import Settings
from tools.check import settings_of
from tools.command_line import stack_parser
from tools.rights_needed import rules

_RBAC = "rbac.authorization.k8s.io"
_BROUGHT_ALONG = """\
# This brings the namespace {} along, in which the service account lives. Applied before the first `up`, that
# finds a namespace that it has not made, and stops until the stack file says that it may take it over:
#   protobox-cd:argocd: {{adopt: true}}"""


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
