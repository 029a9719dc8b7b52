from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.preflight.__main__ import main
from tests.api_server import serving
from tests.review.preflight import servers
from tests.review.preflight.test_backend import folder_with, pulumi_that
from tests.review.preflight.test_chart_index import INDEX
from tests.site import SITE

ROOT = Path(__file__).parents[3]


def stack_file(folder: Path, salt: str = "", **sections: Any) -> Path:
    """Write a project's folder with the stack `dev`; returns the stack file."""
    values = {**SITE, "cluster": {"context": "test"}, **sections}
    content = {"config": {f"protobox-cd:{name}": value for name, value in values.items()}}
    path = folder / "Pulumi.dev.yaml"
    path.write_text(salt + yaml.safe_dump(content), encoding="utf-8")
    (folder / "Pulumi.yaml").write_text("name: protobox-cd\n", encoding="utf-8")
    return path


@pytest.fixture
def all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A stack file whose cluster, chart repository, Git server and state are on loopback, and answer."""
    with ExitStack() as stack:
        port = stack.enter_context(servers.pages({"/index.yaml": (200, INDEX)}))
        kubeconfig = stack.enter_context(serving(servers.Cluster(), tmp_path))
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        monkeypatch.setenv("PULUMI_BACKEND_URL", folder_with(tmp_path, "dev"))
        (tmp_path / "kubectl").touch(mode=0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        yield stack_file(
            tmp_path,
            argocd={"chart": {"repository": f"http://127.0.0.1:{port}"}},
            git={**SITE["git"], "baseUrl": f"http://127.0.0.1:{port}/gitlab"},
        )


def test_a_stack_that_can_work_ends_with_0(all_is_well: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(all_is_well), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["stack"] == "dev"
    marks = {row["what"]: row["mark"] for row in told["rows"]}
    address = marks.pop("stack file")  # the repositories are named by an address, which is warned about
    assert address in {"ok", "warning"}
    assert set(marks.values()) == {"ok"}
    assert list(marks) == [
        "API server",
        "permissions",
        "Kubernetes version",
        "Helm release",
        "chart",
        "state backend",
        "kubectl",
        next(what for what in marks if what.startswith("host 127.0.0.1:")),
    ]


def test_one_row_that_fails_is_enough_for_1(
    all_is_well: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///nowhere")
    assert main([str(all_is_well)]) == 1
    printed = capsys.readouterr().out
    assert "1 of 9 failed" in printed
    assert "\033" not in printed  # not on a terminal


def test_a_stack_file_with_mistakes_is_told_and_the_state_is_still_looked_at(
    all_is_well: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack_file(
        all_is_well.parent, dns={"strategy": "dnsmask", "zones": ["protobox"], "servers": ["10.0.0.1"]}
    )
    assert main([str(all_is_well), "--format", "json"]) == 1
    first, second = json.loads(capsys.readouterr().out)["rows"]
    assert first["mark"] == "FAILED"
    assert "there is no strategy 'dnsmask'" in first["seen"]
    assert "components.check" in first["fix"]
    assert (second["what"], second["mark"]) == ("state backend", "ok")


def test_a_stack_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-stack"]) == 1
    assert "Pulumi.no-such-stack.yaml" in capsys.readouterr().out


def timed(arguments: list[str], environ: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run the preflight; return how it ended, and after how many seconds."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "review.preflight", *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, time.monotonic() - start


def test_it_ends_below_ten_seconds_when_everything_hangs(tmp_path: Path) -> None:
    with servers.silent() as port:
        silent = f"http://127.0.0.1:{port}"
        path = stack_file(
            tmp_path,
            salt="encryptionsalt: v1:x\n",
            argocd={"chart": {"repository": silent}},
            git={**SITE["git"], "baseUrl": f"{silent}/gitlab"},
        )
        pulumi_that(tmp_path, "exec sleep 60")
        with serving(servers.Cluster(), tmp_path) as kubeconfig:
            text = kubeconfig.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        content["clusters"][0]["cluster"]["server"] = silent
        kubeconfig.write_text(yaml.safe_dump(content), encoding="utf-8")
        environ = {
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "PULUMI_BACKEND_URL": silent,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
        }
        done, seconds = timed([str(path), "--format", "json"], environ)
        _, of_python = timed(["--help"], environ)
    # Six seconds are waited for what hangs; the start of Python takes as long as the machine is busy.
    assert seconds - of_python < 8
    assert (done.returncode, done.stderr) == (1, "")
    rows = {row["what"].partition(":")[0]: row for row in json.loads(done.stdout)["rows"]}
    for what in ("API server", "chart", "state backend", "host 127.0.0.1"):
        assert rows[what]["mark"] == ("warning" if what.startswith("host") else "FAILED")
        assert "did not answer within" in rows[what]["seen"]
        assert rows[what]["fix"]
    for what in ("permissions", "Kubernetes version"):
        assert rows[what]["mark"] == "skipped"
    assert "PULUMI_CONFIG_PASSPHRASE" in rows["passphrase"]["seen"]
