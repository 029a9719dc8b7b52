"""Applications that a real Argo CD is asked about: wrong ones with its own words, and unusual right ones."""

from __future__ import annotations

from typing import Any

from components.stackfile.merging import deep_merge

_REPOSITORY = "http://git.protobox/gitlab/protobox1/docserver.git"
_SOURCE = {"repoURL": _REPOSITORY, "targetRevision": "CD", "path": "factory/CD/base"}
_REF = {"repoURL": _REPOSITORY, "targetRevision": "CD", "ref": "values"}
_HERE = "https://kubernetes.default.svc"


def application(metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """Return the page's Application with something else in its metadata or spec; None takes a field out."""
    usual = {"project": "default", "source": _SOURCE, "destination": {"server": _HERE, "namespace": "docs"}}
    merged = {key: value for key, value in deep_merge(usual, spec).items() if value is not None}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "asked", "namespace": "argocd", **(metadata or {})},
        "spec": merged,
    }


def _source(**fields: Any) -> dict[str, Any]:
    """Return a source that has `fields`; None takes one out."""
    return {key: value for key, value in {**_SOURCE, **fields}.items() if value is not None}


def _only(**fields: Any) -> dict[str, Any]:
    """Return an Application whose source is this one and no other."""
    made = application(source=None)
    made["spec"]["source"] = _source(**fields)
    return made


def _sources(*sources: dict[str, Any]) -> dict[str, Any]:
    return application(source=None, sources=list(sources))


def _policy(**fields: Any) -> dict[str, Any]:
    return application(syncPolicy=fields)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a destination named twice": (
        application(destination={"name": "in-cluster"}),
        "can't have both name and server",
    ),
    "a destination without a cluster": (
        application(destination={"server": ""}),
        "Destination server missing",
    ),
    "an unknown cluster by name": (
        application(destination={"server": "", "name": "edge"}),
        "there are no clusters with this name: edge",
    ),
    "an unknown cluster by server": (application(destination={"server": "https://10.9.9.9"}), "10.9.9.9"),
    "an unknown AppProject": (application(project="metier"), "metier"),
    "no source": (application(source=None), "source.repoURL and either"),
    "neither path nor chart": (_only(path=None), "either spec.source.path or spec.source.chart are required"),
    "no path in one of several": (
        _sources(_SOURCE, _source(path=None)),
        "source.path, source.chart, or source.ref",
    ),
    "an absolute path": (_only(path="/factory/CD/base"), "app path is absolute"),
    "a path out of the repository": (_only(path="../factory"), "app path outside root"),
    "a ref twice": (_sources(_SOURCE, _REF, _REF), "multiple sources had the same `ref` key"),
    "a ref with a blank": (
        _sources(_SOURCE, {**_REF, "ref": "a b"}),
        "cannot contain any special characters",
    ),
    "helm and kustomize": (
        _only(helm={"releaseName": "a"}, kustomize={"namePrefix": "b"}),
        "multiple application sources defined",
    ),
    "directory and plugin": (
        _only(directory={"recurse": True}, plugin={"name": "a"}),
        "multiple application sources defined",
    ),
    "a name in capitals": (application({"name": "Asked"}), "a lowercase RFC 1123"),
    "no name": (application({"name": ""}), "name"),
    "a label with a blank": (application({"labels": {"team": "a b"}}), "a valid label must be"),
    "a key of a label": (application({"labels": {"-team": "a"}}), "Invalid value"),
    "a key of an annotation": (application({"annotations": {"a b": "c"}}), "Invalid value"),
    "a finalizer with a blank": (application({"finalizers": ["a b"]}), "Invalid value"),
    "another namespace": (application({"namespace": "team-docs"}), "app is not allowed in project"),
    "a number as a parameter": (
        _only(helm={"parameters": [{"name": "a", "value": 33336}]}),
        "cannot unmarshal number",
    ),
    "a text as a truth value": (_policy(automated={"prune": "true"}), "prune"),
    "a text as a number": (_policy(retry={"limit": "5"}), "limit"),
    "a list as a mapping": (application(destination=None, info={"a": "b"}), "info"),
    "a repository without .git": (_only(repoURL=_REPOSITORY.removesuffix(".git")), "repository"),
    "a host that nobody knows": (
        _only(repoURL=_REPOSITORY.replace("git.protobox", "git.example")),
        "no such host",
    ),
    "a port in the short form": (
        _only(repoURL="git@git.protobox:2222/protobox1/docserver.git"),
        "error creating SSH agent",
    ),
    "a text as a list": (_policy(syncOptions="CreateNamespace=true"), "cannot unmarshal string"),
    "a number as a label": (application({"labels": {"a": 5}}), "cannot unmarshal number"),
    "a list as a destination": (application(destination=["in-cluster"]), "cannot unmarshal array"),
}
"""What is wrong → the Application, and a piece of what Argo CD, or the API server behind it, says."""

RIGHT: dict[str, dict[str, Any]] = {
    "the page's own": application(),
    "a final dot": _only(repoURL=_REPOSITORY.replace("protobox/", "protobox./", 1)),
    "a host in capitals": _only(repoURL=_REPOSITORY.replace("git.protobox", "GIT.protobox")),
    "a path with a final slash": _only(path="factory/CD/base/"),
    "a path with a dot": _only(path="./factory/CD/base"),
    "the repository's root": _only(path="."),
    "a path that leads up and down": _only(path="factory/CI/../CD/base"),
    "a full reference": _only(targetRevision="refs/heads/CD"),
    "no revision": _only(targetRevision=None),
    "no AppProject": application(project=""),
    "a cluster by name": application(destination={"server": "", "name": "in-cluster"}),
    "no namespace": application(destination={"namespace": ""}),
    "recursion": _only(directory={"recurse": True, "include": "*.yaml", "exclude": "{a,b}.yaml"}),
    "several sources": _sources(_SOURCE, {**_SOURCE, "path": "factory"}),
    "a source for values": _sources(_SOURCE, _REF),
    "one source in a list": _sources(_SOURCE),
    "a source with a name": _sources({**_SOURCE, "name": "manifests"}, {**_REF, "name": "values"}),
    "an empty list of sources": application(sources=[]),
    "labels of every form": application(
        {"labels": {"docs.protobox/Part_of": "a.B-c_d", "empty": "", "x": "1"}}
    ),
    "annotations of any text": application({"annotations": {"Docs.protobox/note": "a b\nc: {}", "b": ""}}),
    "a cascade": application({"finalizers": ["resources-finalizer.argocd.argoproj.io/background"]}),
    "a name with dots": application({"name": "argo.asked-1"}),
    "every sync option": _policy(
        syncOptions=[
            "CreateNamespace=true",
            "Prune=confirm",
            "Validate=false",
            "PrunePropagationPolicy=orphan",
        ]
    ),
    "automation that is off": _policy(automated={"enabled": False, "prune": True, "selfHeal": True}),
    "automation by nothing more": _policy(automated={}),
    "retries without end": _policy(
        retry={"limit": -1, "backoff": {"duration": "90", "maxDuration": "1h30m"}}
    ),
    "metadata of the namespace": _policy(
        syncOptions=["CreateNamespace=true"], managedNamespaceMetadata={"labels": {"team": "docs"}}
    ),
    "differences by jq": application(
        ignoreDifferences=[{"group": "*", "kind": "*", "jqPathExpressions": [".spec.a[] | select(.b)"]}]
    ),
    "differences of managers": application(
        ignoreDifferences=[{"kind": "Service", "managedFieldsManagers": ["kube-controller-manager"]}]
    ),
    "a pointer to a key with a slash": application(
        ignoreDifferences=[{"kind": "Service", "jsonPointers": ["/metadata/labels/a~1b", "/spec"]}]
    ),
    "information and no history": application(
        revisionHistoryLimit=0, info=[{"name": "Page", "value": "http://a"}]
    ),
}
"""What is unusual → the Application."""
