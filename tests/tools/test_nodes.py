from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools.nodes import NOTHING, main

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_what_is_printed_can_be_pasted_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLES / "Pulumi.hosts.yaml")]) == 0
    printed = capsys.readouterr().out
    before, _, files = printed.partition("# 2. By hand")
    (entry,) = yaml.safe_load(before)["containerd_registries_mirrors"]
    assert (entry["prefix"], entry["server"]) == ("registry.protobox", "https://192.168.1.7:5000")
    assert "have to trust it already: registry.protobox (/etc/ssl/certs/protobox.pem)" in before
    assert "containerd_insecure_registries" not in before
    assert 'certs.d/registry.protobox/hosts.toml\nserver = "https://192.168.1.7:5000"' in files
    assert "this program does not touch the nodes" in printed


def test_a_stack_without_registries_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLES / "Pulumi.page.yaml")]) == 0
    assert capsys.readouterr().out.strip() == NOTHING


def test_a_stack_file_with_mistakes_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    assert main([str(tmp_path / "Pulumi.dev.yaml")]) == 1
    assert "make check" in capsys.readouterr().err
