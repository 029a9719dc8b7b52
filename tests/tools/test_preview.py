from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from review.words import Kind
from tests.review.built import HOSTILE, application, preview, step
from tests.review.real_previews import FOLDER, WORKING, real
from tools.preview import main, summary


def repository(url: str) -> dict[str, object]:
    inputs = application()
    inputs["spec"]["source"]["repoURL"] = url
    return inputs


def test_a_project_shows_its_old_and_its_new_link() -> None:
    old, new = (
        "http://192.168.1.7/gitlab/protobox1/docserver.git",
        "http://git.protobox/gitlab/protobox1/docserver.git",
    )
    told = summary("dev", preview(step("update", old=repository(old), new=repository(new))), 200)
    assert f"  ~ change project docserver → Application argo-docserver: repository: {old} → {new}" in told


def test_the_dns_lines_and_the_helm_values_that_change_are_shown_without_what_stays() -> None:
    lines = summary("dev", real("to-consul"), 110).splitlines()
    assert "kube-system/coredns Corefile:" in lines
    assert "    +    forward . 192.168.1.7:8600" in lines
    assert not any("errors" in line for line in lines)
    assert "    +    - git.protobox" in summary("dev", real("to-host-aliases"), 110).splitlines()


def test_a_warning_is_told_once_however_many_resources_it_is_about() -> None:
    found = real("first-deploy")
    again = replace(found, diagnostics=[*found.diagnostics] * 6)
    assert summary("dev", again, 110) == summary("dev", found, 110)


def test_the_guard_is_told_first() -> None:
    assert summary("dev", real("to-consul"), 200).splitlines()[1].startswith("  ! change DNS layer")


@pytest.mark.parametrize("name", WORKING)
def test_it_fits_on_a_screen_of_any_width(name: str) -> None:
    for width in (40, 80, 110):
        lines = summary("dev", real(name), width).splitlines()
        assert len(lines) <= (50 if width > 40 else 100)


def test_twelve_projects_are_twelve_lines_and_many_are_counted() -> None:
    steps = [step("create", name=f"argo-p{n}", new=application(f"argo-p{n}")) for n in range(200)]
    assert len(summary("dev", preview(*steps[:12]), 200).splitlines()) == 13
    assert "    and 140 more changes" in summary("dev", preview(*steps), 200).splitlines()


@pytest.mark.parametrize("name", HOSTILE)
def test_nobody_who_chooses_a_name_can_steer_the_terminal(name: str) -> None:
    told = summary("dev", preview(step("create", Kind.APPLICATION, name, new=application(name))), 110)
    assert "\x1b" not in told


def test_the_engine_is_run_and_its_exit_code_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat {FOLDER}/mistakes.json\nexit 255\n')
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert main(["prod"]) == 255
    assert "preview --stack prod" in (tmp_path / "asked").read_text()
    assert "error: Pulumi.local.yaml has 2 mistakes" in capsys.readouterr().out
    pulumi.write_text("#!/bin/sh\nexit 1\n")
    assert main(["prod"]) == 1
    assert "it is empty" in capsys.readouterr().err


def test_a_machine_without_pulumi_is_told_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["prod"]) == 1
    assert "no pulumi on PATH" in capsys.readouterr().err


def test_a_preview_that_is_there_already_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prod", "--of", str(FOLDER / "drift.json")]) == 0
    assert capsys.readouterr().out.startswith("prod: 1 to change")
    assert main(["prod", "--of", "/nowhere.json"]) == 1
    assert "cannot be read" in capsys.readouterr().err
