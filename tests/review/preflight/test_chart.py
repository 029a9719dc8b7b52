from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from components.argocd.chart import ChartSettings
from components.stackfile.secret_text import placeholder
from review.preflight.chart import chart_row
from tests.review.preflight import servers
from tools.command_line import Mark, Row

INDEX = b"""apiVersion: v1
entries:
  argo-workflows:
  - version: 0.45.0
  argo-cd:
  - apiVersion: v2
    dependencies:
    - name: redis-ha
      version: 4.33.2
    version: 10.1.1
  - name: argo-cd
    version: 7.3.11
generated: "2026-01-01T00:00:00Z"
"""


def row(seconds: float = 3, **chart: str) -> Row:
    return chart_row(ChartSettings.model_validate(chart), seconds, oci_scheme="http")


def test_a_version_that_the_repository_has() -> None:
    with servers.pages({"/charts/index.yaml": (200, INDEX)}) as port:
        found = row(repository=f"http://127.0.0.1:{port}/charts/", version="v10.1.1")
    assert (found.mark, found.fix) == (Mark.OK, "")


def test_a_version_that_it_has_not_is_told_with_those_that_it_has() -> None:
    with servers.pages({"/index.yaml": (200, INDEX)}) as port:
        found = row(repository=f"http://127.0.0.1:{port}", version="9.0.0")
    assert found.mark is Mark.FAILED
    assert "has no argo-cd 9.0.0; it has 10.1.1, 7.3.11" in found.seen
    assert "protobox-cd:argocd.chart.version" in found.fix


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ((200, b"<html>log in</html>"), "has no index of a chart repository"),
        ((200, b"- entries: {argo-cd: []}"), "has no index of a chart repository"),
        ((200, b"a: ["), "has no index of a chart repository"),
        ((200, b"\xff\xfe\x00"), "has no index of a chart repository"),
        ((200, b"entries: {other: []}"), "has no chart argo-cd"),
        ((404, b""), "answers 404"),
        ((401, b""), "answers 401"),
    ],
)
def test_what_is_no_repository_of_the_chart(page: servers.Page, told: str) -> None:
    with servers.pages({"/index.yaml": page}) as port:
        found = row(repository=f"http://127.0.0.1:{port}")
    assert found.mark is Mark.FAILED
    assert told in found.seen
    assert found.fix


def test_a_repository_for_members_only_is_a_warning_if_there_is_a_password_for_it() -> None:
    with servers.pages({"/index.yaml": (401, b"")}) as port:
        password = placeholder("password")
        found = row(repository=f"http://127.0.0.1:{port}", username="deploy", password=password)
    assert (found.mark, found.fix) == (Mark.WARNING, "")
    assert "which is encrypted, so that it was not tried here" in found.seen


def test_a_chart_that_cannot_be_reached_names_the_ways_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.preflight.chart.DEFAULT_REPOSITORY", "http://127.0.0.1:1/default")
    found = row()
    assert found.mark is Mark.FAILED
    assert found.seen.startswith(
        "http://127.0.0.1:1/default (the default, since the stack file names no place"
    )
    assert "cannot be reached from here" in found.seen
    for way in ("mirror", "HTTPS_PROXY", "chart.path: charts/argo-cd-10.1.1.tgz"):
        assert way in found.fix


def test_a_repository_that_is_not_there_is_the_one_that_the_stack_file_names() -> None:
    found = row(repository="http://127.0.0.1:1")
    assert found.seen.startswith("http://127.0.0.1:1 cannot be reached from here")


def test_a_repository_that_never_answers_is_not_waited_for() -> None:
    with servers.silent() as port:
        found = row(repository=f"http://127.0.0.1:{port}", seconds=0.3)
    assert found.mark is Mark.FAILED
    assert "timed out" in found.seen
    assert "chart.path" in found.fix


def test_credentials_in_an_address_are_not_shown() -> None:
    found = row(repository="http://127.0.0.1:1/charts?token=hush")
    assert "hush" not in found.seen + found.fix


def test_a_manifest_in_a_registry() -> None:
    with servers.pages({"/v2/charts/argo-cd/manifests/10.1.1_a": (200, b"{}")}) as port:
        found = row(oci=f"oci://127.0.0.1:{port}/charts/argo-cd", version="10.1.1+a")
    assert found.mark is Mark.OK


def test_a_registry_for_members_only_is_a_warning_since_helm_may_be_logged_in() -> None:
    with servers.pages({"/v2/c/manifests/10.1.1": (401, b"")}) as port:
        found = row(oci=f"oci://127.0.0.1:{port}/c")
    assert found.mark is Mark.WARNING
    assert "which was not tried here" in found.seen


def test_a_tag_that_a_registry_has_not_is_told() -> None:
    with servers.pages({}) as port:
        found = row(oci=f"oci://127.0.0.1:{port}/c", version="10.1.1")
    assert found.mark is Mark.FAILED
    assert "has no argo-cd 10.1.1" in found.seen


def test_a_chart_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("name: argo-cd\nversion: 10.1.1\n", encoding="utf-8")
    with tarfile.open(tmp_path / "c.tgz", "w:gz") as tar:
        tar.add(tmp_path / "Chart.yaml", "argo-cd/Chart.yaml")
    found = row(path=str(tmp_path / "c.tgz"))
    assert found.mark is Mark.OK
    assert found.seen.startswith("argo-cd 10.1.1 in")
