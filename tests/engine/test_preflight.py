"""The preflight's questions to a real API server, as an administrator and as somebody who may only read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.cluster.backend import half_written
from lab.lab import Lab
from review.preflight.cluster import API, RIGHTS, cluster_check
from review.preflight.rows import look_at
from tests.engine.reader import reading
from tests.site import settings
from tools.command_line import Mark, Row

pytestmark = pytest.mark.engine

STACK = {"cluster": {"context": "lab"}}


def rows(purpose: str) -> dict[str, Row]:
    return {row.what: row for row in look_at([cluster_check(settings(**STACK), purpose)], 30)}


@pytest.fixture
def reader(lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of a user who has the rights of the example, and no other."""
    with reading(lab, tmp_path) as kubeconfig:
        yield kubeconfig


def test_an_administrator_has_every_right(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(lab.kubeconfig))
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
    assert "get, create pods/exec in argocd" in told


@pytest.mark.parametrize(("options", "beside"), [("", 1), ("?metadata=skip", 0)])
def test_pulumi_stops_at_half_written_attributes_and_needs_none(
    lab: Lab, tmp_path: Path, options: str, beside: int
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: protobox-cd\nruntime: python\n")
    environment = lab.environment() | {"PULUMI_BACKEND_URL": f"file://{tmp_path}{options}"}

    def pulumi(*command: str) -> str:
        words = [str(lab.programs.pulumi), *command, "--non-interactive"]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        return done.stderr if done.returncode else ""

    assert pulumi("stack", "init", "dev") == ""
    written = list((tmp_path / ".pulumi" / "stacks" / "protobox-cd").glob("dev.json.attrs"))
    assert len(written) == beside
    for attributes in written:
        attributes.write_text("")
        assert "EOF" in pulumi("stack", "export", "--stack", "dev")
        assert half_written(tmp_path, "dev", locks=True) == attributes
        attributes.unlink()
    assert pulumi("stack", "export", "--stack", "dev") == ""
