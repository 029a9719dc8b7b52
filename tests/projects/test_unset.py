"""What Argo CD's own pages write for "not set", and an Application whose manifests Argo CD hydrates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.checks.applications import application_problems
from components.projects.application import Application, hosts_in_use
from components.settings import Settings
from tests.site import SITE, settings

ADDRESS = "http://192.168.1.7/gitlab/protobox1/docserver.git"
NAMED = "http://git.protobox/gitlab/protobox1/docserver.git"
HERE = "https://kubernetes.default.svc"
HYDRATOR = {
    "drySource": {"repoURL": ADDRESS, "targetRevision": "CD", "path": "factory/CD/base"},
    "syncSource": {"targetBranch": "env/dev", "path": "docserver"},
}
SPEC: dict[str, Any] = {
    "project": "default",
    "source": {"repoURL": ADDRESS, "targetRevision": "CD", "path": "factory/CD/base"},
    "sources": [],
    "destination": {"name": "", "namespace": "docserver", "server": HERE},
}
HYDRATED = {**SPEC, "source": None, "sourceHydrator": HYDRATOR}


def of_spec(folder: Path, spec: dict[str, Any]) -> Settings:
    """Return the site with one manifest that has `spec`."""
    file = folder / "application.yml"
    content = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "argo-docserver"},
        "spec": {key: value for key, value in spec.items() if value is not None},
    }
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    git = {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}}
    return settings(git=git, projects={}, manifests=[str(file)])


def declared(folder: Path, spec: dict[str, Any]) -> Application:
    (application,) = of_spec(folder, spec).applications
    return application


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"destination": {"name": "in-cluster", "namespace": "docserver", "server": ""}},
        {"project": ""},
        {"source": {**SPEC["source"], "chart": "", "ref": ""}},
    ],
)
def test_what_argo_cds_pages_write_for_not_set_is_no_mistake(tmp_path: Path, more: dict[str, Any]) -> None:
    assert application_problems(of_spec(tmp_path, {**SPEC, **more})) == []


def test_the_source_beside_an_empty_list_of_sources_is_called_by_its_name(tmp_path: Path) -> None:
    application = declared(tmp_path, SPEC)
    assert application.spec["source"]["repoURL"] == NAMED
    assert list(hosts_in_use([application])) == ["git.protobox"]


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ({**SPEC, "destination": {"name": "", "server": ""}}, "the destination names no cluster"),
        ({**SPEC, "destination": {"name": "edgy", "server": ""}}, "there is no cluster 'edgy'"),
        ({**SPEC, "source": None}, "spec.source is missing"),
        ({**SPEC, "source": {"repoURL": ""}}, "'' is not a URL with a host"),
        (
            {**HYDRATED, "sourceHydrator": {"syncSource": {"path": "a"}}},
            "drySource is missing in spec.sourceHydrator",
        ),
        ({**SPEC, "sourceHydrator": {}}, "drySource is missing in spec.sourceHydrator"),
        ({**HYDRATED, "sourceHydrator": ["a"]}, "spec.sourceHydrator is a list"),
        ({**HYDRATED, "sourceHydrator": {"drySource": {"repoURL": 5}}}, "drySource.repoURL is the number 5"),
    ],
)
def test_what_is_missing_or_wrong_is_told_still(tmp_path: Path, spec: dict[str, Any], what: str) -> None:
    assert any(what in problem.what for problem in application_problems(of_spec(tmp_path, spec)))


def test_the_source_that_argo_cd_hydrates_is_a_repository_like_any_other(tmp_path: Path) -> None:
    assert application_problems(of_spec(tmp_path, HYDRATED)) == []
    application = declared(tmp_path, HYDRATED)
    assert application.spec["sourceHydrator"]["drySource"]["repoURL"] == NAMED
    assert list(hosts_in_use([application])) == ["git.protobox"]
