"""The way to the site in its private namespaces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.first_sync.namespace import LOG, SOCKET, connect
from lab.processes import wait_until
from tests.engine.site import ROOT

SLOW = f"""
import os, pathlib, socket, sys, time
from lab.first_sync.namespace import SiteManager
os.chdir(sys.argv[1])
SiteManager.register("site", callable=lambda: ["the site"])
with socket.socket(socket.AF_UNIX) as bound:
    bound.bind("{SOCKET}")
    time.sleep(0.5)
pathlib.Path("{SOCKET}").unlink()
SiteManager("{SOCKET}", b"key").get_server().serve_forever()
"""


def test_a_site_that_has_made_its_socket_but_does_not_listen_yet_is_waited_for(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLOW, tmp_path], cwd=ROOT) as inside:
        try:
            assert wait_until((tmp_path / SOCKET).exists, 20)
            assert str(connect(inside, tmp_path, "key")) == "['the site']"
        finally:
            inside.kill()


def test_a_site_that_does_not_begin_is_told_with_its_last_words(tmp_path: Path) -> None:
    with (tmp_path / LOG).open("wb") as log:
        inside = subprocess.Popen(["sh", "-c", "echo mount: not permitted; exit 1"], stdout=log)
    with inside, pytest.raises(LabError, match=r"did not begin\. It said last:\n    mount: not permitted"):
        connect(inside, tmp_path, "key")
