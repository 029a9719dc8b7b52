"""The stand-ins under the real engine, against a real API server: what a user of the plugins would see."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.lab import Lab
from tests.lab.plugins.engine_stack import Stack, application, kubectl

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

GIT = [{"ip": "192.168.1.7", "hostnames": ["git.protobox"]}]


needs_crds = pytest.mark.usefixtures("crds")


def test_a_release_and_its_applications_come_up_change_and_go(stack: Stack, lab: Lab) -> None:
    first = {"release": {"global": {"hostAliases": []}}, "objects": [application("argo-one")]}
    assert "+ 4 to create" in stack.preview(**first)  # the CRD does not exist yet
    printed = stack.up(**first)
    assert 'status    : "deployed"' in printed
    assert '"argocd/argocd-repo-server"' in printed
    assert stack.is_up_to_date(**first)

    second = {
        "release": {"global": {"hostAliases": GIT}},
        "objects": [application("argo-one", "http://other/x.git")],
    }
    diff = stack.preview(**second)
    assert '~ repoURL: "http://git.protobox/gitlab/protobox1/docserver.git" => "http://other/x.git"' in diff
    assert "~ hostAliases: [" in diff
    assert "targetRevision" not in diff
    assert "createNamespace" not in diff
    assert "~ 2 to update" in diff
    stack.up(**second)
    aliases = kubectl(
        lab,
        "get",
        "deploy",
        "-n",
        "argocd",
        "argocd-repo-server",
        "-o",
        "jsonpath={.spec.template.spec.hostAliases}",
    )
    assert json.loads(aliases) == GIT

    stack.run("destroy", "--yes", "--skip-preview")
    assert kubectl(lab, "get", "deploy,applications", "-n", "argocd", "-o", "name") == ""
    assert "applications.argoproj.io" in kubectl(lab, "get", "crd", "-o", "name")


@needs_crds
def test_a_field_that_leaves_the_program_leaves_the_object(stack: Stack, lab: Lab) -> None:
    policy = application("argo-two", syncPolicy={"automated": {"prune": True}})
    stack.up(objects=[policy])
    stack.up(objects=[application("argo-two")])
    spec = json.loads(
        kubectl(lab, "get", "application", "-n", "argocd", "argo-two", "-o", "jsonpath={.spec}")
    )
    assert "syncPolicy" not in spec


@needs_crds
def test_a_refresh_finds_drift_and_ignores_what_the_controller_writes(stack: Stack, lab: Lab) -> None:
    declared: dict[str, Any] = {"objects": [application("argo-three")]}
    stack.up(**declared)
    drift = {
        "spec": {"source": {"path": "elsewhere"}},
        "status": {"sync": {"status": "Synced"}},
        "operation": {},
    }
    kubectl(
        lab, "patch", "application", "-n", "argocd", "argo-three", "--type=merge", "-p", json.dumps(drift)
    )
    refreshed = stack.run("refresh", "--yes", "--diff", **declared)
    assert '~ path: "base" => "elsewhere"' in refreshed
    assert '~ path: "elsewhere" => "base"' in stack.preview(**declared)
    stack.up(**declared)
    assert stack.is_up_to_date(**declared)


@needs_crds
def test_an_object_deleted_outside_is_forgotten_by_a_refresh_and_made_again(stack: Stack, lab: Lab) -> None:
    declared: dict[str, Any] = {"objects": [application("argo-four")]}
    stack.up(**declared)
    kubectl(lab, "delete", "application", "-n", "argocd", "argo-four")
    assert "- 1 deleted" in stack.run("refresh", "--yes", "--skip-preview", **declared)
    assert "+ 1 created" in stack.up(**declared)


@needs_crds
def test_a_wrong_type_is_refused_in_the_preview(stack: Stack) -> None:
    wrong = application("argo-five", syncPolicy={"automated": {"prune": "yes"}})
    printed = stack.run("preview", ok=False, objects=[wrong])
    assert "spec.syncPolicy.automated.prune" in printed
    incomplete = application("argo-five")
    del incomplete["spec"]["project"]
    assert "spec.project: Required value" in stack.run("preview", ok=False, objects=[incomplete])


@needs_crds
def test_a_field_taken_by_argocd_is_a_conflict_until_it_is_forced(stack: Stack, lab: Lab) -> None:
    stack.up(objects=[application("argo-seven")])
    patch = json.dumps({"spec": {"source": {"path": "ui"}}})
    where = (
        "patch",
        "application",
        "-n",
        "argocd",
        "argo-seven",
        "--type=merge",
        "--field-manager=argocd-server",
    )
    kubectl(lab, *where, "-p", patch)
    changed = application("argo-seven", revisionHistoryLimit=3)
    conflict = stack.run("up", "--yes", "--skip-preview", ok=False, objects=[changed])
    assert 'conflict with "argocd-server"' in conflict
    assert "pulumi.com/patchForce" in conflict
    changed["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    stack.up(objects=[changed])


def test_a_release_that_does_not_become_ready_stays_and_says_so(stack: Stack) -> None:
    # No node of the lab has that many processors.
    stuck = {"crds": {"install": False}, "server": {"resources": {"requests": {"cpu": "100000"}}}}
    printed = stack.run("up", "--yes", "--skip-preview", ok=False, release=stuck, timeout=3)
    assert "is installed but not complete" in printed
    assert "~ 1 to update" in stack.preview(release={"crds": {"install": False}}, timeout=60)


def test_a_missing_chart_is_named_in_the_preview(stack: Stack) -> None:
    printed = stack.run("preview", ok=False, release={}, chart="./no-such-chart")
    assert "no-such-chart" in printed
    assert "check the chart's name" in printed


CONFIG_MAP = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "settings", "namespace": "default"},
    "data": {"a.b": "1", "c": "2"},
}


def test_a_config_map_is_replaced_unless_the_provider_calls_it_mutable(stack: Stack) -> None:
    stack.up(objects=[CONFIG_MAP])
    changed = [CONFIG_MAP | {"data": {"a.b": "3", "c": "2"}}]
    replaced = stack.preview(objects=changed)
    assert '~ a.b: "1" => "3"' in replaced
    assert "+-1 to replace" in replaced
    mutable = {"objects": changed, "provider": {"enable_config_map_mutable": True}}
    stack.up(objects=[CONFIG_MAP], provider={"enable_config_map_mutable": True})
    assert "~ 1 to update" in stack.preview(**mutable)
    assert "~ 1 updated" in stack.up(**mutable)


def test_a_deployment_is_awaited_and_a_namespace_goes_with_its_content(stack: Stack, lab: Lab) -> None:
    labels = {"app": "web"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "room"},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": pod},
    }
    room = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "room"}}
    stack.up(objects=[room, deployment])
    where = ("get", "deployment", "-n", "room", "web", "-o", "jsonpath={.status.availableReplicas}")
    assert kubectl(lab, *where) == "2"
    stack.up(objects=[])
    assert "room" not in kubectl(lab, "get", "namespaces", "-o", "name")


def test_commands_run_once_and_again_when_their_triggers_change(stack: Stack) -> None:
    assert "made 1" in stack.up(command="echo made $N", environment={"N": "1"}, triggers=[1])
    assert stack.is_up_to_date(command="echo made $N", environment={"N": "1"}, triggers=[1])
    assert "+-1 replaced" in stack.up(command="echo made $N", environment={"N": "1"}, triggers=[2])


def test_a_failing_command_shows_what_it_printed(stack: Stack) -> None:
    printed = stack.run("up", "--yes", "--skip-preview", ok=False, command="echo why >&2; exit 4")
    assert "exit status 4" in printed
    assert "why" in printed


def test_without_a_cluster_a_preview_warns_and_up_fails(stack: Stack, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.write_text(
        json.dumps(
            {
                "current-context": "x",
                "clusters": [{"name": "x", "cluster": {"server": "https://127.0.0.1:1"}}],
                "users": [{"name": "x", "user": {"token": "x"}}],
                "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
            }
        )
    )
    declared: dict[str, Any] = {"objects": [CONFIG_MAP], "kubeconfig": str(nowhere)}
    printed = stack.run("preview", **declared)
    assert "warning: the Kubernetes cluster is unreachable" in printed
    assert "+ 3 to create" in printed
    failed = stack.run("up", "--yes", "--skip-preview", ok=False, **declared)
    assert "cannot be created: the Kubernetes cluster is unreachable" in failed


def test_a_patch_resource_is_refused_by_name(stack: Stack) -> None:
    patch = CONFIG_MAP | {"kind": "ConfigMapPatch", "apiVersion": "core/v1"}
    assert "does not do Patch resources" in stack.run("preview", ok=False, objects=[patch])
