"""The component that declares Secrets and AppProjects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import is_rpc_secret

from components.access.component import Access, AccessArgs
from components.cluster.ownership import Adoption
from tests.engine_mock import Engine, until_drained

SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "argocd-repo-b", "namespace": "argocd"},
    "type": "Opaque",
    "stringData": {"url": "https://git.protobox/b.git", "password": "s3cret"},
}
APP_PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "shop", "namespace": "argocd"},
    "spec": {"sourceRepos": []},
}


def declare(engine: Engine) -> None:
    pulumi.runtime.set_mocks(engine, project="protobox-cd", stack="test", preview=False)
    Access("access", AccessArgs([SECRET], [APP_PROJECT]), Adoption())


def test_each_manifest_becomes_a_child_named_like_its_object() -> None:
    engine = Engine()
    until_drained(lambda: declare(engine))()
    assert {(one.type, one.name) for one in engine.resources} >= {
        ("kubernetes:core/v1:Secret", "argocd-repo-b"),
        ("kubernetes:argoproj.io/v1alpha1:AppProject", "shop"),
    }
    declared = engine.one("kubernetes:argoproj.io/v1alpha1:AppProject").inputs
    marked = {
        "name": "shop",
        "namespace": "argocd",
        "annotations": Adoption().annotations(("AppProject", "shop")),
    }
    assert (declared["metadata"], declared["spec"]) == (marked, APP_PROJECT["spec"])


def test_all_that_is_in_a_secret_is_secret_to_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    register: Callable[..., Any] = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def spy(self: Any, request: Any) -> Any:
        sent.append(request)
        return register(self, request)

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", spy)
    engine = Engine()
    until_drained(lambda: declare(engine))()
    (request,) = [one for one in sent if one.type == "kubernetes:core/v1:Secret"]
    assert is_rpc_secret(dict(request.object["stringData"]))
