"""Applications as files have them: rich ones that are right, with up to two things in them replaced."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_URL = "http://git.protobox./gitlab/protobox1/docserver.git"
_HERE = {"server": "https://kubernetes.default.svc", "namespace": "docserver"}
_HELM = {
    "releaseName": "docs",
    "valueFiles": ["values.yaml", "$ARGOCD_APP_NAME/values.yaml"],
    "values": "image: {tag: 1.4}\nports: [22:22, 0o644]\n",
    "parameters": [{"name": "image.tag", "value": "1.4", "forceString": True}],
    "skipCrds": True,
}
_SYNC = {
    "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
    "syncOptions": ["CreateNamespace=true", "PrunePropagationPolicy=orphan", "Prune=confirm"],
    "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
    "managedNamespaceMetadata": {"labels": {"team": "docs"}, "annotations": {"Team.docs/note": "a b"}},
}
_METADATA = {
    "name": "argo-docserver",
    "labels": {"team": "docs", "docs.protobox/Part_of": "a.B-c_d"},
    "annotations": {"notifications.argoproj.io/subscribe.on-sync-failed.email": "docs@protobox"},
    "finalizers": ["resources-finalizer.argocd.argoproj.io"],
}
_DIFFERENCES = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas", "/a~1b"]}]
_KUSTOMIZE = {
    "namePrefix": "a-",
    "images": ["a=b:1"],
    "replicas": [{"name": "a", "count": 2}, {"name": "b", "count": "50%"}],
    "patches": [{"patch": "- op: remove", "target": {"kind": "Service"}}],
}
_SPECS: list[dict[str, Any]] = [
    {"source": {"repoURL": _URL, "path": "deploy", "helm": _HELM}, "syncPolicy": _SYNC},
    {
        "sources": [
            {"repoURL": "registry.protobox/charts", "chart": "web", "targetRevision": "1.0.0", "helm": _HELM},
            {"repoURL": "ssh://git@git.protobox:2222/a/b.git", "ref": "values", "targetRevision": "CD"},
        ],
        "ignoreDifferences": _DIFFERENCES,
        "info": [{"name": "Team", "value": "docs"}],
    },
    {
        "source": {"repoURL": "git@git.protobox:a/b.git", "path": ".", "kustomize": _KUSTOMIZE},
        "revisionHistoryLimit": 3,
    },
]
RIGHT: list[dict[str, Any]] = [
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": _METADATA,
        "spec": {"project": "default", "destination": _HERE, **spec},
    }
    for spec in _SPECS
]
TEXTS = [
    "docserver",
    "a.b",
    "Team",
    "a b",
    "x" * 64,
    "",
    "-a",
    "5",
    "docs@protobox",
    "team/docs",
    "a/b/c",
    "9.1",
]
ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [None, True, False, 0, 7, -1, 1.5, [], {}, ["a"], {"a": "b"}, {"a b": "c"}, [{}], [None]]
    ),
    st.sampled_from(TEXTS),
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


@st.composite
def applications(draw: st.DrawFn) -> dict[str, Any]:
    """Return one of the right ones, with up to two edits."""
    made: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(RIGHT)))
    for _ in range(draw(st.integers(0, 2))):
        parts = [place for place in _places(made) if place[0] in {"metadata", "spec"}]
        *above, last = draw(st.sampled_from(parts))
        held = made
        for key in above:
            held = held[key]
        match draw(st.sampled_from(["replace", "replace", "remove", "add"])):
            case "remove" if isinstance(held, dict):
                del held[last]
            case "add" if isinstance(held, dict):
                held[draw(st.sampled_from([*TEXTS, "path", "server", "name", "prune"]))] = copy.deepcopy(
                    draw(ODD)
                )
            case _:
                held[last] = copy.deepcopy(draw(ODD))
    return made
