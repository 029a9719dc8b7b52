"""Pulumi and its plugins in the bundle: taken from this machine, downloaded, or told as missing."""

from __future__ import annotations

import io
import platform
import sys
import tarfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.tools.bundle.programs import program
from tools.bundle import MissingError, software
from tools.bundle.software import fetch_plugin, fetch_pulumi, fetch_wheels, made_for
from tools.command_line import Mark
from tools.plugins import sdk_version

ROOT = Path(__file__).parents[3]
Serve = Callable[..., list[str]]
PLUGIN = f"resource-command-v{sdk_version('command')}"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that comes first on a PATH without Pulumi, on a machine without plugins."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Answer every download with some bytes from now on, of which the last may be cut.

    Gives the list of the paths that are asked for.
    """

    def begin(body: bytes, cut: int = 0) -> list[str]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body) + cut))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(software, "RELEASES", f"http://127.0.0.1:{server.server_port}")
        return asked

    return begin


def packed(*names: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name in names:
            file = tarfile.TarInfo(name)
            file.mode = 0o755
            archive.addfile(file, io.BytesIO())
    return content.getvalue()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_the_pulumi_of_this_machine_is_taken_with_its_python_host_and_no_other(
    tools: Path, tmp_path: Path
) -> None:
    program(tools, "pulumi", "echo v3.260.0")
    for name in ("pulumi-language-python", "pulumi-language-go", "pulumi-resource-pulumi-python"):
        program(tools, name)
    row = fetch_pulumi(tmp_path / "bundle", ROOT)
    assert (row.mark, row.seen) == (Mark.OK, "v3.260.0, as it is installed here")
    found = names(tmp_path / "bundle" / "pulumi" / "bin")
    assert found == ["pulumi", "pulumi-language-python", "pulumi-resource-pulumi-python"]


def test_without_one_the_pulumi_of_the_pipelines_image_is_downloaded(
    tools: Path, serve: Serve, tmp_path: Path
) -> None:
    asked = serve(packed("pulumi/pulumi", "pulumi/pulumi-language-python", "pulumi/pulumi-language-go"))
    row = fetch_pulumi(tmp_path, ROOT)
    assert row.mark is Mark.OK
    assert f"pulumi-base:{row.seen.removeprefix('v')} " in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert asked[0].startswith(f"/sdk/pulumi-{row.seen}-{platform.system().lower()}-")
    assert names(tmp_path / "pulumi" / "bin") == ["pulumi", "pulumi-language-python"]


@pytest.mark.parametrize(
    ("body", "cut"),
    [(b"", 0), (packed("pulumi-resource-command"), 1), (packed("a")[:20], 0)],
    ids=["not there", "cut", "half packed"],
)
def test_what_cannot_be_downloaded_whole_is_told_with_its_address_and_place(
    body: bytes, cut: int, tools: Path, serve: Serve, tmp_path: Path
) -> None:
    serve(body, cut)
    with pytest.raises(MissingError, match="MISSING") as told:
        fetch_plugin(tmp_path, "command")
    assert told.value.command.endswith(".tar.gz")
    assert str(tmp_path / "pulumi" / "plugins" / PLUGIN) in told.value.fix
    assert names(tmp_path / "pulumi" / "plugins") == []


def test_a_plugin_is_downloaded_once(tools: Path, serve: Serve, tmp_path: Path) -> None:
    asked = serve(packed("pulumi-resource-command"))
    for _ in range(2):
        assert fetch_plugin(tmp_path, "command").mark is Mark.OK
    assert len(asked) == 1
    assert asked[0].startswith(f"/plugins/pulumi-{PLUGIN}-")
    assert names(tmp_path / "pulumi" / "plugins" / PLUGIN) == ["pulumi-resource-command"]


def test_an_installed_plugin_is_copied_and_what_a_link_leads_to_with_it(tools: Path, tmp_path: Path) -> None:
    installed = tmp_path / "home" / "plugins" / PLUGIN
    installed.mkdir(parents=True)
    program(tools, "built")
    (installed / "pulumi-resource-command").symlink_to(tools / "built")
    assert fetch_plugin(tmp_path, "command").mark is Mark.OK
    copy = tmp_path / "pulumi" / "plugins" / PLUGIN / "pulumi-resource-command"
    assert copy.is_file()
    assert not copy.is_symlink()


def test_the_labs_stand_in_is_said_not_to_be_for_a_site(tools: Path, tmp_path: Path) -> None:
    installed = tmp_path / "home" / "plugins" / PLUGIN
    installed.mkdir(parents=True)
    for name in ("pulumi-resource-command", "protobox-lab"):
        (installed / name).touch()
    row = fetch_plugin(tmp_path, "command")
    assert row.mark is Mark.WARNING
    assert "NOT FOR A SITE" in row.seen


def test_packages_that_pip_does_not_get_are_told_in_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(MissingError, match="No matching distribution found"):
        fetch_wheels(tmp_path, ROOT)
    assert names(tmp_path) == []


def test_the_bundle_is_for_the_system_that_the_installer_reads_of_itself() -> None:
    script = (ROOT / "tools/bundle/site/install.sh").read_text(encoding="utf-8")
    major, minor, *_ = sys.version_info
    assert made_for().endswith(f", Python {major}.{minor}")
    assert "platform.system()} {platform.machine()}, Python %d.%d" in script
