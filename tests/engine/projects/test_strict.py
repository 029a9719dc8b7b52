"""The API server takes, with strict field validation and Argo CD's own CRDs, whatever the builders make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.access.app_projects import app_project_manifests
from components.access.secrets import secret_manifests
from components.projects.section import ProjectSettings, Rendering
from components.settings import Settings, load_settings
from lab.lab import Lab
from lab.local_stack import ROOT
from tests import acceptance
from tests.projects.corpus import PROJECTS
from tests.site import settings
from tests.test_examples import EXAMPLES, sections

pytestmark = pytest.mark.engine


def manifests(read: Settings) -> Iterator[Mapping[str, Any]]:
    applications = read.applications
    yield from (one.manifest for one in applications)
    yield from app_project_manifests(read.app_projects, applications, read.git.hosts, read.argocd.namespace)
    yield from secret_manifests(read.credentials, lambda _existing, keys: dict.fromkeys(keys, "-"))


def refusals(lab: Lab, read: Settings) -> dict[str, str]:
    """Return object → what the API server says against it, for those that it refuses."""
    found = {
        f"{one['kind']} {one['metadata']['name']}": acceptance.refusal(lab, one) for one in manifests(read)
    }
    assert found
    return {name: refusal for name, refusal in found.items() if refusal}


@pytest.fixture(autouse=True)
def _argo_cds_kinds(lab: Lab) -> None:
    acceptance.install_crds(lab)


def test_everything_that_a_project_may_say_is_accepted(lab: Lab) -> None:
    said = {key for own in PROJECTS.values() for key in own}
    known = {field.alias for field in ProjectSettings.model_fields.values()}
    assert known - said == set()
    tools = {field.alias for field in Rendering.model_fields.values()}
    assert tools - said == set()
    assert refusals(lab, settings(projects=PROJECTS)) == {}


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("Pulumi.*.yaml")))
def test_the_objects_of_an_example_are_accepted(lab: Lab, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert refusals(lab, load_settings(sections(name.removeprefix("Pulumi.").removesuffix(".yaml")))) == {}


def test_a_field_that_argo_cd_does_not_know_is_refused(lab: Lab) -> None:
    ((_, refusal),) = refusals(lab, settings(projects={"a": {"spec": {"sorce": {}}}})).items()
    assert "sorce" in refusal


def test_the_pages_own_file_is_accepted(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "application.yml"
    file.write_bytes((EXAMPLES / "applications" / "docserver.yml").read_bytes())
    assert refusals(lab, settings(projects={}, manifests=[str(file)])) == {}
