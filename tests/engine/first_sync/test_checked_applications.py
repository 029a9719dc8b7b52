"""A real Argo CD is asked for what the check says of Applications: what one refuses, the other does too."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stackfile.problems import Problem
from lab.first_sync.relay import relay_out_of
from tests.engine.first_sync.asked import RIGHT, WRONG
from tests.engine.first_sync.conftest import At
from tests.site import SITE
from tools.check import check

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
pytestmark = [
    pytest.mark.engine,
    # The relay's connections are cut in the middle when argocd-server has answered.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def port(at: At) -> Iterator[int]:
    """Argo CD's own server, on a site where git.protobox resolves."""
    site = at.move("dnsmasq")
    site.refresh()
    site.sync()
    with relay_out_of(Path(site.server_socket())) as found:
        yield found


def said_by_argo_cd(port: int, application: dict[str, Any]) -> str:
    """Return why Argo CD does not take an Application; nothing if it does. Afterwards it is gone."""
    try:
        _ask(port, "POST", "applications?upsert=true", application)
    except urllib.error.HTTPError as error:
        return error.read().decode()
    _ask(port, "DELETE", f"applications/{application['metadata']['name']}?cascade=false")
    return ""


def _ask(port: int, method: str, path: str, body: Any = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    fields = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/{path}", data, fields, method=method)
    DIRECT.open(request, timeout=60).close()


def said_by_the_check(folder: Path, application: dict[str, Any]) -> list[Problem]:
    """Return what `make check` says of a stack that has an Application in a file."""
    manifest, stack = folder / "application.yml", folder / "Pulumi.asked.yaml"
    manifest.write_text(yaml.safe_dump(application), encoding="utf-8")
    content = {f"protobox-cd:{key}": value for key, value in SITE.items() if key != "projects"}
    content["protobox-cd:manifests"] = [str(manifest)]
    stack.write_text(yaml.safe_dump({"config": content}), encoding="utf-8")
    return list(check(stack).problems)


@pytest.mark.parametrize("name", WRONG)
def test_what_the_check_names_is_an_error_to_argo_cd_too(port: int, name: str, tmp_path: Path) -> None:
    application, condition = WRONG[name]
    assert said_by_the_check(tmp_path, application)
    assert condition in said_by_argo_cd(port, application)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_unusual_and_right_is_fine_to_both(port: int, name: str, tmp_path: Path) -> None:
    assert said_by_the_check(tmp_path, RIGHT[name]) == []
    assert said_by_argo_cd(port, RIGHT[name]) == ""
