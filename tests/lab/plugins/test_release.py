import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lab.plugins.kubernetes.helm import HelmError, local_chart, resource_names
from lab.plugins.kubernetes.release_values import (
    choice_options,
    complete,
    install_options,
    merged,
    refused,
    repository_options,
    to_state,
    uninstall_options,
    upgrade_options,
)
from lab.plugins.properties import UNKNOWN, Secret, plain

CHART = Path(__file__).parents[3] / "lab" / "charts" / "argo-cd"
REPORTED: dict[str, Any] = {
    "name": "argocd",
    "namespace": "argocd",
    "version": 3,
    "info": {"status": "deployed"},
    "chart": {"name": "argo-cd", "version": "10.1.1-lab", "appVersion": "v3.4.4"},
    "config": {"a": {"b": 1}},
}


def test_what_the_program_leaves_out_is_filled_in() -> None:
    inputs = complete({"chart": "argo-cd", "compat": "true", "resourceNames": {}}, "default")
    assert (inputs["namespace"], inputs["timeout"], inputs["values"]) == ("default", 300, {})
    assert (inputs["atomic"], inputs["version"]) == (False, "")
    assert not {"compat", "resourceNames", "maxHistory"} & set(inputs)


def test_without_waiting_there_is_no_default_for_the_time() -> None:
    assert complete({"chart": "x", "skipAwait": True}, "n")["timeout"] == 0
    assert complete({"chart": "x", "timeout": 7}, "n")["timeout"] == 7


def test_secrets_and_unknowns_in_the_values_stay_what_they_are() -> None:
    values = {"a": Secret("x"), "b": UNKNOWN}
    assert complete({"chart": "x", "values": values}, "n")["values"] == values


def test_what_helm_options_cannot_do_is_refused_by_name() -> None:
    assert [name for name, _ in refused({"valueYamlFiles": ["f"], "lint": True, "values": {}})] == [
        "lint",
        "valueYamlFiles",
    ]
    assert refused({"valueYamlFiles": [], "lint": False}) == []


def test_values_are_merged_object_by_object() -> None:
    assert merged({"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"c": [2]}, "d": {"e": 1}}) == {
        "a": {"b": 1, "c": [2]},
        "d": {"e": 1},
    }


def test_a_preview_does_not_know_the_outcome() -> None:
    state = to_state(complete({"chart": "x"}, "n"), None, {})
    assert (state["status"], state["resourceNames"]) == (UNKNOWN, UNKNOWN)


def test_the_state_tells_what_helm_reports() -> None:
    inputs = complete({"chart": "x", "name": "argocd", "values": {"a": {"s": Secret("t")}}}, "argocd")
    state = to_state(inputs, REPORTED, {"Secret/v1": ["argocd/s"]})
    assert state["status"] == {
        "appVersion": "v3.4.4",
        "chart": "argo-cd",
        "name": "argocd",
        "namespace": "argocd",
        "revision": 3,
        "status": "deployed",
        "version": "10.1.1-lab",
    }
    assert plain(state["values"]) == {"a": {"s": "t", "b": 1}}
    assert state["values"]["a"]["s"] == Secret("t")
    assert state["resourceNames"] == {"Secret/v1": ["argocd/s"]}
    assert plain(state["__inputs"]) == plain(inputs)


def test_install_waits_unless_told_otherwise() -> None:
    options = install_options(complete({"chart": "x", "createNamespace": True, "timeout": 60}, "n"))
    assert options == ["--create-namespace", "--wait", "--timeout", "60s"]
    assert "--wait" not in install_options(complete({"chart": "x", "skipAwait": True}, "n"))


def test_an_upgrade_keeps_all_revisions_unless_told_otherwise() -> None:
    assert upgrade_options(complete({"chart": "x"}, "n"))[-2:] == ["--history-max", "0"]
    assert upgrade_options(complete({"chart": "x", "maxHistory": 5}, "n"))[-2:] == ["--history-max", "5"]


def test_hooks_are_governed_by_different_properties_on_install_and_upgrade() -> None:
    inputs = complete({"chart": "x", "disableWebhooks": True}, "n")
    assert "--no-hooks" in install_options(inputs)
    assert "--no-hooks" not in upgrade_options(inputs)


def test_an_uninstall_waits_like_the_install() -> None:
    assert uninstall_options({"timeout": 9}) == ["--wait", "--timeout", "9s"]
    assert uninstall_options({"skipAwait": True}) == []
    assert uninstall_options({"skipAwait": True, "atomic": True}) != []


def test_the_version_is_for_charts_from_elsewhere() -> None:
    assert choice_options({"version": "10.1.1", "devel": True}, is_local=False) == [
        *("--version", "10.1.1"),
        "--devel",
    ]
    assert choice_options({"version": "10.1.1"}, is_local=True) == []


def test_the_options_for_a_repository_are_its_files_and_never_its_password() -> None:
    repository = {"repo": "r", "username": "u", "password": "p", "caFile": "ca.pem", "certFile": ""}
    assert repository_options({"repositoryOpts": repository}) == ["--ca-file", "ca.pem"]


def test_a_chart_folder_and_a_chart_archive_are_read_without_helm(tmp_path: Path) -> None:
    folder = local_chart(CHART)
    assert folder is not None
    assert folder["version"] == "10.1.1-lab"
    archive = tmp_path / "argo-cd.tgz"
    with tarfile.open(archive, "w:gz") as packed:
        # A chart inside the chart comes first, as it may.
        inner = tarfile.TarInfo("argo-cd/charts/redis-ha/Chart.yaml")
        packed.addfile(inner, io.BytesIO(b""))
        packed.add(CHART / "Chart.yaml", "argo-cd/Chart.yaml")
    assert local_chart(archive) == folder


def test_what_is_no_chart_is_said_to_be_none(tmp_path: Path) -> None:
    assert local_chart(tmp_path / "missing") is None
    with pytest.raises(HelmError, match=r"no Chart\.yaml"):
        local_chart(tmp_path)
    (tmp_path / "file.tgz").write_text("text")
    with pytest.raises(HelmError, match="not a chart archive"):
        local_chart(tmp_path / "file.tgz")


def test_rendered_objects_are_listed_by_kind() -> None:
    manifest = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b, namespace: n}
---
# only a comment
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: n}
---
apiVersion: v1
kind: Namespace
metadata: {name: n}
"""
    assert resource_names(manifest) == {"Deployment.apps/apps/v1": ["n/a", "n/b"], "Namespace/v1": ["n"]}
