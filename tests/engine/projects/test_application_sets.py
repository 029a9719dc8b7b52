"""An ApplicationSet of `manifests` on the real engine: made, changed, taken over and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from lab.errors import LabError
from tests.engine.site import Site

pytestmark = pytest.mark.engine

REPOSITORY = "http://192.168.1.7/gitlab/protobox1/fleet.git"


def application_set(**spec: Any) -> dict[str, Any]:
    source = {"repoURL": REPOSITORY, "targetRevision": "CD", "path": "{{path}}"}
    template = {
        "metadata": {"name": "argo-{{path.basename}}"},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": "https://kubernetes.default.svc"},
        },
    }
    generators = [{"git": {"repoURL": REPOSITORY, "revision": "CD", "directories": [{"path": "apps/*"}]}}]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "fleet", "namespace": "argocd"},
        "spec": {"generators": generators, "template": template, **spec},
    }


def write(site: Site, **spec: Any) -> None:
    (site.folder / "fleet.yml").write_text(yaml.safe_dump(application_set(**spec)), encoding="utf-8")


def found(site: Site) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        site.kubectl("get", "applicationset", "fleet", "-n", "argocd", "-o", "json")
    )
    return read


def test_a_set_is_declared_with_names_changed_and_taken_away(site: Site) -> None:
    write(site)
    git = yaml.safe_load((site.folder / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    site.edit("git", {**git["protobox-cd:git"], "hosts": {"192.168.1.7": "git.protobox"}})
    site.edit("manifests", ["fleet.yml"])
    site.up()
    made = found(site)
    named = REPOSITORY.replace("192.168.1.7", "git.protobox")
    assert made["spec"]["template"]["spec"]["source"]["repoURL"] == named
    assert made["spec"]["generators"][0]["git"]["repoURL"] == named
    assert made["metadata"]["annotations"]["protobox-cd/stack"] == "local"
    assert site.preview() == {}
    write(site, syncPolicy={"applicationsSync": "create-update"})
    assert site.preview() == {"update": 1}
    site.up()
    assert found(site)["spec"]["syncPolicy"] == {"applicationsSync": "create-update"}
    site.edit("manifests", None)
    site.up()
    with pytest.raises(AssertionError, match="NotFound"):
        found(site)


def test_a_set_of_somebody_else_is_not_overwritten_and_adopted_when_the_stack_file_says_so(
    site: Site,
) -> None:
    site.up()
    site.kubectl("apply", "-f", "-", given=yaml.safe_dump(application_set()))
    uid = found(site)["metadata"]["uid"]
    write(site)
    site.edit("manifests", ["fleet.yml"])
    with pytest.raises(LabError, match="fleet"):
        site.up()
    site.edit("defaults", {"adopt": True})
    site.up()
    assert found(site)["metadata"]["uid"] == uid
    site.edit("manifests", None)
    site.up()
    assert found(site)["metadata"]["uid"] == uid  # what was taken over outlives its place in the stack file
    site.kubectl("delete", "applicationset", "fleet", "-n", "argocd")
