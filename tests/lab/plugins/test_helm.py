"""Charts from a repository that asks for a password, with the real Helm."""

import base64
import functools
import os
import subprocess
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lab.plugins.kubernetes.helm import Helm, HelmError
from lab.plugins.kubernetes.settings import Settings
from lab.programs import find_programs, missing
from tests.conftest import NOT_BUILT
from tests.lab.plugins.helm_calls import write_shim

pytestmark = pytest.mark.engine

PASSWORD = "glpat-cHVzaGVkLWJ5"  # noqa: S105 - of a server that lives as long as a test
EXPECTED = "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode()


class Locked(SimpleHTTPRequestHandler):
    """Serves files to who knows the password."""

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == EXPECTED:
            super().do_GET()
        else:
            self.send_error(HTTPStatus.UNAUTHORIZED)

    def log_message(self, *args: object) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of the calls of `helm`; whatever it leaves behind is below `tmp_path / "left"`."""
    if missing():
        pytest.skip(NOT_BUILT)
    (tmp_path / "bin").mkdir()
    (tmp_path / "left").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "left"))
    for variable in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "left" / variable))
    return write_shim(tmp_path / "bin", find_programs().helm)


@pytest.fixture
def repository(calls: Path, tmp_path: Path) -> Iterator[str]:
    """Serve a chart; return the URL."""
    folder, helm = tmp_path / "repository", find_programs().helm
    folder.mkdir()
    subprocess.run([helm, "create", tmp_path / "small"], capture_output=True, check=True)
    subprocess.run([helm, "package", tmp_path / "small", "-d", folder], capture_output=True, check=True)
    subprocess.run([helm, "repo", "index", folder], capture_output=True, check=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Locked, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def inputs(url: str, password: str = PASSWORD) -> dict[str, Any]:
    options = {"repo": url, "username": "anna", "password": password}
    return {"chart": "small", "version": "0.1.0", "repositoryOpts": options}


def left_behind(tmp_path: Path) -> list[str]:
    """Return the files in which the password still is."""
    files = [file for file in (tmp_path / "left").rglob("*") if file.is_file()]
    return [file.name for file in files if PASSWORD.encode() in file.read_bytes()]


def test_the_password_opens_the_repository_but_is_in_no_command_line_and_no_file(
    repository: str, calls: Path, tmp_path: Path
) -> None:
    assert Helm(Settings()).chart(inputs(repository))["name"] == "small"
    assert "--password-stdin" in calls.read_text()
    assert PASSWORD not in calls.read_text()
    assert left_behind(tmp_path) == []
    assert list((tmp_path / "left").glob("helm-login-*")) == []


def test_while_helm_works_only_this_user_can_read_the_password(repository: str, calls: Path) -> None:
    with Helm(Settings()).located(inputs(repository)) as words:
        file = Path(words[words.index("--repository-config") + 1])
        assert PASSWORD in file.read_text()
        assert [file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777] == [0o600, 0o700]
    assert not file.parent.exists()


def test_a_wrong_password_is_told_without_it(repository: str, calls: Path) -> None:
    with pytest.raises(HelmError, match="401 Unauthorized") as refused:
        Helm(Settings()).chart(inputs(repository, "wrong-" + PASSWORD))
    assert PASSWORD not in str(refused.value)


def test_a_chart_on_this_machine_needs_no_login(calls: Path, tmp_path: Path) -> None:
    local = {**inputs("http://127.0.0.1:1"), "chart": str(tmp_path)}
    with Helm(Settings()).located(local) as words:
        assert PASSWORD not in " ".join(words)
    assert calls.read_text() == ""


def test_a_registrys_password_is_in_a_file_for_the_registrys_host(calls: Path) -> None:
    options = {"repo": "", "username": "anna", "password": PASSWORD}
    chart = {"chart": "oci://registry.protobox:5000/charts/argo-cd", "repositoryOpts": options}
    with Helm(Settings()).located(chart) as words:
        file = Path(words[words.index("--registry-config") + 1])
        assert '"registry.protobox:5000"' in file.read_text()
        assert EXPECTED.removeprefix("Basic ") in file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600
        assert PASSWORD not in " ".join(words)
    assert not file.exists()
