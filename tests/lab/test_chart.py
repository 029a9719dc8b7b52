from __future__ import annotations

from pathlib import Path

import pytest

import lab.chart
from lab.chart import complete_chart
from lab.programs import Programs
from lab.programs.catalogue import CRDS
from tests.lab.some_programs import some_programs


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Return programs with two CRDs; the chart is an empty folder."""
    monkeypatch.setattr(lab.chart, "CHART", tmp_path / "charts" / "argo-cd")
    crds = [tmp_path / "cache" / name for name in ("application-crd.yaml", "appproject-crd.yaml")]
    crds[0].parent.mkdir()
    for crd in crds:
        crd.write_text(f"# {crd.name}\n", encoding="utf-8")
        crd.chmod(0o444)
    return some_programs(argocd_crds=tuple(crds))


def placed(chart: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in (chart / "files" / "crds").iterdir()}


def test_the_crds_are_put_where_helm_reads_them_and_nothing_else_is_left(programs: Programs) -> None:
    chart = complete_chart(programs)
    assert placed(chart) == {crd.name: f"# {crd.name}\n" for crd in programs.argocd_crds}
    assert [entry.name for entry in chart.parent.iterdir()] == ["argo-cd"]


def test_what_is_there_already_is_not_written_again(programs: Programs) -> None:
    files = [complete_chart(programs) / "files" / "crds" / crd.name for crd in programs.argocd_crds]
    before = [file.stat().st_ino for file in files]
    complete_chart(programs)
    assert [file.stat().st_ino for file in files] == before


def test_what_differs_is_replaced(programs: Programs) -> None:
    chart = complete_chart(programs)
    (chart / "files" / "crds" / "application-crd.yaml").write_text(
        "# of an older Argo CD\n", encoding="utf-8"
    )
    complete_chart(programs)
    assert placed(chart)["application-crd.yaml"] == "# application-crd.yaml\n"


def test_the_chart_renders_every_crd_that_a_build_brings() -> None:
    template = (lab.chart.CHART / "templates" / "crds" / "crds.yaml").read_text(encoding="utf-8")
    listed = next(line for line in template.splitlines() if "range list" in line)
    for crd in CRDS.companions:
        assert f'"{crd.path.name.removesuffix("-crd.yaml")}"' in listed
