"""Previews built for a test, as the engine prints them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from review.changes import Preview
from review.digest import parse_preview
from review.words import Kind

HOSTILE = (
    "`back`ticks``",
    "pipe|pipe\\|pipe",
    "</details><script>alert(1)</script>",
    "<!-- protobox-cd -->",
    "@all please approve #1 !2 ~label %m &3 $4 :tada: [x](http://evil) ![i](http://evil)",
    "/close",
    "text\n/close\n/label ~done\n```\n/merge\n````\n</details>\n/approve",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil\x07link\x1b]8;;\x07",
    "turned \u202e around\u200b",
    "- [ ] task\n1. one\n# head\n===\n---\n> quote\n    indented",
    '%%{init: {}}%% end click subgraph " ] --> #quot;',
    "\ud800",
    "",
)  # fmt: skip
"""Texts that would do something if they were not taken for text."""


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::protobox-cd::protobox-cd:projects:Applications${kind}::{name}"


def step(
    op: str,
    kind: str = Kind.APPLICATION,
    name: str = "argo-docserver",
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a step; `more` are fields of the old state."""
    built: dict[str, Any] = {"op": op, "urn": urn(kind, name), "detailedDiff": None}
    if old is not None:
        built["oldState"] = {"urn": urn(kind, name), "type": kind, "inputs": old, **more}
    if new is not None:
        built["newState"] = {"urn": urn(kind, name), "type": kind, "inputs": new}
    return built


def application(name: str = "argo-docserver", revision: str = "CD", **metadata: Any) -> dict[str, Any]:
    """Return the inputs of an Application."""
    source = {
        "repoURL": f"http://git.protobox/gitlab/protobox1/{name.removeprefix('argo-')}.git",
        "targetRevision": revision,
        "path": "factory/CD/base",
    }
    return {
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", **metadata},
        "spec": {"source": source, "destination": {"server": "https://kubernetes.default.svc"}},
    }


def layer(*servers: str, zone: str = "protobox", **more: Any) -> dict[str, Any]:
    """Return the inputs of a DNS layer."""
    zones = [{"zone": zone, "servers": list(servers), "rewrite": {}, "cacheSeconds": 30, "policy": ""}]
    owned = {"Corefile": [f"{zone}:53"]}
    return {"namespace": "kube-system", "name": "coredns", "zones": zones, "owned": owned, **more}


def answered(*addresses: str, name: str = "git.protobox", **more: Any) -> dict[str, Any]:
    """Return the inputs of a DNS layer that answers a name from hosts entries."""
    zones = [{"zone": name, "addresses": list(addresses), "cacheSeconds": 30}]
    return {**layer(zone=name), "zones": zones, **more}


def document(
    *steps: Mapping[str, Any],
    diagnostics: Sequence[Mapping[str, str]] = (),
    config: Mapping[str, Any] | None = None,
) -> str:
    """Return what `pulumi preview --json` prints for these steps; `config` is section → value."""
    sections = {f"protobox-cd:{name}": json.dumps(value) for name, value in (config or {}).items()}
    content = {
        "config": sections,
        "steps": list(steps),
        "diagnostics": list(diagnostics),
        "duration": 2_500_000_000,
        "changeSummary": {},
    }
    return json.dumps(content, indent=4)


def preview(*steps: Mapping[str, Any], **more: Any) -> Preview:
    """Return a preview of these steps."""
    return parse_preview(document(*steps, **more))
