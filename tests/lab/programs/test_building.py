from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.console import Console

from lab.errors import LabError
from lab.programs import LiveProgress, PlainProgress, Programs, build, find_programs, missing, progress_for
from lab.programs.catalogue import ARGOCD


def quiet() -> PlainProgress:
    return PlainProgress(Console(file=io.StringIO()))


def builds(go: Path) -> list[str]:
    return [call.split()[-1] for call in (go / "calls").read_text().splitlines() if call.startswith("build")]


def test_everything_that_is_missing_is_built_once(fake_go: Path) -> None:
    programs = build(quiet())
    assert programs == find_programs()
    assert missing() == []
    build(quiet())
    assert builds(fake_go) == ["python-host", "engine", "cluster"]


def test_the_go_client_is_told_to_change_nothing_and_to_build_the_same_everywhere(fake_go: Path) -> None:
    command = build(quiet()).kube_apiserver.read_text()
    assert command.startswith("build -mod=readonly -trimpath -buildvcs=false -v -ldflags -s -w ")


def test_scripts_are_executable_and_stages_are_not(fake_go: Path) -> None:
    programs = build(quiet())
    assert os.access(programs.pulumi.with_name("pulumi-language-python-exec"), os.X_OK)
    assert os.access(programs.pulumi.with_name("pulumi-resource-pulumi-python"), os.X_OK)
    assert [stage.stat().st_mode & 0o777 for stage in programs.kwok_stages] == [0o644] * 5


def test_only_the_module_of_a_missing_program_is_built_again(fake_go: Path) -> None:
    build(quiet()).pulumi.unlink()
    build(quiet())
    assert builds(fake_go) == ["python-host", "engine", "cluster", "engine"]


def test_only_the_missing_programs_of_a_module_are_built_again(fake_go: Path) -> None:
    programs = build(quiet())
    old = programs.etcd.stat()
    programs.kubectl.unlink()
    assert build(quiet()).kubectl.read_text().endswith("/ k8s.io/kubernetes/cmd/kubectl")
    assert programs.etcd.stat() == old


@pytest.mark.parametrize("own", ["local", "go1.21.0", None])
def test_an_older_go_may_fetch_the_one_that_is_needed_whatever_the_user_has_set(
    fake_go: Path, own: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOTOOLCHAIN", raising=False)
    if own:
        monkeypatch.setenv("GOTOOLCHAIN", own)
    build(quiet())
    assert (fake_go / "toolchain").read_text() == "auto"


def test_a_lost_script_is_copied_again_without_a_build(fake_go: Path) -> None:
    script = build(quiet()).pulumi.with_name("pulumi-language-python-exec")
    script.unlink()
    build(quiet())
    assert script.is_file()
    assert builds(fake_go) == ["python-host", "engine", "cluster"]


def test_the_crds_are_copied_from_argocds_module_and_nothing_is_built_for_them(
    fake_go: Path, cache: Path
) -> None:
    crds = build(quiet()).argocd_crds
    assert {crd.relative_to(cache) for crd in crds} == {
        Path(f"argocd-{ARGOCD.version}/crds/{kind}-crd.yaml")
        for kind in ("application", "applicationset", "appproject")
    }
    assert [crd.read_text() for crd in crds] == [
        f"manifests/{crd.relative_to(crd.parents[1])}" for crd in crds
    ]
    assert "argocd" not in builds(fake_go)


def test_two_builds_at_once_build_only_once(fake_go: Path) -> None:
    with ThreadPoolExecutor() as pool:
        found: list[Programs] = list(pool.map(lambda _: build(quiet()), range(2)))
    assert found[0] == found[1]
    assert builds(fake_go) == ["python-host", "engine", "cluster"]


def test_a_failed_build_tells_what_went_wrong_where_the_log_is_and_what_to_try(
    fake_go: Path, cache: Path
) -> None:
    (fake_go / "fails").touch()
    with pytest.raises(LabError) as failure:
        build(quiet())
    message = str(failure.value)
    log = cache / "logs" / "python-host.log"
    assert "Building Pulumi's Python language host failed" in message
    assert "two.go:7:1: syntax error" in message
    assert f"Everything it said is in {log}" in message
    assert "What to try: " in message
    assert "two.go:7:1: syntax error" in log.read_text()


def test_a_failed_build_leaves_nothing_half_done(fake_go: Path, cache: Path) -> None:
    (fake_go / "fails").touch()
    with pytest.raises(LabError):
        build(quiet())
    assert {entry.name for entry in cache.iterdir()} == {"build.lock", "logs"}
    (fake_go / "fails").unlink()
    assert build(quiet()) == find_programs()


def test_what_an_aborted_build_left_is_cleared_away(fake_go: Path, cache: Path) -> None:
    (cache / ".building-aborted").mkdir(parents=True)
    build(quiet())
    assert not (cache / ".building-aborted").exists()


def test_without_go_the_message_says_what_to_install(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LabError, match=r"no `go` command on PATH\. Install Go 1\.26 or newer"):
        build(quiet())


def test_a_go_that_is_too_old_is_told(fake_go: Path) -> None:
    (fake_go / "version").write_text("go1.19.8", encoding="utf-8")
    with pytest.raises(LabError, match=r"This machine's Go is go1\.19\.8, which is too old"):
        build(quiet())


def test_a_build_without_a_terminal_prints_a_line_at_the_start_in_between_and_at_the_end(
    fake_go: Path,
) -> None:
    text = io.StringIO()
    build(PlainProgress(Console(file=text, width=200), seconds_between_lines=0.05))
    lines = [line for line in text.getvalue().splitlines() if line.startswith("Pulumi:")]
    assert lines[0] == "Pulumi: building"
    assert lines[-1].startswith("Pulumi: ready after ")
    assert any(" s, " in line for line in lines[1:-1])


def test_a_build_on_a_terminal_shows_every_module_and_what_the_go_client_did(fake_go: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=200, record=True)
    progress = progress_for(console)
    assert isinstance(progress, LiveProgress)
    build(progress)
    shown = console.export_text()
    for title in ("Pulumi", "Kubernetes, etcd, CoreDNS, Helm and kwok", "Argo CD's CRDs"):
        assert title in shown
    assert "ready" in shown
