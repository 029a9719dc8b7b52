"""AppProjects and Secrets that are taken over: what is in them stays, or the preview stops."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from components.beforehand import access_losses
from components.stackfile.problems import Problem

META = {"name": "shop", "namespace": "argocd", "labels": {"team": "shop"}}
SPEC = {"sourceRepos": ["http://git.protobox/*"], "destinations": [{"server": "*", "namespace": "shop"}]}
APP_PROJECT = {"kind": "AppProject", "metadata": META, "spec": SPEC}


def secret(**texts: str) -> dict[str, Any]:
    data = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return {"kind": "Secret", "metadata": META, "data": data}


def declared(**texts: str) -> dict[str, Any]:
    return {"kind": "Secret", "metadata": META, "stringData": texts}


def found(manifest: dict[str, Any], live: dict[str, Any], *drop: str) -> list[Problem]:
    return list(access_losses(manifest, live, ("appProjects", "shop"), drop))


def test_what_is_declared_as_it_is_there_is_taken_over() -> None:
    by_kubectl = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "protobox-cd/stack": "prod"}
    marked = {**APP_PROJECT, "metadata": {**META, "uid": "1", "annotations": by_kubectl}}
    assert found(APP_PROJECT, marked) == []
    assert found({**APP_PROJECT, "spec": {**SPEC, "description": "new"}}, marked) == []


def test_what_would_go_or_change_stops_the_preview_with_its_way_out() -> None:
    live = {**APP_PROJECT, "spec": {**SPEC, "roles": [{"name": "ci"}], "sourceRepos": ["*"]}}
    (problem,) = found(APP_PROJECT, live)
    assert problem.where == "protobox-cd:appProjects.shop.adopt"
    assert problem.what.splitlines()[1:] == [
        '    spec.sourceRepos: ["*"] → ["http://git.protobox/*"]',
        '    spec.roles: [{"name": "ci"}] would go',
    ]
    assert "protobox-cd:appProjects.shop.drop: [spec.sourceRepos]" in problem.fix
    assert found(APP_PROJECT, live, "spec.roles", "spec.sourceRepos") == []
    assert found(APP_PROJECT, live, "spec") == []


@pytest.mark.parametrize("key", ["password", "sshPrivateKey", "bearerToken", "config", "githubAppPrivateKey"])
def test_a_key_of_a_secret_that_would_go_is_named_and_its_value_never_shown(key: str) -> None:
    (problem,) = found(
        declared(url="http://git.protobox/"), secret(url="http://git.protobox/", **{key: "geheim"})
    )
    assert f"data.{key}: <secret> would go" in problem.what
    assert "geheim" not in str(problem)


def test_another_url_in_a_secret_is_shown_and_another_password_is_what_the_stack_file_says() -> None:
    live = secret(url="http://192.168.1.7/", password="old")  # noqa: S106 - of nobody
    wanted = declared(url="http://git.protobox/", password="new")  # noqa: S106 - of nobody
    (problem,) = found(wanted, live)
    assert problem.what.splitlines()[1:] == ['    data.url: "http://192.168.1.7/" → "http://git.protobox/"']
