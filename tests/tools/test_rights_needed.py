from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.site import settings
from tools.rights import Right, rights_needed, told

HOST_ALIASES = {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}}}
DNSMASQ = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]}


def needed(purpose: str = "up", **sections: Any) -> set[Right]:
    return set(rights_needed(settings(**sections), purpose))


EXAMPLES = Path(__file__).parents[2] / "examples"


def granted(example: str = "preview-rights") -> set[Right]:
    """Return the rights that an example gives its user."""
    return given((EXAMPLES / f"{example}.yaml").read_text(encoding="utf-8"))


def given(text: str) -> set[Right]:
    """Return the rights that a manifest gives."""
    return {
        Right(verb, group, resource, role["metadata"].get("namespace", ""), name)
        for role in yaml.safe_load_all(text)
        for rule in role.get("rules", [])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


def test_the_example_gives_what_a_preview_needs_and_nothing_but_reading() -> None:
    sections = {"argocd": {"highAvailability": True}, "appProjects": {"shop": {}}}
    assert needed("preview", **sections) <= granted()
    assert {right.verb for right in granted()} == {"get", "list"}


def test_a_preview_only_reads() -> None:
    assert {right.verb for right in needed("preview", argocd={"highAvailability": True})} == {"get", "list"}


def test_an_up_needs_all_that_a_preview_needs_and_more() -> None:
    assert needed("preview") < needed("up")


@pytest.mark.parametrize("name", ["coredns", "nodelocaldns"])
def test_a_zone_needs_both_dns_layers_to_be_changed(name: str) -> None:
    for verb in ("get", "patch"):
        assert Right(verb, "", "configmaps", "kube-system", name) in needed()


def test_the_config_map_that_a_corefile_may_import_can_be_read_made_and_changed() -> None:
    for verb, name in (("get", "coredns-custom"), ("patch", "coredns-custom"), ("create", "")):
        assert Right(verb, "", "configmaps", "kube-system", name) in needed()


def test_a_layer_that_is_left_alone_needs_no_right() -> None:
    found = needed(dns={**DNSMASQ, "nodelocaldns": "skip"})
    maps = {right.name for right in found if right.resource == "configmaps" and right.name}
    assert maps == {"coredns", "coredns-custom"}


def test_the_example_for_dns_gives_all_that_an_up_needs_in_kube_system() -> None:
    assert {right for right in needed() if right.namespace == "kube-system"} <= granted("dns-rights")


def test_the_logs_of_the_dns_pods_are_read_only_by_an_up_that_changes_dns() -> None:
    log = Right("get", "", "pods/log", "kube-system")
    assert log in needed()
    assert log not in needed("preview")
    assert log not in needed(dns=HOST_ALIASES)


def test_hosts_entries_need_nothing_in_kube_system_but_for_the_proof() -> None:
    (seen,) = [right for right in needed(dns=HOST_ALIASES) if right.namespace == "kube-system"]
    assert (seen.verb, seen.resource) == ("list", "services")
    unproven = needed(dns={**HOST_ALIASES, "verify": False})
    assert not [right for right in unproven if right.namespace == "kube-system"]


def test_nodes_matter_only_to_high_availability() -> None:
    nodes = Right("list", "", "nodes")
    assert nodes in needed("preview", argocd={"highAvailability": True})
    assert nodes not in needed()


def test_existing_secrets_are_read_where_they_are() -> None:
    found = needed(
        "preview",
        credentialTemplates={
            "gitlab": {
                "url": "http://git.protobox/gitlab/",
                "existingSecret": {"name": "login", "namespace": "vault"},
            }
        },
    )
    assert Right("get", "", "secrets", "vault", "login") in found


def test_commands_in_the_pod_are_needed_for_the_proof_only() -> None:
    exec_ = Right("get", "", "pods/exec", "argocd")  # with which a WebSocket begins
    assert exec_ in needed()
    assert exec_ not in needed(dns={**DNSMASQ, "verify": False})
    assert exec_ not in needed("preview")


@pytest.mark.parametrize(
    ("argocd", "resource"),
    [
        ({"values": {"createClusterRoles": False}}, "clusterroles"),
        ({"values": {"crds": {"install": False}}}, "customresourcedefinitions"),
    ],
)
def test_what_the_chart_is_told_to_leave_out_needs_no_right(argocd: dict[str, Any], resource: str) -> None:
    assert resource in {right.resource for right in needed() if right.verb == "create"}
    assert resource not in {right.resource for right in needed(argocd=argocd) if right.verb == "create"}


def test_each_kind_of_a_gateways_routes_is_needed_where_the_stack_has_it() -> None:
    plain: dict[str, Any] = {"domain": "argocd.protobox", "insecure": True}
    gateway = {"parent": "infra/external", "grpcHostname": "grpc.protobox"}
    more = needed(argocd={**plain, "gateway": gateway})
    assert {right.resource for right in more - needed()} == {"httproutes", "grpcroutes"}


def test_app_projects_and_an_ingress_are_needed_where_the_stack_has_them() -> None:
    more = needed(
        appProjects={"shop": {}}, argocd={"domain": "argocd.protobox", "ingress": {"className": "nginx"}}
    )
    assert {right.resource for right in more - needed()} == {"appprojects", "ingresses"}


def test_a_subresource_is_asked_for_as_kubernetes_wants_it() -> None:
    assert Right("create", "", "pods/exec", "argocd").attributes == {
        "verb": "create",
        "resource": "pods",
        "subresource": "exec",
        "namespace": "argocd",
    }


def test_rights_are_told_by_resource() -> None:
    rights = [
        Right("get", "", "configmaps", "kube-system", "coredns"),
        Right("create", "apiextensions.k8s.io", "customresourcedefinitions"),
        Right("patch", "", "configmaps", "kube-system", "coredns"),
    ]
    assert told(rights) == [
        "get, patch configmaps coredns in kube-system",
        "create customresourcedefinitions.apiextensions.k8s.io",
    ]
