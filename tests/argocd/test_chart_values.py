"""What becomes of the `argocd` section's options in the chart's values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from components.argocd.chart_values import chart_values
from tests.argocd.options import COMPONENTS, EVERYTHING, GITLAB, HASH, OIDC, PEM, SECRETS, argocd

REAL_PATHS = frozenset(
    (Path(__file__).parents[1] / "lab" / "charts" / "argo-cd-10.1.1-value-paths.txt")
    .read_text(encoding="utf-8")
    .split()
)
FREE = (
    "configs.tls.certificates.",
    "notifications.notifiers.",
    "notifications.templates.",
    "notifications.triggers.",
    "server.ingress.annotations.",
    *(f"{component}.resources." for component in COMPONENTS),
)
"""Mappings whose keys are the user's."""
NAMED_BY_ARGO_CD = {"configs.cm.dex.config", "configs.cm.oidc.config", "configs.params.server.insecure"}
"""Keys of Argo CD's ConfigMaps that the chart's values.yaml has in comments only, or not at all (Argo CD,
`docs/operator-manual/argocd-cm.yaml` and `argocd-cmd-params-cm.yaml`)."""
OF_THE_SUBCHART = {"redis-ha.imagePullSecrets", "redis-ha.haproxy.imagePullSecrets"}
"""Values of the redis-ha chart (dandydeveloper/charts, `charts/redis-ha/values.yaml`)."""


def values(**options: Any) -> dict[str, Any]:
    return chart_values(argocd(**options), "dev")


def paths(tree: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}.")


def test_options_that_are_not_set_send_nothing_to_the_chart() -> None:
    assert values() == {}
    assert values(ingress=None, admin={}, rbac={}, resources={}, notifications={}, images={}) == {}


def unused(section: BaseModel, prefix: str = "") -> Iterator[str]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        if name not in section.model_fields_set:
            yield prefix + name
        elif isinstance(value, BaseModel):
            yield from unused(value, f"{prefix}{name}.")


def test_every_option_is_in_use_in_these_tests() -> None:
    assert {*unused(argocd(**EVERYTHING))} == {
        "admin.password_hash",
        "adopt",
        "admin.password_mtime",
        "chart",
        "drop",
        "gateway.backend_tls",
        "gateway.hostname",
        "images.repository",
        "metrics.enabled",
        "namespace",
        "sso.oidc",
        "timeout_seconds",
        "values",
    }


@pytest.mark.parametrize("options", [EVERYTHING, {**EVERYTHING, "sso": {"oidc": {**OIDC, "rootCA": PEM}}}])
def test_every_value_that_can_be_set_exists_in_the_real_chart(options: dict[str, Any]) -> None:
    used = {path for path in paths(values(**options)) if not path.startswith(FREE)}
    assert used - REAL_PATHS - NAMED_BY_ARGO_CD - OF_THE_SUBCHART == set()


@pytest.mark.parametrize("sso", [{"gitlab": GITLAB}, {"oidc": OIDC}])
def test_no_secret_stands_in_the_values_in_clear(sso: dict[str, Any]) -> None:
    text = str(values(**{**EVERYTHING, "sso": sso}))
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"domain": "argocd.protobox", "insecure": True},
            {
                "global": {"domain": "argocd.protobox"},
                "configs": {"params": {"server.insecure": True}},
            },
        ),
        (
            {"domain": "argocd.protobox", "ingress": {}},
            {"global": {"domain": "argocd.protobox"}, "server": {"ingress": {"enabled": True}}},
        ),
        (
            {"ingress": {"hostname": "cd.protobox", "className": "nginx", "tls": False}},
            {
                "server": {
                    "ingress": {
                        "enabled": True,
                        "hostname": "cd.protobox",
                        "ingressClassName": "nginx",
                        "tls": False,
                    }
                }
            },
        ),
        (
            {"service": {"type": "NodePort", "nodePortHttp": 30080}},
            {"server": {"service": {"type": "NodePort", "nodePortHttp": 30080}}},
        ),
        ({"networkPolicy": {"create": False}}, {"global": {"networkPolicy": {"create": False}}}),
        ({"admin": {"enabled": False}}, {"configs": {"cm": {"admin.enabled": False}}}),
        (
            {"admin": {"passwordHash": HASH}},
            {
                "configs": {
                    "secret": {
                        "argocdServerAdminPassword": HASH,
                        "argocdServerAdminPasswordMtime": "2024-01-01T00:00:00Z",
                    }
                }
            },
        ),
        (
            {"rbac": {"defaultPolicy": "role:readonly", "policy": "# none\n", "scopes": ["groups", "email"]}},
            {
                "configs": {
                    "rbac": {
                        "policy.default": "role:readonly",
                        "policy.csv": "# none\n",
                        "scopes": "[groups, email]",
                    }
                }
            },
        ),
        (
            {"resources": {"repoServer": {"requests": {"cpu": 1, "memory": "1Gi"}}}},
            {"repoServer": {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}},
        ),
        (
            {"webhook": {"gitlabSecret": "x"}},
            {"configs": {"secret": {"gitlabSecret": "$argocd-protobox-cd:webhook.gitlab.secret"}}},
        ),
        ({"controllerShards": 3}, {"controller": {"replicas": 3}}),
        (
            {"sshKnownHosts": ["a ssh-ed25519 AAAA", "b ssh-ed25519 AAAA"]},
            {"configs": {"ssh": {"extraHosts": "a ssh-ed25519 AAAA\nb ssh-ed25519 AAAA"}}},
        ),
        (
            {"certificates": {"Git.protobox": PEM}},
            {"configs": {"tls": {"certificates": {"git.protobox": PEM}}}},
        ),
        ({"notifications": {"enabled": False}}, {"notifications": {"enabled": False}}),
        (
            {"notifications": {"secrets": {"token": "x"}}},
            {"notifications": {"secret": {"create": False, "name": "argocd-protobox-cd-notifications"}}},
        ),
    ],
)
def test_an_option_becomes_the_charts_own_value(options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert values(**options) == expected


def test_gitlab_logs_people_in_through_dex_with_a_reference_to_the_secret() -> None:
    told = values(domain="argocd.protobox", sso={"gitlab": {**GITLAB, "groups": ["protobox1"]}})
    (connector,) = yaml.safe_load(told["configs"]["cm"]["dex.config"])["connectors"]
    assert connector == {
        "type": "gitlab",
        "id": "gitlab",
        "name": "GitLab",
        "config": {
            "baseURL": "http://git.protobox/gitlab",
            "clientID": "id",
            "clientSecret": "$argocd-protobox-cd:dex.gitlab.clientSecret",
            "groups": ["protobox1"],
        },
    }
    assert "dex" not in told


def test_dex_trusts_a_private_ca_by_a_file_in_a_folder_that_it_searches() -> None:
    dex = values(domain="argocd.protobox", sso={"gitlab": {**GITLAB, "rootCA": PEM}})["dex"]
    (mount,) = dex["volumeMounts"]
    assert dex["env"] == [{"name": "SSL_CERT_DIR", "value": f"/etc/ssl/certs:{mount['mountPath']}"}]
    assert dex["volumes"] == [
        {
            "name": mount["name"],
            "secret": {
                "secretName": "argocd-protobox-cd",
                "items": [{"key": "dex.gitlab.rootCA", "path": "gitlab.pem"}],
            },
        }
    ]


def test_an_oidc_provider_is_asked_directly_and_dex_is_off() -> None:
    oidc = {**OIDC, "name": "Keycloak", "requestedScopes": ["openid"], "rootCA": PEM}
    told = values(domain="argocd.protobox", sso={"oidc": oidc})
    assert yaml.safe_load(told["configs"]["cm"]["oidc.config"]) == {
        "name": "Keycloak",
        "issuer": "https://sso.protobox",
        "clientID": "argocd",
        "clientSecret": "$argocd-protobox-cd:oidc.clientSecret",
        "requestedScopes": ["openid"],
        "rootCA": PEM,
    }
    assert told["dex"] == {"enabled": False}


def test_metrics_are_those_of_all_components_and_redis_gets_its_exporter() -> None:
    told = values(metrics={})
    assert {name for name, value in told.items() if value.get("metrics") == {"enabled": True}} == {
        *COMPONENTS
    }
    assert told["redis"]["exporter"] == told["redis-ha"]["exporter"] == {"enabled": True}
    assert values(metrics={"serviceMonitor": True})["dex"]["metrics"]["serviceMonitor"] == {"enabled": True}


def test_high_availability_is_the_charts_preset_and_goes_together_with_shards() -> None:
    preset = {
        "redis-ha": {"enabled": True},
        "controller": {"replicas": 1},
        "server": {"replicas": 2},
        "repoServer": {"replicas": 2},
        "applicationSet": {"replicas": 2},
    }
    assert values(highAvailability=True) == preset
    assert values(highAvailability=True, controllerShards=4) == {**preset, "controller": {"replicas": 4}}


def test_a_mirror_keeps_the_path_of_every_image_of_the_real_chart() -> None:
    told = values(images={"registry": "registry.protobox/mirror"})
    assert told["global"]["image"] == {"repository": "registry.protobox/mirror/argoproj/argocd"}
    assert told["dex"]["image"] == {"repository": "registry.protobox/mirror/dexidp/dex"}
    assert told["redis"]["image"] == {"repository": "registry.protobox/mirror/docker/library/redis"}
    assert told["redis-ha"] == {
        "image": {"repository": "registry.protobox/mirror/docker/library/redis"},
        "exporter": {"image": "registry.protobox/mirror/oliver006/redis_exporter"},
        "haproxy": {"image": {"repository": "registry.protobox/mirror/docker/library/haproxy"}},
    }


def test_argo_cds_own_image_may_have_another_name_than_in_the_mirror() -> None:
    told = values(images={"registry": "registry.protobox", "repository": "registry.protobox/x", "tag": "v1"})
    assert told["global"]["image"] == {"repository": "registry.protobox/x", "tag": "v1"}


def test_pull_secrets_reach_the_redis_subchart_too() -> None:
    told = values(images={"pullSecrets": ["credentials"]})
    named = {"imagePullSecrets": [{"name": "credentials"}]}
    assert told == {"global": named, "redis-ha": {**named, "haproxy": named}}


def test_the_charts_own_words_win_over_the_options_and_only_where_they_speak() -> None:
    told = values(
        domain="argocd.protobox",
        highAvailability=True,
        values={"server": {"replicas": 5}, "configs": {"cm": {"url": "https://cd.protobox"}}},
    )
    assert told["server"] == {"replicas": 5}
    assert told["repoServer"] == {"replicas": 2}
    assert told["global"] == {"domain": "argocd.protobox"}
    assert told["configs"] == {"cm": {"url": "https://cd.protobox"}}
