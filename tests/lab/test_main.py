from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.__main__ import main
from lab.lab import Lab
from lab.programs.catalogue import cache_folder
from lab.shell import hints


def run(directory: Path, *words: str) -> int:
    return main(["--directory", str(directory), *words])


@pytest.mark.parametrize("command", [["ask", "git.protobox"], ["env"], ["shell"]])
def test_a_command_that_needs_the_lab_says_how_to_start_it(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *command) == 1
    assert capsys.readouterr().err == "error: The lab is not running. Start it with `python -m lab start`.\n"


def test_stopping_and_cleaning_what_was_never_started_is_fine(tmp_path: Path) -> None:
    assert run(tmp_path / "none", "stop") == 0
    assert run(tmp_path / "none", "clean") == 0
    assert not (tmp_path / "none").exists()


def test_the_status_without_a_lab_says_how_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "status") == 1
    assert "Start it with `python -m lab start`" in capsys.readouterr().out


def test_a_start_without_programs_says_how_to_build_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    assert run(tmp_path / "lab", "start") == 1
    assert "Run `python -m lab build` once" in capsys.readouterr().err
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [(signal.SIG_DFL, signal.default_int_handler), (signal.SIG_IGN, signal.SIG_IGN)],
    ids=["a terminal", "nohup"],
)
def test_a_closed_terminal_ends_a_command_like_ctrl_c_except_with_nohup(
    tmp_path: Path, before: signal.Handlers, after: object
) -> None:
    own = signal.signal(signal.SIGHUP, before)
    try:
        assert run(tmp_path / "none", "stop") == 0
        assert signal.getsignal(signal.SIGHUP) == after
    finally:
        signal.signal(signal.SIGHUP, own)


@pytest.mark.engine
class TestWithARunningLab:
    def test_ask_shows_what_both_layers_answer(self, lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(lab.directory, "ask", "git.protobox") == 0
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            ["coredns", "NXDOMAIN"],
            ["nodelocaldns", "NXDOMAIN"],
        ]

    def test_a_name_that_is_none_is_a_sentence_and_no_traceback(
        self, lab: Lab, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(lab.directory, "ask", "git..protobox") == 1
        assert capsys.readouterr().err.startswith("error: DNS cannot be asked for 'git..protobox'")

    def test_status_shows_where_each_server_answers(
        self, lab: Lab, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(lab.directory, "status") == 0
        shown = capsys.readouterr().out
        assert lab.address("nodelocaldns") in shown
        assert "169.254.25.10 port 53 on the site" in shown

    def test_env_gives_a_shell_the_labs_environment_and_takes_away_the_users(
        self, lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "secret")
        monkeypatch.setenv("PULUMI_STACK", "theirs")  # it would win over `pulumi stack select` without a word
        assert run(lab.directory, "env") == 0
        words = 'echo "$KUBECONFIG ${PULUMI_STACK-none} ${PULUMI_ACCESS_TOKEN-none}"\n'
        script = capsys.readouterr().out + words
        told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
        assert told.stdout == f"{lab.kubeconfig} none none\n"

    def test_a_bash_works_on_the_lab_whatever_the_users_own_file_for_it_sets(
        self, lab: Lab, tmp_path: Path
    ) -> None:
        own = "export KUBECONFIG=/production PATH=/usr/bin:/bin SITE=mine\nPS1='theirs> '\n"
        (tmp_path / ".bashrc").write_text(own, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "lab", "--directory", str(lab.directory), "shell"],
            input='echo "$KUBECONFIG $SITE"; echo "$PS1"; command -v python pulumi kubectl\n',
            capture_output=True,
            text=True,
            check=False,
            env=os.environ
            | {"SHELL": "/bin/bash", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(cache_folder().parent)},
        )
        assert f"{lab.kubeconfig} mine\n(lab) theirs> \n" in done.stdout
        assert f"{Path(sys.prefix)}/bin/python\n" in done.stdout
        assert str(cache_folder()) in done.stdout
        assert f"{lab.programs.kubectl}\n" in done.stdout

    def test_the_shell_works_on_the_lab(self, lab: Lab) -> None:
        command = [sys.executable, "-m", "lab", "--directory", str(lab.directory), "shell"]
        environment = os.environ | {"SHELL": "/bin/sh"}
        done = subprocess.run(
            command,
            input='echo "$PULUMI_BACKEND_URL"; echo "$PS1"; pulumi version; exit 3\n',
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
        assert done.returncode == 3
        assert f"file://{lab.directory}/state?metadata=skip\n(lab) $ \n" in done.stdout
        assert "pulumi preview --diff " in done.stdout
        assert "v3." in done.stdout


@pytest.mark.parametrize(
    ("there", "asks"), [(True, "dig @127.0.25.10 -p 5353"), (False, "python -m lab ask")]
)
def test_the_shell_promises_dig_only_where_it_is_there(
    there: bool, asks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if there:
        (tmp_path / "dig").touch(mode=0o755)
    monkeypatch.setattr(Lab, "address", lambda *_: "127.0.25.10:5353")
    assert f"{asks} git.protobox" in dict(hints(Lab(tmp_path)))


@pytest.mark.engine
def test_the_engine_works_in_the_labs_environment_with_an_empty_passphrase(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: tiny\nruntime: python\n", encoding="utf-8")
    program = 'import pulumi\npulumi.export("answer", pulumi.Output.secret("secret"))\n'
    (tmp_path / "__main__.py").write_text(program, encoding="utf-8")

    def pulumi(*words: str) -> str:
        return subprocess.run(
            ["pulumi", "--non-interactive", *words],
            cwd=tmp_path,
            env=lab.environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    pulumi("stack", "init", "tiny")
    pulumi("up", "--yes", "--skip-preview")
    assert pulumi("stack", "output", "answer", "--show-secrets") == "secret\n"
    pulumi("stack", "rm", "--yes", "--force")
