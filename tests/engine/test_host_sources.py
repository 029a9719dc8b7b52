"""Hosts entries from all their sources on the real engine, with a real SSH server as the supervisor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dns.ssh_server import SshServer, ssh_server
from tests.engine.site import GIT, Site

pytestmark = pytest.mark.engine


@pytest.fixture
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("supervisor")) as server:
        (server.folder / "hosts").write_text(
            "127.0.0.1 localhost\n192.168.1.7 git.protobox\n", encoding="utf-8"
        )
        yield server


def over_ssh(supervisor: SshServer, **changes: Any) -> dict[str, Any]:
    """Return the `dns` section that reads the supervisor's hosts file."""
    ssh = supervisor.section(file=str(supervisor.folder / "hosts"), **changes)
    return {"strategy": "hostAliases", "verify": False, "hosts": {"ssh": ssh}}


def aliases(site: Site) -> list[tuple[str, list[str]]]:
    """Return the hosts entries in the pod that dials Git; those of argocd-server must be the same."""
    dials_git = site.host_aliases("argocd-repo-server")
    assert site.host_aliases("argocd-server") == dials_git
    return dials_git


def test_an_edit_of_the_other_machines_file_shows_in_the_next_preview_and_nothing_else_does(
    site: Site, supervisor: SshServer
) -> None:
    site.edit("dns", over_ssh(supervisor))
    site.up()
    assert aliases(site) == [("192.168.1.7", [GIT])]
    assert site.preview() == {}

    hosts = supervisor.folder / "hosts"
    hosts.write_text(
        "# moved\n10.0.0.9 node9\n192.168.1.70\tgit.protobox gitlab.protobox\n", encoding="utf-8"
    )
    shown = site.engine.run("preview", "--diff")
    assert "hostAliases" in shown
    assert '"192.168.1.7" => "192.168.1.70"' in shown
    assert "node9" not in shown
    assert site.preview() == {"update": 1}
    site.up()
    assert aliases(site) == [("192.168.1.70", [GIT])]


def test_all_sources_together_in_their_order(site: Site, supervisor: SshServer, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("10.0.0.1 git.protobox\nFD00::7 pages.protobox\n", encoding="utf-8")
    remote = "10.0.0.2 git.protobox pages.protobox\n192.168.1.7 registry.protobox\n"
    (supervisor.folder / "hosts").write_text(remote, encoding="utf-8")
    dns = over_ssh(supervisor)
    dns["hosts"] |= {"file": "hosts", "entries": {"192.168.1.7": [GIT]}, "only": ["*.protobox"]}
    site.edit("dns", dns)
    site.up()
    assert aliases(site) == [("192.168.1.7", [GIT, "registry.protobox"]), ("fd00::7", ["pages.protobox"])]


def test_what_goes_wrong_is_told_and_nothing_is_changed(site: Site, supervisor: SshServer) -> None:
    (supervisor.folder / "hosts").write_text("127.0.1.1 git.protobox", encoding="utf-8")
    site.edit("dns", over_ssh(supervisor))
    printed = site.engine.run("up", "--yes", "--skip-preview", fails=True)
    assert "Traceback" not in printed
    assert "why: " in printed
    assert "fix: " in printed
    told = "in line 1 as 127.0.1.1, which in a pod is the pod itself"
    assert told in " ".join(printed.split())
    assert site.applications() == {}
