"""`make try` shows what `up` would write, also where that is not the Corefile itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.site import SITE
from tools.try_corefile import main

PLAIN = """\
.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa
    forward . /etc/resolv.conf
}
"""
IMPORTING = f"{PLAIN}import custom/*.server\n"
OURS = "\nprotobox:53 {\n    forward . 192.168.1.7\n}\n"


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    file = tmp_path / "Pulumi.prod.yaml"
    content = {f"protobox-cd:{section}": value for section, value in SITE.items()}
    file.write_text(yaml.safe_dump({"config": content}), encoding="utf-8")
    return file


def tried(stack: Path, corefile: str, *options: str) -> int:
    file = stack.parent / "Corefile"
    file.write_text(corefile, encoding="utf-8")
    return main([str(stack), str(file), *options])


def test_a_plain_corefile_is_edited_itself(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tried(stack, PLAIN) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("@@")
    assert "+    forward . 192.168.1.7" in printed


def test_where_a_folder_is_imported_the_key_of_its_config_map_is_shown(
    stack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tried(stack, IMPORTING) == 0
    printed = capsys.readouterr().out
    assert "The Corefile stays as it is, since it imports /etc/coredns/custom." in printed
    assert "mostly coredns-custom, the key protobox-cd-prod.server becomes:" in printed
    assert "kubernetes" not in printed
    assert tried(stack, IMPORTING, "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["file"] == "/etc/coredns/custom/protobox-cd-prod.server"
    custom = stack.parent / "custom"
    custom.mkdir()
    (custom / "protobox-cd-prod.server").write_text(found["text"], encoding="utf-8")
    assert tried(stack, IMPORTING) == 0
    assert capsys.readouterr().out == "fine: nothing has to change\n"


def test_what_is_in_the_corefile_already_stays_there(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark = "\n# protobox-cd, stack prod: the next pulumi up undoes changes to this block"
    assert tried(stack, IMPORTING + mark + OURS, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["file"] == ""
