"""An Argo CD that is there already is taken over without a new workload, or it is said why not."""

from __future__ import annotations

import pytest

from tests.engine.projects.others import Others

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

NAMES = ["a", "b", "c"]
FORCE = "pulumi.com/patchForce"


def test_a_helm_install_and_three_applications_are_taken_over_without_a_new_workload(others: Others) -> None:
    site = others.site
    others.install_by_helm()
    for name in NAMES:
        others.apply_application(f"argo-{name}", name)
    workloads = others.workloads()
    uids = {name: others.application(f"argo-{name}")["metadata"]["uid"] for name in NAMES}
    argocd = {"chart": {"path": "lab/charts/argo-cd"}}
    site.edit("projects", {name: {} for name in [*NAMES, "new"]})

    refused = site.engine.run("preview", fails=True)
    assert "protobox-cd:argocd.adopt: true" in refused
    assert "protobox-cd:defaults: adopt: true" in " ".join(refused.split())
    assert all(f"argo-{name}" in refused for name in NAMES)
    assert "Traceback" not in refused

    site.edit("argocd", {**argocd, "adopt": True})
    site.edit("defaults", {"adopt": True})
    assert site.preview()["import"] == 5
    shown = site.engine.run("preview", "--diff")
    for name in NAMES:  # the plugin imports no more of a custom resource than its metadata
        assert f'+ repoURL       : "http://git.protobox/gitlab/protobox1/{name}.git"' in shown
    site.engine.run("up", "--yes", "--suppress-outputs")  # a plain one, which previews first
    assert others.workloads() == workloads
    for name in NAMES:
        adopted = others.application(f"argo-{name}")
        assert adopted["metadata"]["uid"] == uids[name]
        url = adopted["spec"]["source"]["repoURL"]
        assert url == f"http://git.protobox/gitlab/protobox1/{name}.git"
        assert adopted["metadata"]["annotations"][FORCE] == "true"
    forced = [one["urn"] for one in site.engine.resources() if FORCE in str(one.get("inputs"))]
    assert sorted(urn.rpartition("::")[2] for urn in forced) == [f"argo-{name}" for name in NAMES]
    assert FORCE not in others.application("argo-new")["metadata"]["annotations"]
    assert site.preview() == {}

    site.edit("defaults", None)
    site.edit("argocd", argocd)
    assert site.preview() == {}


def test_adopt_with_nothing_there_simply_creates(others: Others) -> None:
    site = others.site
    site.edit("argocd", {"chart": {"path": "lab/charts/argo-cd"}, "adopt": True})
    site.edit("defaults", {"adopt": True})
    site.up()
    assert list(site.applications()) == ["argo-docserver"]
    assert site.preview() == {}


def test_plain_manifests_are_explained_and_the_printed_commands_are_the_way(others: Others) -> None:
    site = others.site
    others.install_plain()
    others.apply_application("argo-docserver", "docserver")
    uid = others.application("argo-docserver")["metadata"]["uid"]
    site.edit("argocd", {"chart": {"path": "lab/charts/argo-cd"}, "adopt": True})
    site.edit("defaults", {"adopt": True})
    printed = site.engine.run("preview", fails=True)
    assert "plain manifests" in printed
    commands = [line.strip() for line in printed.splitlines() if line.strip().startswith("kubectl ")]
    assert len(commands) == 6
    for command in commands:
        others.run("bash", "-c", command.replace("before.yaml", "/dev/null"))
    site.up()
    assert others.application("argo-docserver")["metadata"]["uid"] == uid
    assert "Deployment/argocd-server" in others.workloads()
    assert site.preview() == {}
