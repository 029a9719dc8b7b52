from __future__ import annotations

import platform
from typing import Any

import pytest

from lab.errors import LabError
from lab.lock import lock_text, main


def package(name: str, file: str, digest: str = "ab12") -> dict[str, Any]:
    """Return one package of a report, as pip writes it."""
    return {
        "metadata": {"name": name, "version": "1.2"},
        "download_info": {"url": f"file:///{file}", "archive_info": {"hashes": {"sha256": digest}}},
    }


def test_every_package_is_a_line_with_its_hash_in_alphabetical_order() -> None:
    report = {"install": [package("PyYAML", "PyYAML-1.2.whl", "cd34"), package("dill", "dill-1.2.whl")]}
    lines = lock_text(report).splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "dill==1.2 --hash=sha256:ab12",
        "pyyaml==1.2 --hash=sha256:cd34",
    ]


def test_a_package_that_would_have_to_be_built_is_refused() -> None:
    with pytest.raises(LabError, match=r"dill 1\.2 is served as source only"):
        lock_text({"install": [package("dill", "dill-1.2.tar.gz")]})


def test_another_machine_than_the_images_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert main() == 1
    assert "Run `make lock` on Linux x86_64 with Python 3.11." in capsys.readouterr().err
