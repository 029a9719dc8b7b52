"""`make bundle` as a whole, with what cannot be had and what a reader of the bundle finds."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tools.bundle import MissingError
from tools.bundle import __main__ as bundling
from tools.bundle.software import made_for
from tools.command_line import Mark, Row

EXAMPLE = "Pulumi.prod.yaml"
STACK = """\
config:
  protobox-cd:cluster: {context: prod}
  protobox-cd:git: {baseUrl: http://git.protobox/gitlab, group: protobox1, revision: CD, path: base}
  protobox-cd:dns: {strategy: dnsmasq, zones: [protobox], servers: [192.168.1.7]}
  protobox-cd:projects: {docserver: {}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with one file in Git, a stack file and a secret that are not, where all can be had."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in (EXAMPLE, "README.md", "kubeconfig"):
        (folder / name).write_text(STACK, encoding="utf-8")
    for command in (["init", "--quiet"], ["add", "README.md"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    chart = folder / "pulled.tgz"
    chart.touch()
    monkeypatch.chdir(folder)
    for part in ("fetch_wheels", "fetch_pulumi", "fetch_plugin", "write_images"):
        monkeypatch.setattr(bundling, part, lambda *_, what=part: Row(Mark.OK, what, "is there"))
    monkeypatch.setattr(bundling, "chart_here", lambda *_: chart)
    return folder


def test_a_stack_with_mistakes_gets_no_bundle(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / EXAMPLE).write_text("config: {}", encoding="utf-8")
    assert bundling.main(["prod"]) == 1
    assert "make check STACK=prod" in capsys.readouterr().err
    assert not (project / "bundle-prod").exists()


def test_the_project_is_in_the_bundle_as_git_has_it_with_stack_file_and_chart(project: Path) -> None:
    assert bundling.main(["prod"]) == 0
    there = project / "bundle-prod" / "project"
    files = {file.relative_to(there).as_posix() for file in there.rglob("*") if file.is_file()}
    assert files == {"README.md", EXAMPLE, "charts/argo-cd-10.1.1.tgz"}


def test_the_readme_says_for_what_it_is_and_what_to_write_into_the_stack_file(project: Path) -> None:
    bundling.main(["prod"])
    text = (project / "bundle-prod" / "README.md").read_text(encoding="utf-8")
    assert made_for() in text
    assert "Nothing is missing." in text
    assert "  chart: {path: charts/argo-cd-10.1.1.tgz}" in text
    assert "  images: {registry: registry.protobox/mirror}" in text


def test_a_stack_file_that_is_for_such_a_site_already_needs_no_change(project: Path) -> None:
    (project / "pulled").mkdir()
    (project / "pulled" / "Chart.yaml").write_text("{name: argo-cd, version: 10.1.1}", encoding="utf-8")
    more = "  protobox-cd:argocd: {chart: {path: pulled}, images: {registry: registry.protobox}}\n"
    (project / EXAMPLE).write_text(STACK + more, encoding="utf-8")
    assert bundling.main(["prod"]) == 0
    assert "It needs no change." in (project / "bundle-prod" / "README.md").read_text(encoding="utf-8")


def test_what_cannot_be_had_is_named_loudly_with_what_to_do_and_the_rest_is_there(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> Row:
        raise MissingError("MISSING, nobody answers", "fetch it by hand:", "https://get.pulumi.com/x")

    monkeypatch.setattr(bundling, "fetch_plugin", missing)
    assert bundling.main(["prod", "--to", "there"]) == 1
    printed = capsys.readouterr()
    assert "FAILED   plugin command  MISSING, nobody answers" in printed.out
    assert "https://get.pulumi.com/x" in printed.out
    assert "error: THE BUNDLE IS NOT WHOLE, it lacks: plugin kubernetes, plugin command" in printed.err
    assert "https://get.pulumi.com/x" in (project / "there" / "README.md").read_text(encoding="utf-8")
    assert (project / "there" / "project" / EXAMPLE).is_file()


def test_every_file_has_a_sum_but_the_images_that_are_saved_later(project: Path) -> None:
    bundle = project / "bundle-prod"
    (bundle / "images").mkdir(parents=True)
    (bundle / "images" / "saved").touch()
    for _ in range(2):
        assert bundling.main(["prod"]) == 0
    lines = (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert {"install.sh", "push-images.sh", "README.md", "made-for.txt", f"project/{EXAMPLE}"} <= sums.keys()
    assert not any(name.startswith("images") or "SHA256" in name for name in sums)
    for name, digest in sums.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest


def test_outside_of_a_clone_the_project_is_said_to_be_missing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".git").rename(project / "git")
    assert bundling.main(["prod"]) == 1
    assert "copy the folder by hand" in capsys.readouterr().out
