"""`make upgrade` between the lab's chart and a packaged one with other CRDs and values."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
import yaml

from tools.upgrade import main

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab" / "charts" / "argo-cd"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: appprojects.argoproj.io}
spec:
  versions:
    - name: v1alpha1
      schema: {openAPIV3Schema: {properties: {spec: {properties: {sourceIntegrity: {}}}}}}
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A packaged chart: the lab's with another Argo CD, a value less, and a CRD of its own."""
    folder = tmp_path / "argo-cd"
    shutil.copytree(LAB, folder)
    about = yaml.safe_load((LAB / "Chart.yaml").read_text(encoding="utf-8"))
    changes = yaml.safe_dump([{"kind": "changed", "description": "Bump argo-cd to v3.6.2"}])
    about |= {"version": "10.9.0", "appVersion": "v3.6.2", "annotations": {"artifacthub.io/changes": changes}}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
    values = yaml.safe_load((LAB / "values.yaml").read_text(encoding="utf-8"))
    del values["server"]["service"]
    (folder / "values.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    (folder / "templates" / "crds" / "appproject.yaml").write_text(CRD, encoding="utf-8")
    packaged = tmp_path / "argo-cd-10.9.0.tgz"
    with tarfile.open(packaged, "w:gz") as archive:
        archive.add(folder, "argo-cd")
    return packaged


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    content = yaml.safe_load((ROOT / "examples" / "Pulumi.page.yaml").read_text(encoding="utf-8"))
    content["config"]["protobox-cd:argocd"] = {"service": {"type": "LoadBalancer"}, "domain": "cd.protobox"}
    content["config"]["protobox-cd:appProjects"] = {
        "shop": {"signatureKeys": [{"keyID": "4AEE18F83AFDEB23"}]}
    }
    del content["config"]["protobox-cd:manifests"]
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_all_that_changes_is_told(stack: Path, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(stack), str(newer), "--from", str(LAB)]) == 0
    printed = capsys.readouterr().out
    assert "chart       10.1.1-lab → 10.9.0" in printed
    assert "Argo CD     v3.4.4 → v3.6.2" in printed
    assert "Kubernetes  >=1.25.0-0, the same" in printed
    assert "it ignores them:\n  server.service\n" in printed
    assert "appprojects.argoproj.io: + v1alpha1 spec" in printed
    assert "appProjects.shop.signatureKeys: deprecated since Argo CD 3.5" in printed
    assert "Bump argo-cd to v3.6.2" in printed
    assert "upgrading/3.4-3.5/" in printed
    assert "upgrading/3.5-3.6/" in printed


def test_to_the_same_chart_nothing_changes(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(stack), str(LAB), "--from", str(LAB)]) == 0
    assert capsys.readouterr().out.count(": none") == 5


@pytest.mark.parametrize(
    ("more", "said"), [((), "Say it with FROM="), (("--from", "nowhere"), "does not exist")]
)
def test_a_chart_that_is_not_here_is_told_with_the_command_that_gets_it(
    stack: Path, more: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(stack), str(LAB), *more]) == 1
    printed = capsys.readouterr().err
    assert said in printed
    assert "helm pull argo-cd --repo" in printed


def test_a_file_that_is_no_chart_is_told(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(stack), str(stack), "--from", str(LAB)]) == 1
    assert "is no complete .tgz archive" in capsys.readouterr().err
