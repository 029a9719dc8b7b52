"""The chart against the cluster's Kubernetes, before anything is written."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from components.argocd.chart import ChartSettings
from components.argocd.requirements import chart_problem, satisfies

CHART_YAML = 'name: argo-cd\nversion: 10.1.1\nappVersion: v3.4.4\nkubeVersion: ">=1.25.0-0"\n'


def chart(**source: Any) -> ChartSettings:
    return ChartSettings.model_validate(source)


def archive(path: Path, **files: str) -> Path:
    """Write a .tgz with `files`, whose names are written with `__` for `/`."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("__", "/").replace("_yaml", ".yaml"))
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize(
    ("server", "constraint", "expected"),
    [
        ("v1.25.0", ">=1.25.0-0", True),
        ("v1.24.17", ">=1.25.0-0", False),
        ("v1.31.4-eks-1a2b3c", ">=1.25.0-0", True),
        ("v1.24.9-gke.3200", ">=1.25.0-0", False),
        ("v1.25.3+k3s1", ">=1.25.0-0", True),
        ("v1.31.4-eks-1a2b3c", ">=1.25.0", False),  # Helm's own trap, which `-0` is for
        ("v1.27.1", ">= 1.25.0-0, < 1.28.0-0", True),
        ("v1.28.0", ">= 1.25.0-0, < 1.28.0-0", False),
        ("v1.28.0", "<1.20.0 || >=1.28.0", True),
        ("v1.28.9", "~1.28.2", True),
        ("v1.29.0", "~1.28.2", False),
        ("v1.30.0", "1.30.x", True),
        ("v1.30.0", "", True),
        ("v1.30.0", "newer than old", True),  # Helm's to judge
        ("no version", ">=1.25.0-0", True),
    ],
)
def test_a_constraint_means_what_helm_takes_it_for(server: str, constraint: str, expected: bool) -> None:
    assert satisfies(server, constraint) is expected


def test_of_a_chart_that_helm_downloads_nothing_is_known() -> None:
    assert chart_problem(chart(version="10.1.1"), "v1.24.17") is None


@pytest.mark.parametrize("packed", [True, False])
def test_a_chart_on_this_machine_says_itself_what_it_needs(tmp_path: Path, packed: bool) -> None:
    if packed:
        path = archive(
            tmp_path / "a.tgz", argo_cd__templates__Chart_yaml="no", argo_cd__Chart_yaml=CHART_YAML
        )
    else:
        path = tmp_path / "argo-cd"
        path.mkdir()
        (path / "Chart.yaml").write_text(CHART_YAML, encoding="utf-8")
    own = chart(path=str(path))
    assert chart_problem(own, "v1.25.3") is None
    told = chart_problem(own, "v1.24.0")
    assert told is not None
    assert told.where == "protobox-cd:argocd.chart.path"
    assert f"the chart {path} (10.1.1) needs Kubernetes >=1.25.0-0" in told.what
    assert "take an older packaged chart" in told.fix


def test_a_chart_without_kube_version_is_installed_anywhere(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: argo-cd\nversion: 1.0.0\n", encoding="utf-8")
    assert chart_problem(chart(path=str(tmp_path)), "v1.1.0") is None


def test_what_is_no_chart_is_told_with_its_path(tmp_path: Path) -> None:
    whole = archive(
        tmp_path / "whole.tgz", argo_cd__Chart_yaml=CHART_YAML, argo_cd__big="x" * 10_000
    ).read_bytes()
    (tmp_path / "folder").mkdir()
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "Chart.yaml").write_text("- a\n", encoding="utf-8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "Chart.yaml").write_text("a: [\n", encoding="utf-8")
    (tmp_path / "cut.tgz").write_bytes(whole[:60])
    (tmp_path / "flipped.tgz").write_bytes(whole[:30] + bytes([whole[30] ^ 255]) + whole[31:])
    (tmp_path / "page.tgz").write_text("<html>not found</html>", encoding="utf-8")
    archive(tmp_path / "other.tgz", Chart_yaml=CHART_YAML)
    expected = {
        "nothing.tgz": "does not exist",
        "folder": "is a folder without Chart.yaml",
        "list": "names no chart",
        "broken": "is no YAML",
        "cut.tgz": "",
        "flipped.tgz": "",
        "page.tgz": "",
        "other.tgz": "is an archive without <chart>/Chart.yaml",
    }
    for name, reason in expected.items():
        told = chart_problem(chart(path=str(tmp_path / name)), "v1.30.0")
        assert told is not None, name
        assert told.where == "protobox-cd:argocd.chart.path"
        assert str(tmp_path / name) in told.what
        assert reason in told.what
        assert told.why
        assert told.fix
