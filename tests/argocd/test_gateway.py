"""Routes from a Gateway: the chart's values, and what would not work."""

from __future__ import annotations

from typing import Any

import pytest

from components.argocd.chart_values import chart_values
from components.stackfile.problems import SettingsError
from tests.argocd.options import argocd

PARENT = {"name": "external", "namespace": "infra"}
PLAIN = {"domain": "argocd.protobox", "insecure": True}


def server(**options: Any) -> dict[str, Any]:
    values: dict[str, Any] = chart_values(argocd(**options), "dev")["server"]
    return values


def test_the_page_gets_a_route_from_the_gateway_with_the_domain() -> None:
    route = {"enabled": True, "parentRefs": [PARENT], "hostnames": ["argocd.protobox"]}
    assert server(**PLAIN, gateway={"parent": "infra/external"}) == {"httproute": route}


def test_the_command_gets_a_route_for_every_call_under_a_name_of_its_own() -> None:
    found = server(
        **PLAIN,
        gateway={
            "parent": "infra/external",
            "listener": "https",
            "hostname": "cd.protobox",
            "grpcHostname": "grpc.protobox",
        },
    )
    parents = [{**PARENT, "sectionName": "https"}]
    assert found["httproute"] == {"enabled": True, "parentRefs": parents, "hostnames": ["cd.protobox"]}
    assert found["grpcroute"] == {
        "enabled": True,
        "parentRefs": parents,
        "hostnames": ["grpc.protobox"],
        "rules": [{"matches": [{}]}],
    }


def test_behind_the_gateway_https_is_a_policy_for_the_service() -> None:
    tls = {"hostname": "argocd-server.argocd.svc", "ca": "argocd-ca"}
    found = server(domain="argocd.protobox", gateway={"parent": "infra/external", "backendTls": tls})
    assert found["backendTLSPolicy"] == {
        "enabled": True,
        "targetRefs": [{"group": "", "kind": "Service", "name": "argocd-server", "sectionName": "https"}],
        "validation": {
            "hostname": "argocd-server.argocd.svc",
            "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "argocd-ca"}],
        },
    }


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"insecure": True, "gateway": {"parent": "infra/external"}}, "no host name for its route"),
        ({**PLAIN, "gateway": {"parent": "external"}}, "is not the namespace and the name of a Gateway"),
        ({"domain": "argocd.protobox", "gateway": {"parent": "a/b"}}, "here is neither"),
        (
            {**PLAIN, "gateway": {"parent": "a/b", "backendTls": {"hostname": "a.svc", "ca": "ca"}}},
            "here is both",
        ),
        (
            {**PLAIN, "gateway": {"parent": "a/b", "grpcHostname": "argocd.protobox"}},
            "is the host name of the web page, too",
        ),
    ],
)
def test_what_no_gateway_could_serve_is_told(options: dict[str, Any], what: str) -> None:
    with pytest.raises(SettingsError, match=what):
        argocd(**options)
