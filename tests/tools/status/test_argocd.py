"""The rows about Argo CD itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.site import settings
from tools.command_line import Mark, Row
from tools.status.site import argocd_rows

CONTROLLER = "argocd-application-controller"


def workload(name: str, ready: int = 1) -> dict[str, Any]:
    image = "quay.io/argoproj/argocd:v3.4.4"
    labels = {"helm.sh/chart": "argo-cd-10.1.1"}
    return {
        "metadata": {"name": name, "namespace": "argocd", "labels": labels},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"image": image}]}}},
        "status": {"readyReplicas": ready},
    }


class Cluster:
    """Answers what the rows ask for."""

    def __init__(self, server: int = 1, controller: int = 1, *, kubelet: bool = True) -> None:
        self.deployments = [workload("argocd-server", server)]
        self.stateful_sets = [workload(CONTROLLER, controller)]
        self.pod = {"status": {"containerStatuses": [{"containerID": "x"} if kubelet else {}]}}
        self.service: dict[str, Any] = {"spec": {"type": "ClusterIP"}}

    def get(self, path: str, **query: str) -> Any:
        kind = path.rpartition("/")[2]
        if kind == "deployments" and "controller" in query["labelSelector"]:
            return {"items": []}
        if kind == "argocd-server":
            return self.service
        found = {"deployments": self.deployments, "statefulsets": self.stateful_sets, "pods": [self.pod]}
        return {"items": found.get(kind, [])}


def rows(cluster: Cluster, **argocd: Any) -> dict[str, Row]:
    found = argocd_rows(cluster, settings(argocd=argocd))  # type: ignore[arg-type]
    return {row.what: row for row in found}


def test_version_workloads_address_and_login_are_told() -> None:
    found = rows(Cluster())
    assert found["version"].seen == "v3.4.4, chart argo-cd-10.1.1"
    assert found["workloads"].seen == "all 2 are ready"
    assert found["address"].seen == "inside the cluster only; https://localhost:8080 after"
    assert found["address"].command.endswith("-n argocd port-forward svc/argocd-server 8080:443")
    assert "argocd-initial-admin-secret" in found["log in"].command
    assert "comparing" not in found


def test_a_workload_that_is_not_ready_is_named() -> None:
    row = rows(Cluster(server=0))["workloads"]
    assert (row.mark, row.seen) == (Mark.FAILED, "not ready: argocd-server (0 of 1)")


def test_an_argo_cd_whose_controller_does_not_run_is_degraded_and_one_that_is_played_is_not() -> None:
    assert rows(Cluster(controller=0))["comparing"].mark is Mark.FAILED
    assert rows(Cluster(kubelet=False))["comparing"].mark is Mark.SKIPPED


def test_no_argo_cd_is_a_row() -> None:
    cluster = Cluster()
    cluster.deployments = cluster.stateful_sets = []
    assert rows(cluster)["Argo CD"].mark is Mark.FAILED


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ({"spec": {"type": "NodePort", "ports": [{"name": "https", "nodePort": 30443}]}}, "<any node>:30443"),
        (
            {
                "spec": {"type": "LoadBalancer"},
                "status": {"loadBalancer": {"ingress": [{"ip": "192.168.1.50"}]}},
            },
            "192.168.1.50",
        ),
    ],
)
def test_the_address_may_be_the_services(service: dict[str, Any], address: str) -> None:
    cluster = Cluster()
    cluster.service = service
    assert rows(cluster)["address"].seen == f"https://{address}"


@pytest.mark.parametrize(
    ("argocd", "address"),
    [
        ({"domain": "argocd.protobox"}, "https://argocd.protobox"),
        ({"ingress": {"hostname": "cd.protobox"}}, "http://cd.protobox"),
        ({"values": {"configs": {"cm": {"url": "https://cd.protobox:8443"}}}}, "https://cd.protobox:8443"),
    ],
)
def test_the_stack_files_address_comes_first(argocd: dict[str, Any], address: str) -> None:
    assert rows(Cluster(), **argocd)["address"].seen == address


def test_single_sign_on_and_a_password_of_the_stack_file_are_told() -> None:
    sso = {"gitlab": {"url": "http://git.protobox/gitlab", "clientId": "a", "clientSecret": "b"}}
    found = argocd_rows(
        Cluster(),  # type: ignore[arg-type]
        settings(argocd={"domain": "argocd.protobox", "sso": sso, "admin": {"enabled": False}}),
    )
    assert [row.seen for row in found if row.what == "log in"] == [
        "by single sign-on, with GitLab",
        "nobody logs in as admin: argocd.admin.enabled is false",
    ]
