"""The preflight's questions to a real API server, as an administrator and as somebody who may only read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.lab import Lab
from review.preflight.cluster import API, RIGHTS, Cluster
from review.preflight.looking import look_at
from review.preflight.rows import Mark, Row
from tests.site import settings

pytestmark = [pytest.mark.engine, pytest.mark.timeout(120)]

READER = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: default}]
"""
STACK = {"cluster": {"context": "lab"}}


def rows(purpose: str) -> dict[str, Row]:
    return {row.what: row for row in look_at(Cluster(settings(**STACK), purpose).checks(20, 30))}


@pytest.fixture
def reader(engine_lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of a user who may read everything, and change nothing."""

    def kubectl(*arguments: str, given: str = "") -> str:
        done = subprocess.run(
            ["kubectl", *arguments],
            env=engine_lab.environment(),
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    kubectl("apply", "-f", "-", given=READER)
    config = yaml.safe_load(engine_lab.kubeconfig.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": kubectl("create", "token", "reader").strip()}
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    yield kubeconfig
    kubectl("delete", "-f", "-", given=READER)


def test_an_administrator_has_every_right(engine_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(engine_lab.kubeconfig))
    found = rows("up")
    assert (found[API].mark, found[RIGHTS].mark) == (Mark.OK, Mark.OK)


def test_who_may_only_read_may_preview_and_is_told_what_an_up_lacks(
    reader: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(reader))
    assert rows("preview")[RIGHTS].mark is Mark.OK
    row = rows("up")[RIGHTS]
    assert row.mark is Mark.FAILED
    told = row.seen.splitlines()
    assert "patch configmaps coredns in kube-system" in told
    assert "create pods/exec in argocd" in told
    assert not [line for line in told[1:] if line.startswith(("get", "list"))]
