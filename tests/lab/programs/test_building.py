from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.console import Console

from lab.errors import LabError
from lab.programs import LiveProgress, PlainProgress, Programs, build, find_programs, missing, progress_for
from lab.programs.catalogue import ARGOCD, CLUSTER, CRDS, ENGINE, PYTHON_HOST


def quiet() -> PlainProgress:
    return PlainProgress(Console(file=io.StringIO()))


def builds(go: Path) -> list[str]:
    """Return the folders in which something was built, in the order of the alphabet."""
    calls = (go / "calls").read_text().splitlines()
    return sorted(call.split()[-1] for call in calls if call.startswith("build"))


def test_everything_that_is_missing_is_built_once(fake_go: Path) -> None:
    programs = build(quiet())
    assert programs == find_programs()
    assert missing() == []
    build(quiet())
    assert builds(fake_go) == ["engine", "go", "python-host"]


def test_the_go_client_is_told_to_change_nothing_and_to_build_the_same_everywhere(fake_go: Path) -> None:
    command = (build(quiet()).cluster / "kube-apiserver").read_text()
    assert command.startswith(
        "build -mod=readonly -buildvcs=false -v -gcflags=all=-l -dwarf=false -gcflags=std=-dwarf=false "
        "-ldflags -s -w "
    )


def test_scripts_are_executable_and_stages_are_not(fake_go: Path) -> None:
    programs = build(quiet())
    assert os.access(programs.pulumi.with_name("pulumi-language-python-exec"), os.X_OK)
    assert os.access(programs.pulumi.with_name("pulumi-resource-pulumi-python"), os.X_OK)
    assert [stage.stat().st_mode & 0o777 for stage in programs.kwok_stages] == [0o644] * 5


def test_only_the_module_of_a_missing_program_is_built_again(fake_go: Path) -> None:
    build(quiet()).pulumi.unlink()
    build(quiet())
    assert builds(fake_go) == ["engine", "engine", "go", "python-host"]


def test_only_the_missing_programs_of_a_module_are_built_again(fake_go: Path) -> None:
    programs = build(quiet())
    old = (programs.cluster / "etcd").stat()
    programs.kubectl.unlink()
    assert build(quiet()).kubectl.read_text().endswith("/ k8s.io/kubernetes/cmd/kubectl")
    assert (programs.cluster / "etcd").stat() == old


def test_a_kubectl_on_path_is_used_and_not_built(fake_go: Path) -> None:
    (fake_go / "kubectl").touch(mode=0o755)
    programs = build(quiet())
    assert programs.kubectl == fake_go / "kubectl"
    assert not (programs.cluster / "kubectl").exists()


def test_the_programs_of_the_cluster_are_links_to_one_file(fake_go: Path) -> None:
    cluster = build(quiet()).cluster
    names = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
    assert {(cluster / name).readlink() for name in names} == {Path("cluster")}
    (cluster / "kwok").unlink()
    assert (build(quiet()).cluster / "kwok").readlink() == Path("cluster")


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
    assert builds(fake_go) == ["engine", "go", "python-host"]


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
    assert builds(fake_go) == ["engine", "go", "python-host"]


def test_a_failed_build_tells_what_went_wrong_where_the_log_is_and_what_to_try(
    fake_go: Path, cache: Path
) -> None:
    (fake_go / "fails").touch()
    with pytest.raises(LabError) as failure:
        build(quiet())
    message = str(failure.value)
    name = next(
        one.name for one in (PYTHON_HOST, ENGINE, CLUSTER) if f"Building {one.title} failed" in message
    )
    log = cache / "logs" / f"{name}.log"
    assert "two.go:7:1: syntax error" in message
    assert f"Everything it said is in {log}" in message
    assert "What to try: " in message
    assert "two.go:7:1: syntax error" in log.read_text()


def test_a_failed_build_leaves_nothing_half_done(fake_go: Path, cache: Path) -> None:
    (fake_go / "fails").touch()
    with pytest.raises(LabError):
        build(quiet())
    kept = {file.name for file in cache.rglob("*") if file.is_file() and file.suffix not in {".log", ".lock"}}
    assert kept <= {crd.path.name for crd in CRDS.companions}  # which are complete by themselves
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
    lines = text.getvalue().splitlines()
    assert lines[0] == "The lab's programs: building"
    assert lines[-1].startswith("The lab's programs: ready after ")
    assert any(" s, " in line for line in lines[1:-1])


def test_a_build_on_a_terminal_shows_what_the_go_client_did(fake_go: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=200, record=True)
    progress = progress_for(console)
    assert isinstance(progress, LiveProgress)
    build(progress)
    shown = console.export_text()
    assert "The lab's programs" in shown
    assert "ready" in shown
