"""Ctrl-C in the middle of `make up`: Pulumi saves what it has done, and the next one goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube.resources.core_v1 import Secret

from lab.lab import Lab
from lab.local_stack import ROOT, LocalStack
from lab.processes import wait_until
from tests.conftest import a_lab

RELEASE, APPLICATION = "kubernetes:helm.sh/v3:Release", "kubernetes:argoproj.io/v1alpha1:Application"

pytestmark = pytest.mark.engine


@pytest.fixture
def fresh_lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab without Argo CD's CRDs, which other tests leave behind."""
    yield from a_lab(Lab(tmp_path / "lab"))


def helm_has_begun(lab: Lab) -> bool:
    """Return whether Helm has written down that it installs Argo CD."""
    with lab.client() as client:
        return any(client.list(Secret, namespace="argocd", labels={"owner": "helm", "name": "argocd"}))


def test_an_interrupted_up_is_finished_by_the_next_one(fresh_lab: Lab, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    stack = LocalStack(fresh_lab, project)
    # A build server may have started the tests in the background, where Ctrl-C is ignored, by children too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "--directory", fresh_lab.directory, "up"],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as up:
        assert wait_until(lambda: helm_has_begun(fresh_lab) or up.poll() is not None, 180)
        up.send_signal(signal.SIGINT)
        printed, _ = up.communicate(timeout=600)
    assert up.returncode == 130, printed
    assert printed.endswith("Interrupted.\n")
    saved = {resource["type"] for resource in stack.engine.resources()}
    assert RELEASE in saved
    assert APPLICATION not in saved
    stack.up()  # at once: the API server may still answer 429 for the kinds of the new CRDs
    assert "argo-docserver" in stack.applications()
