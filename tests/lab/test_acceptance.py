"""The lab as a referee: what Argo CD's own CRDs and the API server say of a manifest."""

from __future__ import annotations

import copy
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.resources.core_v1 import ConfigMap, Namespace

from lab.chart import CHART
from lab.control_plane import exists
from lab.lab import Lab
from lab.processes import wait_until
from tests import acceptance

pytestmark = pytest.mark.engine

APPLICATION: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "argo-docserver", "namespace": "argocd"},
    "spec": {
        "project": "default",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "docserver"},
        "source": {
            "repoURL": "http://git.protobox/x.git",
            "path": "base",
            "kustomize": {"patches": [{"target": {"kind": "Deployment"}, "patch": "- op: remove"}]},
        },
        "syncPolicy": {"automated": {"prune": True}, "retry": {"backoff": {"duration": "5s", "factor": 2}}},
    },
}
PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "site", "namespace": "argocd"},
    "spec": {"sourceRepos": ["*"], "syncWindows": [{"kind": "allow", "schedule": "0 22 * * *"}]},
}
GENERATED = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "metadata": {"name": "all", "namespace": "argocd"},
    "spec": {
        "generators": [{"list": {"elements": [{"name": "one"}]}}],
        "template": {"metadata": {"name": "{{name}}"}, "spec": APPLICATION["spec"]},
    },
}
CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "refereed", "namespace": "argocd"},
    "data": {"a": "b"},
}


@pytest.fixture(scope="module")
def referee(lab: Lab) -> Lab:
    acceptance.install_crds(lab)
    return lab


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the Application with one field changed."""
    manifest = copy.deepcopy(APPLICATION)
    *parents, last = path.split(".")
    parent = manifest
    for key in parents:
        parent = parent[key]
    parent[last] = value
    return manifest


@pytest.mark.parametrize(
    "manifest", [APPLICATION, PROJECT, GENERATED, CONFIG_MAP], ids=lambda manifest: manifest["kind"]
)
def test_what_is_right_is_accepted_and_not_written(referee: Lab, manifest: dict[str, Any]) -> None:
    before = copy.deepcopy(manifest)
    assert acceptance.refusal(referee, manifest) == ""
    assert manifest == before
    with referee.client() as client:
        assert not exists(client, ConfigMap, "refereed", "default")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("spec.targetRevison", "CD", ".spec.targetRevison"),
        ("spec.source.kustomise", {}, ".spec.source.kustomise"),
        ("spec.syncPolicy.automated.selfheal", True, ".spec.syncPolicy.automated.selfheal"),
        ("spec.syncPolicy.retry.backoff.factor", "two", "factor"),
        ("spec.project", None, "spec.project"),
        ("metadata.name", "Argo_Docserver", "RFC 1123"),
    ],
)
def test_a_mistake_is_refused_by_name(referee: Lab, path: str, value: Any, words: str) -> None:
    assert words in acceptance.refusal(referee, changed(path, value))


def test_a_misspelt_field_of_a_kind_of_kubernetes_is_refused_too(referee: Lab) -> None:
    assert ".dta" in acceptance.refusal(referee, CONFIG_MAP | {"dta": {}})


def test_a_kind_that_the_cluster_does_not_have_is_refused_by_name(referee: Lab) -> None:
    refusal = acceptance.refusal(referee, PROJECT | {"kind": "AppProjekt"})
    assert 'no matches for kind "AppProjekt" in version "argoproj.io/v1alpha1"' in refusal


@pytest.fixture
def only_while_it_is_needed(referee: Lab) -> Iterator[None]:
    """Take the namespace away afterwards, unless another stack has made it: an `up` would refuse it."""
    with referee.client() as client:
        there = exists(client, Namespace, "argocd")
        yield
        if not there:
            client.delete(Namespace, "argocd")
            assert wait_until(lambda: not exists(client, Namespace, "argocd"), 60)


@pytest.mark.usefixtures("only_while_it_is_needed")
def test_a_release_takes_over_the_crds_that_were_there_before(referee: Lab) -> None:
    def helm(*arguments: str) -> None:
        done = subprocess.run(
            ["helm", *arguments, "--namespace", "argocd"],
            env=referee.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    helm("install", "argocd", str(CHART), "--create-namespace")
    helm("uninstall", "argocd", "--wait")
    assert acceptance.refusal(referee, APPLICATION) == ""
