from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from review.preflight.looking import look_at
from review.preflight.proof import proof_checks
from review.preflight.rows import Mark, Row
from tests.site import settings

DNSMASQ = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]}


def rows(purpose: str = "up", **dns: Any) -> list[Row]:
    return look_at(proof_checks(settings(dns={**DNSMASQ, **dns}), purpose, 2))


def test_an_up_needs_kubectl_for_its_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (row,) = rows()
    assert row.mark is Mark.FAILED
    assert row.seen.startswith("there is no kubectl on PATH")
    assert "dns.verify: false" in row.fix
    (tmp_path / "kubectl").touch(mode=0o755)
    assert [row.mark for row in rows()] == [Mark.OK]


def test_nothing_else_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rows("preview") == rows(verify=False) == []
