from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools.kubespray import main

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_what_kubespray_is_to_render_is_printed_as_it_is_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLES / "Pulumi.page.yaml")]) == 0
    printed = capsys.readouterr().out
    entry = [{"zones": ["protobox"], "nameservers": ["192.168.1.7"], "cache": 30}]
    assert yaml.safe_load(printed) == {
        "coredns_external_zones": entry,
        "nodelocaldns_external_zones": entry,
    }
    assert "&" not in printed
    assert "Zones that these variables have already have to stay" in printed


def test_entries_are_printed_as_the_hosts_file_of_kubespray(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (EXAMPLES / "Pulumi.page.yaml").read_text(encoding="utf-8")
    dns = "strategy: hosts\n    hosts: {entries: {192.168.1.7: [git.protobox, registry.protobox]}}\n"
    text = re.sub(r"strategy: dnsmasq.*?\n\n", dns + "\n", page, count=1, flags=re.DOTALL)
    (tmp_path / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")
    assert main([str(tmp_path / "Pulumi.dev.yaml")]) == 0
    printed = capsys.readouterr().out
    entries = "192.168.1.7 git.protobox\n192.168.1.7 registry.protobox\n"
    assert yaml.safe_load(printed) == {"dns_etchosts": entries}
    assert "reverse\n# names of these addresses, too" in printed


def test_a_strategy_without_zones_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(EXAMPLES / "Pulumi.host-aliases.yaml")]) == 0
    assert capsys.readouterr().out.startswith("# the strategy hostAliases adds nothing to the cluster's DNS")


def test_a_stack_file_with_mistakes_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    assert main([str(tmp_path / "Pulumi.dev.yaml")]) == 1
    assert "make check" in capsys.readouterr().err
