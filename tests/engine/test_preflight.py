"""The preflight's questions to a real API server, as an administrator and as somebody who may only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from review.preflight.cluster import API, RIGHTS, cluster_check
from review.preflight.rows import look_at
from tests.engine.reader import reading
from tests.site import settings
from tools.rows import Mark, Row

pytestmark = [pytest.mark.engine, pytest.mark.timeout(120)]

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
