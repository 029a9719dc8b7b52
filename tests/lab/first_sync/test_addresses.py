"""The files in a pod's /etc, as the kubelet writes them, and what glibc makes of them."""

from __future__ import annotations

from pathlib import Path

from components.dns.hosts.hosts_sources import read_hosts
from lab.first_sync.addresses import RESOLV_CONF, hosts_file
from tests.lab.first_sync.conftest import Inside

FURNISH = """
import pathlib, subprocess, sys
from lab.first_sync.addresses import furnish
folder = pathlib.Path(sys.argv[1])
def run(*command): subprocess.run(command, check=True)
"""
ON_FEDORA = """
own = folder / "fedoras"
own.write_text("hosts: resolve [!UNAVAIL=return] dns\\n")
run("mount", "--bind", own, "/etc/nsswitch.conf")
furnish(folder)
run("getent", "ahostsv4", "localhost")
"""
WITH_NSCD = """
run("mount", "-t", "tmpfs", "none", "/run")
cache = pathlib.Path("/run/nscd")
cache.mkdir()
(cache / "socket").touch()
furnish(folder)
print(list(cache.iterdir()))
"""
WITHOUT_NSSWITCH = """
run("mount", "-t", "tmpfs", "none", "/etc")
for name in ("hosts", "resolv.conf"):
    pathlib.Path("/etc", name).touch()
furnish(folder)
print(pathlib.Path("/etc/resolv.conf").read_text(), end="")
"""


def test_without_aliases_a_pod_knows_itself_only() -> None:
    assert read_hosts(hosts_file([])).entries == ()


def test_each_alias_is_a_line_with_all_its_names() -> None:
    text = hosts_file([("192.168.1.7", ["git.protobox", "gitlab.protobox"]), ("fd00::7", ["git.protobox"])])
    assert text.startswith(hosts_file([]))
    assert text.splitlines()[-3:] == [
        "# Entries added by HostAliases.",
        "192.168.1.7\tgit.protobox\tgitlab.protobox",
        "fd00::7\tgit.protobox",
    ]


def test_names_are_looked_up_in_a_pods_files_also_where_the_machine_asks_somebody_else(
    inside: Inside, tmp_path: Path
) -> None:
    assert inside(FURNISH + ON_FEDORA, tmp_path).startswith("127.0.0.1 ")


def test_a_pod_does_not_see_the_machines_cache_of_names(inside: Inside, tmp_path: Path) -> None:
    assert inside(FURNISH + WITH_NSCD, tmp_path) == "[]\n"


def test_a_machine_without_nsswitch_conf_will_do(inside: Inside, tmp_path: Path) -> None:
    assert inside(FURNISH + WITHOUT_NSSWITCH, tmp_path) == RESOLV_CONF
