"""The bundle's scripts, with stand-ins for skopeo and docker."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.bundle.programs import program
from tools.bundle.software import made_for

SITE = Path(__file__).parents[3] / "tools" / "bundle" / "site"
DIGEST = "sha256:" + "0a" * 32
LIST = f"""\
# a comment
quay.io/argoproj/argocd:v3.4.4@{DIGEST}
hub.example:5000/library/redis:8
# registry.protobox/of-the-site:1
"""
SAVES = 'for last; do :; done; [ "$1" != copy ] || mkdir -p "${last#dir:}"; [ "$1" != save ] || touch "$3"'
"""What skopeo and docker leave when they save."""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle with both scripts, of which nothing else is whole."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name in ("install.sh", "push-images.sh"):
        shutil.copy(SITE / name, folder)
    (folder / "images.txt").write_text(LIST, encoding="utf-8")
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """The folder on PATH, with what every system has, and neither skopeo nor docker."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in (
        "sh",
        "dirname",
        "basename",
        "sed",
        "tr",
        "mkdir",
        "rm",
        "mv",
        "touch",
        "cat",
        "cp",
        "sha256sum",
        "rmdir",
    ):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def run(tools: Path, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(tools), "HOME": str(tools)}
    command = [str(tools / "sh"), str(script), *arguments]
    return subprocess.run(
        command, cwd=tools.parent, env=environment, capture_output=True, text=True, check=False
    )


def called(calls: Path) -> list[str]:
    lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    calls.unlink(missing_ok=True)
    return lines


def test_each_image_is_copied_by_its_digest_to_its_path_and_tag_in_the_registry(
    bundle: Path, tools: Path
) -> None:
    calls = program(tools, "skopeo")
    program(tools, "docker")
    done = run(tools, bundle / "push-images.sh", "registry.protobox/mirror")
    assert done.returncode == 0, done.stderr
    copied = [line.removeprefix("skopeo copy --quiet --all ").split(" ") for line in called(calls)]
    mirror = "docker://registry.protobox/mirror"
    assert copied == [
        [f"docker://quay.io/argoproj/argocd@{DIGEST}", f"{mirror}/argoproj/argocd:v3.4.4"],
        ["docker://hub.example:5000/library/redis:8", f"{mirror}/library/redis:8"],
    ]


def test_docker_does_it_where_skopeo_is_not(bundle: Path, tools: Path) -> None:
    calls = program(tools, "docker")
    assert run(tools, bundle / "push-images.sh", "registry.protobox/mirror").returncode == 0
    assert called(calls)[:3] == [
        f"docker pull --quiet quay.io/argoproj/argocd@{DIGEST}",
        f"docker tag quay.io/argoproj/argocd@{DIGEST} registry.protobox/mirror/argoproj/argocd:v3.4.4",
        "docker push --quiet registry.protobox/mirror/argoproj/argocd:v3.4.4",
    ]


@pytest.mark.parametrize(("tool", "uses"), [("skopeo", "dir:images/"), ("docker", "--input images/")])
def test_images_are_saved_once_and_pushed_later_from_the_folder(
    tool: str, uses: str, bundle: Path, tools: Path
) -> None:
    calls = program(tools, tool, SAVES)
    script = bundle / "push-images.sh"
    assert run(tools, script, "save").returncode == 0
    saved = [f"hub.example_5000_library_redis_8.{tool}", f"quay.io_argoproj_argocd_v3.4.4.{tool}"]
    assert sorted(file.name for file in (bundle / "images").iterdir()) == saved
    assert called(calls)
    assert run(tools, script, "save").returncode == 0
    assert called(calls) == []
    assert run(tools, script, "registry.protobox").returncode == 0
    pushed = called(calls)
    assert sum(uses in line for line in pushed) == 2
    assert not any("docker://quay.io" in line or "docker pull" in line for line in pushed)


def test_an_image_that_cannot_be_copied_ends_the_script_and_half_of_it_is_not_taken_for_whole(
    bundle: Path, tools: Path
) -> None:
    program(tools, "skopeo", f"{SAVES}; exit 1")
    assert run(tools, bundle / "push-images.sh", "save").returncode == 1
    assert [file.suffix for file in (bundle / "images").iterdir()] == [".arriving"]


def test_without_a_registry_or_a_program_the_script_says_what_it_wants(bundle: Path, tools: Path) -> None:
    done = run(tools, bundle / "push-images.sh")
    assert done.returncode == 2
    assert "sh push-images.sh registry.protobox/mirror" in done.stderr
    done = run(tools, bundle / "push-images.sh", "registry.protobox")
    assert done.returncode == 1
    assert "install skopeo" in done.stderr


def whole(bundle: Path, tools: Path) -> None:
    """Add what `install.sh` looks at first."""
    (bundle / "made-for.txt").write_text(f"{made_for()}\n", encoding="utf-8")
    sums = subprocess.run(["sha256sum", "images.txt"], cwd=bundle, capture_output=True, text=True, check=True)
    (bundle / "SHA256SUMS").write_text(sums.stdout, encoding="utf-8")
    program(tools, "python3", f'echo "{made_for()}"')


def test_a_bundle_that_is_not_whole_is_not_installed(bundle: Path, tools: Path) -> None:
    done = run(tools, bundle / "install.sh", "site")
    assert (done.returncode, "not whole" in done.stderr) == (1, True)


def test_a_bundle_that_was_changed_on_the_way_is_not_installed(bundle: Path, tools: Path) -> None:
    whole(bundle, tools)
    (bundle / "images.txt").write_text("", encoding="utf-8")
    done = run(tools, bundle / "install.sh", "site")
    assert (done.returncode, "images.txt" in done.stderr + done.stdout) == (1, True)


def test_a_bundle_for_another_system_is_not_installed(bundle: Path, tools: Path) -> None:
    whole(bundle, tools)
    program(tools, "python3", "echo Linux aarch64, Python 3.13")
    done = run(tools, bundle / "install.sh", "site")
    assert (done.returncode, "this is Linux aarch64, Python 3.13" in done.stderr) == (1, True)


def test_what_is_in_the_folder_already_stays_where_it_is_no_project(bundle: Path, tools: Path) -> None:
    whole(bundle, tools)
    there = tools.parent / "site" / "letter.txt"
    there.parent.mkdir()
    there.touch()
    done = run(tools, bundle / "install.sh", "site")
    assert (done.returncode, "name another folder" in done.stderr) == (1, True)
    assert [*there.parent.iterdir()] == [there]
    assert not there.parent.with_name("site.arriving").exists()
