"""What the stand-in chart renders: the workloads, names and labels that the real chart has."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.chart import CHART, complete_chart
from lab.programs import find_programs, missing
from tests.lab.helm import helm

GIT = [{"ip": "192.168.1.7", "hostnames": ["git.protobox"]}]

pytestmark = pytest.mark.engine


def template(
    chart: Path, values: dict[str, Any], release: str = "argocd"
) -> subprocess.CompletedProcess[str]:
    where = ["--namespace", "argocd", "--kube-version", "1.35.4", "--values", "-"]
    return subprocess.run(
        [helm(), "template", release, chart, *where],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
    )


def render(values: dict[str, Any], release: str = "argocd") -> list[dict[str, Any]]:
    done = template(CHART if missing() else complete_chart(find_programs()), values, release)
    assert done.returncode == 0, done.stderr
    return [item for item in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if item]


def named(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item for item in objects if item["kind"] == kind}


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    workloads = named(objects, "Deployment") | named(objects, "StatefulSet")
    return {name: workload["spec"]["template"] for name, workload in workloads.items()}


def test_the_workloads_are_called_as_in_the_real_chart() -> None:
    objects = render({})
    assert sorted(named(objects, "Deployment")) == [
        "argocd-applicationset-controller",
        "argocd-dex-server",
        "argocd-notifications-controller",
        "argocd-redis",
        "argocd-repo-server",
        "argocd-server",
    ]
    assert list(named(objects, "StatefulSet")) == ["argocd-application-controller"]
    assert {"argocd-cm", "argocd-rbac-cm", "argocd-cmd-params-cm"} <= set(named(objects, "ConfigMap"))
    assert set(named(objects, "Secret")) == {"argocd-secret", "argocd-redis"}


def test_host_aliases_reach_every_workload() -> None:
    templates = pods(render({"global": {"hostAliases": GIT}}))
    assert {name: pod["spec"].get("hostAliases") for name, pod in templates.items()} == dict.fromkeys(
        templates, GIT
    )
    assert "argocd-repo-server" in templates


def test_without_host_aliases_no_pod_has_any() -> None:
    assert all("hostAliases" not in pod["spec"] for pod in pods(render({})).values())


def test_pods_are_selected_by_name_and_release() -> None:
    server = named(render({}), "Deployment")["argocd-server"]["spec"]
    assert server["selector"]["matchLabels"] == {
        "app.kubernetes.io/name": "argocd-server",
        "app.kubernetes.io/instance": "argocd",
    }
    assert server["template"]["metadata"]["labels"]["app.kubernetes.io/component"] == "server"


def test_another_release_name_gets_argocd_appended_as_in_the_real_chart() -> None:
    assert "site-argocd-server" in named(render({}, release="site"), "Deployment")


def test_parameters_with_dots_land_in_the_config_maps_as_text() -> None:
    objects = render({"configs": {"params": {"server.insecure": True}, "cm": {"admin.enabled": False}}})
    maps = named(objects, "ConfigMap")
    assert maps["argocd-cmd-params-cm"]["data"]["server.insecure"] == "true"
    assert maps["argocd-cm"]["data"]["admin.enabled"] == "false"
    assert "create" not in maps["argocd-cm"]["data"]


def test_a_changed_parameter_starts_new_pods() -> None:
    before = pods(render({}))["argocd-server"]
    after = pods(render({"configs": {"params": {"server.insecure": "true"}}}))["argocd-server"]
    assert before["metadata"]["annotations"] != after["metadata"]["annotations"]


def test_the_crds_are_kept_unless_the_values_say_otherwise() -> None:
    kept = named(render({}), "CustomResourceDefinition")
    assert sorted(kept) == [
        "applications.argoproj.io",
        "applicationsets.argoproj.io",
        "appprojects.argoproj.io",
    ]
    assert {crd["metadata"]["annotations"]["helm.sh/resource-policy"] for crd in kept.values()} == {"keep"}
    loose = named(render({"crds": {"keep": False}}), "CustomResourceDefinition")
    assert all("annotations" not in crd["metadata"] for crd in loose.values())
    assert named(render({"crds": {"install": False}}), "CustomResourceDefinition") == {}


def test_the_crds_are_argocds_own_but_for_labels_and_annotations() -> None:
    more = {"annotations": {"note": "x"}, "additionalLabels": {"team": "site"}}
    rendered = named(render({"crds": more}), "CustomResourceDefinition")
    for file in find_programs().argocd_crds:
        crd = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        metadata = crd["metadata"]
        assert rendered[metadata["name"]] == crd | {
            "metadata": metadata
            | {
                "labels": metadata["labels"] | {"team": "site"},
                "annotations": {"note": "x", "helm.sh/resource-policy": "keep"},
            }
        }


def test_a_chart_without_the_crds_says_in_one_line_what_brings_them(tmp_path: Path) -> None:
    chart = shutil.copytree(CHART, tmp_path / "argo-cd", ignore=shutil.ignore_patterns("files"))
    failed = template(chart, {})
    assert failed.returncode != 0
    assert "CRDs are not in the lab's chart yet; `make lab` puts them there" in failed.stderr.splitlines()[0]
    assert template(chart, {"crds": {"install": False}}).returncode == 0


def test_what_is_switched_off_is_not_rendered() -> None:
    values = {
        "dex": {"enabled": False},
        "notifications": {"enabled": False},
        "redisSecretInit": {"enabled": False},
    }
    objects = render(values)
    assert {"argocd-dex-server", "argocd-notifications-controller"} & set(
        named(objects, "Deployment")
    ) == set()
    assert named(objects, "Job") == {}
    assert "argocd-redis" not in named(objects, "Secret")


def test_an_unset_secret_has_no_data_so_that_an_upgrade_removes_none() -> None:
    assert "data" not in named(render({}), "Secret")["argocd-secret"]
    webhook = named(render({"configs": {"secret": {"gitlabSecret": "x"}}}), "Secret")["argocd-secret"]
    assert webhook["data"] == {"webhook.gitlab.secret": "eA=="}
