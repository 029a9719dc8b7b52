"""What would be lost of something that is there, and which of it is secret."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.cluster.losses import Loss, as_yaml, losses, secrets_in

VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(min_size=1),
    lambda below: (
        st.dictionaries(st.text("abc.", min_size=1), below, min_size=1) | st.lists(below, min_size=1)
    ),
    max_leaves=8,
)


def told(old: Any, new: Any, *drop: str) -> list[str]:
    return [str(loss) for loss in losses(old, new, drop)]


def test_what_is_declared_in_the_same_way_is_not_lost() -> None:
    assert told({"a": {"b": 1}, "c": [1, {"d": 2}]}, {"a": {"b": 1, "more": 1}, "c": [1, {"d": 2}]}) == []


def test_what_is_changed_or_dropped_is_told_by_its_path() -> None:
    old = {"server": {"replicas": 2, "ingress": {"enabled": True}}, "list": [1, 2]}
    assert told(old, {"server": {"replicas": 3}, "list": [2]}) == [
        "server.replicas: 2 → 3",
        "server.ingress.enabled: true would go",
        "list: [1, 2] → [2]",
    ]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_nothing_is_not_lost(nothing: Any) -> None:
    assert told({"a": nothing}, {}) == []


@pytest.mark.parametrize("drop", ["server", "server.ingress", "server.ingress.enabled"])
def test_what_may_go_is_named_by_its_path_or_by_what_stands_above_it(drop: str) -> None:
    assert told({"server": {"ingress": {"enabled": True}}}, {}, drop) == []


def test_a_key_with_a_dot_stands_in_brackets() -> None:
    old = {"configs": {"params": {"server.insecure": True}}}
    assert told(old, {}) == ['configs.params["server.insecure"]: true would go']
    assert told(old, {}, 'configs.params["server.insecure"]') == []


@given(old=st.dictionaries(st.text("abc.", min_size=1), VALUES))
def test_with_what_is_printed_to_paste_nothing_is_lost(old: dict[str, Any]) -> None:
    lost = losses(old, {})
    if not any(loss.is_secret for loss in lost):
        pasted = yaml.safe_load(as_yaml(lost, {}, 4) or "{}")
        assert losses(old, pasted) == []


DEX = "connectors:\n- config:\n    clientSecret: x\n"


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({"configs": {"secret": {"gitlabSecret": "x"}}}, ["configs.secret.gitlabSecret"]),
        ({"secret": {"argocdServerAdminPassword": "x"}}, ["secret.argocdServerAdminPassword"]),
        ({"repositories": {"a": {"sshPrivateKey": "x"}}}, ["repositories.a.sshPrivateKey"]),
        ({"configs": {"cm": {"dex.config": DEX}}}, ['configs.cm["dex.config"]']),
        ({"env": [{"name": "A_TOKEN", "value": "x"}]}, ["env.0.A_TOKEN.name", "env.0.A_TOKEN.value"]),
        ({"a": "http://user:x@git.protobox/"}, ["a"]),
        ({"a": "-----BEGIN RSA PRIVATE KEY-----"}, ["a"]),
        ({"a": f"$2a$10${'x' * 53}"}, ["a"]),
        ({"password": "$ecret"}, ["password"]),
        ({"server": {"extraArgs": ["--password=x"]}}, ["server.extraArgs.0"]),
    ],
)
def test_a_secret_is_recognised_and_never_printed(values: dict[str, Any], paths: list[str]) -> None:
    assert list(secrets_in(values)) == paths
    assert [loss.shown for loss in losses(values, {})] == ["<secret>"]
    assert as_yaml(losses(values, {}), {}, 0) == "{}"


@pytest.mark.parametrize(
    "values",
    [
        {"redisSecretInit": {"enabled": False}},
        {"configs": {"secret": {"createSecret": False, "argocdServerAdminPasswordMtime": "2026-01-01"}}},
        {"server": {"ingress": {"extraTls": [{"secretName": "argocd-tls"}]}}},
        {"configs": {"cm": {"application.instanceLabelKey": "app"}}},
        {"global": {"domain": "argocd.site", "revisionHistoryLimit": 3}},
        {"configs": {"secret": {"gitlabSecret": "$argocd-protobox-cd:webhook.gitlab.secret"}}},
        {"configs": {"cm": {"oidc": {"clientSecret": "$oidc.gitlab.clientSecret"}}}},
    ],
)
def test_what_is_no_secret_is_shown(values: dict[str, Any]) -> None:
    assert secrets_in(values) == {}


def test_a_long_value_is_cut() -> None:
    assert len(Loss(("a",), "x" * 500, None).shown) < 100
