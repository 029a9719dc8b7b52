"""All contestants of `make bench` declare the same Applications."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from benchmarks.contestants import BARE_PROGRAM, application, projects, write_chart
from lab.local_stack import ROOT
from tests.engine_mock import Engine, until_drained
from tests.site import settings

NUMBER = 3
WANTED = [application(name, "argocd") for name in projects(NUMBER)]


def test_this_program_declares_them() -> None:
    of_lab = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    found = settings(git=of_lab["protobox-cd:git"], projects={name: {} for name in projects(NUMBER)})
    assert [one.manifest for one in found.applications] == WANTED


def test_the_bare_program_declares_them(tmp_path: Path) -> None:
    program = tmp_path / "bare.py"
    program.write_text(BARE_PROGRAM.format(chart="argo-cd", projects=NUMBER), encoding="utf-8")
    engine = Engine()

    def run() -> None:
        pulumi.runtime.set_mocks(engine, project="bare", stack="test", preview=False)
        runpy.run_path(str(program))

    until_drained(run)()
    found = [moved(one.inputs) for one in engine.of_type("kubernetes:argoproj.io/v1alpha1:Application")]
    assert sorted(found, key=lambda one: str(one["metadata"]["name"])) == WANTED  # made side by side


def moved(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest in the namespace of the others."""
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": "argocd"}}


@pytest.mark.parametrize("namespace", ["helm", "argocd"])
def test_the_chart_makes_one_of_each_name(tmp_path: Path, namespace: str) -> None:
    write_chart(tmp_path / "chart", namespace)
    lines = (tmp_path / "chart/templates/applications.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "{{- range $name := .Values.projects }}"
    assert lines[-1] == "{{- end }}"
    assert yaml.safe_load("\n".join(lines[1:-1])) == application("{{ $name }}", namespace)
