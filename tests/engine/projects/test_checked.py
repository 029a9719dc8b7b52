"""What `make check` calls fine, the real API server takes, with Argo CD's own CRDs and strict validation."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given
from hypothesis import settings as hypothesis_settings

from components.projects.crd import misfits
from components.settings import Settings
from lab.lab import Lab
from lab.local_stack import ROOT
from tests import acceptance
from tests.engine.projects.test_strict import manifests, refusals
from tests.projects.random_manifests import applications
from tests.settings.random_stack_files import edited
from tests.site import SITE
from tests.test_examples import EXAMPLES
from tools.check import check

pytestmark = pytest.mark.engine
QUICKLY = hypothesis_settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

EXCEPTIONS: dict[str, str] = {}
"""What the API server refuses, and the check does not → why."""


@pytest.fixture(scope="module")
def lab(lab: Lab) -> Lab:
    acceptance.install_crds(lab)
    return lab


def unexpected(lab: Lab, settings: Settings) -> dict[str, str]:
    """Return what the API server refuses of a stack that was called fine, apart from the exceptions."""
    return {
        name: refusal
        for name, refusal in refusals(lab, settings).items()
        if not any(known in refusal for known in EXCEPTIONS)
    }


@QUICKLY
@given(applications())
def test_an_application_of_a_file_that_is_called_fine_is_taken(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory, application: dict[str, Any]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    manifest, stack = folder / "application.yml", folder / "Pulumi.made.yaml"
    manifest.write_text(yaml.safe_dump(application), encoding="utf-8")
    content = {f"protobox-cd:{key}": value for key, value in SITE.items() if key != "projects"}
    content["protobox-cd:git"] = {**SITE["git"], "publicHosts": ["registry.protobox"]}
    content["protobox-cd:manifests"] = [str(manifest)]
    stack.write_text(yaml.safe_dump({"config": content}), encoding="utf-8")
    settings = check(stack).settings
    assume(settings is not None)
    assert settings
    assert unexpected(lab, settings) == {}


@QUICKLY
@given(edited([yaml.safe_load(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("Pulumi.*.yaml")]))
def test_the_objects_of_a_stack_file_that_is_called_fine_are_taken(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    stack = tmp_path_factory.getbasetemp() / "Pulumi.made.yaml"
    stack.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(ROOT)
        settings = check(stack).settings
        assume(settings is not None)
        assert settings
        assume(next(manifests(settings), None))  # an edit may have taken out the only project
        assert unexpected(lab, settings) == {}


def test_the_crds_of_argo_cds_own_module_have_no_field_that_ours_lack(lab: Lab) -> None:
    for file in lab.programs.argocd_crds:
        crd = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        kind = crd["spec"]["names"]["kind"]
        if kind == "ApplicationSet":
            continue
        schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
        wrong = misfits(kind, {"spec": sample(schema)})
        assert [one for one in wrong if one.rule != "required"] == []


def sample(schema: dict[str, Any]) -> Any:
    """Return a value that has every field of `schema`."""
    if schema.get("x-kubernetes-int-or-string"):
        return 1
    match schema.get("type"):
        case "object":
            fields = {name: sample(below) for name, below in schema.get("properties", {}).items()}
            more = schema.get("additionalProperties")
            return {**fields, **({"x": sample(more)} if isinstance(more, dict) else {})}
        case "array":
            return [sample(schema["items"])]
        case "boolean":
            return True
        case "integer" | "number":
            return 1
        case _:
            return "123456"
