from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools.which_cluster import main

PAGE = str(Path(__file__).parents[2] / "examples/Pulumi.page.yaml")


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubeconfig of two clusters, of which the current one is not the stack's."""
    names = {"kubernetes-admin@cluster.local": "https://10.0.0.5:6443", "another": "https://10.9.9.9:6443"}
    content = {
        "current-context": "another",
        "clusters": [{"name": name, "cluster": {"server": server}} for name, server in names.items()],
        "users": [{"name": "me", "user": {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "me"}} for name in names],
    }
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(file))
    return file


def test_the_api_server_of_the_stacks_own_context_is_named(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([PAGE]) == 0
    printed = capsys.readouterr().out
    assert "the cluster https://10.0.0.5:6443 (kube-context kubernetes-admin@cluster.local)" in printed
    assert "10.9.9.9" not in printed


def test_a_context_that_is_not_there_stops_before_pulumi_asks(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kubeconfig.write_text(
        kubeconfig.read_text(encoding="utf-8").replace("cluster.local", "else"), encoding="utf-8"
    )
    assert main([PAGE]) == 1
    assert "the kube-context 'kubernetes-admin@cluster.local' does not exist" in capsys.readouterr().err


def test_the_mistakes_of_a_stack_file_are_left_to_the_preview(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    assert main([str(tmp_path / "Pulumi.dev.yaml")]) == 0
    assert capsys.readouterr() == ("", "")
