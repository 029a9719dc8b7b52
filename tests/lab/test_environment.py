"""What the programs that the lab runs inherit, and where they keep what they remember."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lab.environment import on_the_site
from lab.lab import Lab


@pytest.mark.parametrize(
    "variable", ["GIT_DIR", "GIT_CONFIG_COUNT", "http_proxy", "HTTPS_PROXY", "all_proxy", "No_Proxy"]
)
def test_what_leads_away_from_the_site_is_not_inherited(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "x")
    monkeypatch.setenv("GITHUB_SHA", "kept")
    inherited = on_the_site()
    assert variable not in inherited
    assert (inherited["GITHUB_SHA"], inherited["PATH"]) == ("kept", os.environ["PATH"])


@pytest.mark.engine
def test_what_kubectl_and_helm_remember_of_the_cluster_goes_with_the_lab(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    environment = lab.environment()
    for command in (["kubectl", "get", "namespaces"], ["helm", "list"]):
        subprocess.run(command, env=environment, capture_output=True, check=True)
    assert list(tmp_path.iterdir()) == []
    assert any((lab.directory / "kubernetes-cache").iterdir())
