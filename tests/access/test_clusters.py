"""The section `clusters`."""

from __future__ import annotations

from typing import Any

import pytest

from components.checks.access_sections import access_problems
from components.stackfile.problems import SettingsError
from tests.site import settings
from tests.stackfile.pem_samples import CERTIFICATE, PRIVATE_KEY

SERVER = "https://10.0.0.5:6443"
TOKEN = {"bearerToken": "s3cret"}


def cluster(said: dict[str, Any]) -> dict[str, Any]:
    return {"edge": {"server": SERVER, **said}}


@pytest.mark.parametrize(
    ("clusters", "where", "what", "fix"),
    [
        (
            {"in-cluster": {"server": SERVER, **TOKEN}},
            "in-cluster",
            "Argo CD's own name",
            "take the entry out",
        ),
        (
            cluster({"server": "https://kubernetes.default.svc/"}),
            "edge.server",
            "runs in",
            "take the entry out",
        ),
        (cluster({"server": "10.0.0.5:6443"}), "edge.server", "not the URL of an API server", "https://10"),
        (
            cluster({"server": "https://[10.0.0.5"}),
            "edge.server",
            "not the URL of an API server",
            "https://10",
        ),
        (
            cluster({"server": "https://a:s3cret@10.0.0.5"}),
            "edge.server",
            "user name or password",
            "bearerToken:",
        ),
        ({"edge": TOKEN}, "edge", "server is missing", "server: https://10.0.0.5:6443"),
        (cluster({}), "edge", "nothing to log in with", "pulumi config set --secret"),
        (
            cluster({**TOKEN, "username": "a", "password": "s3cret"}),
            "edge",
            "bearerToken and username are set together",
            "take username out",
        ),
        (
            cluster({**TOKEN, "awsAuth": {"clusterName": "c"}}),
            "edge",
            "bearerToken and awsAuth are set together",
            "take awsAuth out",
        ),
        (cluster({"username": "a"}), "edge", "there is username without password", "add password:"),
        (cluster({**TOKEN, "keyData": PRIVATE_KEY}), "edge", "keyData without certData", "add certData:"),
        (
            cluster({**TOKEN, "insecure": True, "caData": CERTIFICATE}),
            "edge.insecure",
            "set together",
            "take out insecure",
        ),
        (cluster({**TOKEN, "caData": "s3cret"}), "edge.caData", "not a certificate in PEM", "-----BEGIN"),
        (
            cluster({"certData": CERTIFICATE, "keyData": "s3cret"}),
            "edge.keyData",
            "not a private key",
            "-----BEGIN",
        ),
        (
            cluster({**TOKEN, "existingSecret": {"name": "t", "keys": {"bearerToken": "token"}}}),
            "edge.existingSecret.keys.bearerToken",
            "given twice",
            "take out bearerToken:",
        ),
        (
            cluster({"existingSecret": {"name": "t", "keys": {"token": "token"}}}),
            "edge.existingSecret.keys.token",
            "no key 'token'",
            "bearerToken",
        ),
        (
            {"legacy": {"declare": False, **TOKEN}},
            "legacy.bearerToken",
            "that this stack does not declare",
            "or declare: false",
        ),
        (cluster({**TOKEN, "shard": -1}), "edge.shard", "not allowed", "write at least"),
        (cluster({**TOKEN, "namespaces": []}), "edge.namespaces", "not allowed", "[shop, shop-test]"),
    ],
)
def test_a_mistake_in_a_cluster_is_told_with_its_place_and_without_the_secret(
    clusters: dict[str, Any], where: str, what: str, fix: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(clusters=clusters)
    problem = caught.value.problems[0]
    assert problem.where == f"protobox-cd:clusters.{where}"
    assert what in problem.what
    assert fix in problem.fix
    assert problem.why
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "said",
    [
        TOKEN,
        {"username": "a", "password": "s3cret"},
        {"certData": CERTIFICATE, "keyData": PRIVATE_KEY, "caData": CERTIFICATE},
        {"awsAuth": {"clusterName": "c"}},
        {"execProvider": {"command": "login"}},
        {"existingSecret": {"name": "edge-token"}},
        {"existingSecret": {"name": "edge-token", "keys": {"bearerToken": "token", "caData": "ca.crt"}}},
    ],
)
def test_every_way_to_log_in_is_enough_alone(said: dict[str, Any]) -> None:
    read = settings(clusters=cluster(said))
    assert access_problems(read) == []
    assert "s3cret" not in f"{read!r} {read}"


def test_a_cluster_of_somebody_else_needs_nothing_and_may_have_any_name() -> None:
    read = settings(
        clusters={"arn:aws:eks:x": {"declare": False}, "legacy": {"declare": False, "server": SERVER}}
    )
    assert access_problems(read) == []


def test_a_cluster_of_this_stack_has_a_name_that_its_secret_can_have() -> None:
    (problem,) = access_problems(settings(clusters={"Edge_1": {"server": SERVER, **TOKEN}}))
    assert problem.where == "protobox-cd:clusters.Edge_1"
    assert problem.fix == "write for example edge-1"


def test_one_cluster_is_not_registered_twice() -> None:
    twice = {"one": {"server": f"{SERVER}/", **TOKEN}, "two": {"declare": False, "server": SERVER}}
    (problem,) = access_problems(settings(clusters=twice))
    assert problem.where == "protobox-cd:clusters.two.server"
    assert "'one' and 'two' have the same server" in problem.what
