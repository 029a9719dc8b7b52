from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.preflight import __main__ as preflight
from review.preflight.__main__ import main
from tests.api_server import serving
from tests.review.preflight import servers
from tests.review.preflight.test_chart import INDEX
from tests.review.preflight.test_state import STACKS, pulumi_that
from tests.site import SITE
from tools.command_line import Mark


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
        pulumi_that(tmp_path, STACKS)
        (tmp_path / "kubectl").touch(mode=0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        yield stack_file(
            tmp_path,
            argocd={"chart": {"repository": f"http://127.0.0.1:{port}"}},
            git={**SITE["git"], "baseUrl": f"http://127.0.0.1:{port}/gitlab"},
        )


def test_a_stack_that_can_work_ends_with_0(all_is_well: Path) -> None:
    assert main([str(all_is_well)]) == 0
    marks = {row.what: row.mark for row in preflight.rows(all_is_well, "up")}
    address = marks.pop("stack file")  # the repositories are named by an address, which is warned about
    assert address in {Mark.OK, Mark.WARNING}
    assert set(marks.values()) == {Mark.OK}
    assert list(marks) == [
        "API server",
        "permissions",
        "Kubernetes version",
        "Helm release",
        "images",
        "chart",
        "state backend",
        "kubectl",
        next(what for what in marks if what.startswith("host 127.0.0.1:")),
    ]


def test_one_row_that_fails_is_enough_for_1(all_is_well: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pulumi_that(all_is_well.parent, "exit 1")
    assert main([str(all_is_well)]) == 1
    printed = capsys.readouterr().out
    assert "1 of 10 failed" in printed
    assert "\033" not in printed  # not on a terminal


def test_a_stack_file_with_mistakes_is_told_and_the_state_is_still_looked_at(
    all_is_well: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack_file(
        all_is_well.parent, dns={"strategy": "dnsmask", "zones": ["protobox"], "servers": ["10.0.0.1"]}
    )
    assert main([str(all_is_well)]) == 1
    first, second = preflight.rows(all_is_well, "up")
    assert first.mark is Mark.FAILED
    assert "there is no strategy 'dnsmask'" in first.seen
    assert "tools.check" in first.fix
    assert (second.what, second.mark) == ("state backend", Mark.OK)


def test_a_stack_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-stack"]) == 1
    assert "Pulumi.no-such-stack.yaml" in capsys.readouterr().out


def test_it_ends_in_time_when_everything_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        monkeypatch.setattr(preflight, "SECONDS", 1.0)
        start = time.monotonic()
        found = preflight.rows(path, "up")
        assert time.monotonic() - start < 4
    rows = {row.what.partition(":")[0]: row for row in found}
    for what in ("API server", "chart", "state backend"):
        assert rows[what].mark is Mark.FAILED
        assert rows[what].fix
    assert rows["host 127.0.0.1"].mark is Mark.OK
