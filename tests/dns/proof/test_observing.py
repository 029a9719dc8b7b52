"""What is asked in the pod, and what is made of the answers."""

from __future__ import annotations

import shutil
import socket
import subprocess

import pytest

from components.dns.proof import observing
from components.dns.proof.observing import Answer, list_refs, observe
from components.dns.proof.question import Host
from tests.dns.proof.fake_pod import FakePod, dns_server

HOST = Host("git.protobox", servers=("192.168.1.7:8600", "[fd00::7]:53"), asked_as="git.service.consul")

needs_perl = pytest.mark.skipif(not shutil.which("perl"), reason="there is no perl on this machine")


def asked(server: str, port: int, name: str = "git.protobox") -> str:
    """Run the query as the pod does, and return what it prints."""
    script = observing._QUERY.read_text(encoding="utf-8")  # noqa: SLF001
    command = ["perl", "-e", script, server, str(port), name]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()


def test_the_pod_is_asked_for_all_that_lies_between_it_and_the_server() -> None:
    pod = FakePod(
        getent="192.168.1.7     STREAM git.protobox\n192.168.1.7     DGRAM\n",
        hosts="# Added.\n10.0.0.9\tother git.protobox  # here\n10.0.0.8 git.protobox.x\n",
        answers={"169.254.25.10:53": "NXDOMAIN", "192.168.1.7:8600": "NOERROR 192.168.1.7"},
    )
    seen = observe(HOST, pod, ["10.233.0.3"])
    assert seen.resolved == ("192.168.1.7",)
    assert seen.hosts_file == ("10.0.0.9",)
    assert seen.layers == {
        "node-local cache 169.254.25.10": Answer("NXDOMAIN"),
        "CoreDNS 10.233.0.3": Answer("no answer"),
    }
    assert seen.servers == {
        "192.168.1.7:8600": Answer("NOERROR", ("192.168.1.7",)),
        "[fd00::7]:53": Answer("no answer"),
    }
    names = {command[3:] for command in pod.run if command[0] == "perl"}
    assert ("192.168.1.7", "8600", "git.service.consul") in names
    assert ("fd00::7", "53", "git.service.consul") in names
    assert ("10.233.0.3", "53", "git.protobox") in names


def test_a_resolver_that_is_the_dns_service_is_coredns() -> None:
    assert list(observe(HOST, FakePod(), ["169.254.25.10"]).layers) == ["CoreDNS 169.254.25.10"]


def test_git_asks_nobody_and_follows_no_redirect() -> None:
    pod = FakePod()
    list_refs(Host("git.protobox", repository="http://git.protobox/x.git"), pod)
    (command,) = pod.run
    assert "GIT_TERMINAL_PROMPT=0" in command
    assert "http.followRedirects=false" in command
    assert command[-1] == "http://git.protobox/x.git"


@needs_perl
@pytest.mark.parametrize(
    ("rcode", "addresses", "printed"),
    [
        ("NOERROR", ["192.168.1.7", "192.168.1.8"], "NOERROR 192.168.1.7 192.168.1.8"),
        ("NOERROR", [], "NOERROR"),
        ("NXDOMAIN", [], "NXDOMAIN"),
        ("SERVFAIL", [], "SERVFAIL"),
        ("REFUSED", [], "REFUSED"),
    ],
)
def test_the_query_prints_what_the_server_says(rcode: str, addresses: list[str], printed: str) -> None:
    with dns_server(rcode, *addresses) as port:
        line = asked("127.0.0.1", port)
    said, *found = line.split()  # the server gives several addresses in any order
    assert [said, *sorted(found)] == printed.split()
    assert Answer.read(line) == Answer(rcode, tuple(found))


@needs_perl
def test_the_query_tells_silence_from_a_closed_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        assert asked("127.0.0.1", port) == "no answer"
    assert asked("127.0.0.1", port) == "nobody listens"


@needs_perl
def test_the_query_reaches_servers_by_ipv6() -> None:
    try:
        with dns_server("NOERROR", "192.168.1.7", family=socket.AF_INET6) as port:
            assert asked("::1", port) == "NOERROR 192.168.1.7"
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
