"""The rules by which Prometheus tells that a name server fails, and when they fire on real metrics."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from components.dns.hosts.entries import HostEntry
from components.dns.transform import _with_rules, forwarder_rules
from components.dns.zones import ForwardedZone, hosts_zones
from lab.endpoints import free_port
from lab.processes import wait_until
from lab.programs.catalogue import FULL_COREDNS, OLD_COREDNS
from tests.dns.corefile.fuzz import versions
from tests.dns.planning import planned

ZONE = ForwardedZone("protobox", ("192.168.1.7", "[fd00::7]:8600"))


def test_both_names_of_the_metric_are_asked_for_each_server() -> None:
    server, zone = forwarder_rules([ZONE], "prod")
    for metric in ("coredns_proxy_healthcheck_failures_total", "coredns_forward_healthcheck_failures_total"):
        assert rf'{metric}{{to=~"192\\.168\\.1\\.7:53|\\[fd00::7\\]:8600"}}' in server["expr"]
    assert r'zone=~"protobox\\.",rcode="SERVFAIL"' in zone["expr"]
    assert "make verify STACK=prod" in server["annotations"]["description"]


def test_where_nothing_is_forwarded_there_is_no_rule() -> None:
    assert forwarder_rules(hosts_zones([HostEntry("192.168.1.7", "git.protobox")], 30), "prod") == []


def test_rules_of_the_stack_file_stay() -> None:
    theirs: dict[str, Any] = {"metrics": {"enabled": True, "rules": {"spec": [{"alert": "A"}]}}}
    assert _with_rules(theirs, [{"alert": "B"}])["metrics"] == {
        "enabled": True,
        "rules": {"enabled": True, "spec": [{"alert": "A"}, {"alert": "B"}]},
    }


@contextmanager
def coredns(program: Path, corefile: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    file = folder / f"Corefile-{free_port()}"
    file.write_text(corefile, encoding="utf-8")
    with (folder / f"{file.name}.log").open("wb") as log:
        process = subprocess.Popen([program, "-conf", str(file)], stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def ask(port: int, name: str) -> str:
    """Return the answer's code; "" if there is none yet."""
    try:
        answer = dns.query.udp(dns.message.make_query(name, "A"), "127.0.0.1", timeout=1, port=port)
    except (OSError, dns.exception.Timeout):
        return ""
    return dns.rcode.to_text(answer.rcode())


def scraped(port: int) -> dict[str, float]:
    """Return the metrics: name and labels → value."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        lines = [line for line in page.read().decode().splitlines() if not line.startswith("#")]
    return {series: float(value) for series, _, value in (line.rpartition(" ") for line in lines) if series}


def fires(rule: Mapping[str, Any], before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Evaluate `increase(…) > 0` of a rule between two scrapes, as Prometheus does: by series, summed."""
    rises = 0.0
    for metric, matchers in re.findall(r"(\w+)\{(.*?)\}\[5m\]", rule["expr"]):
        wanted = {
            label: value.replace("\\\\", "\\") for label, value in re.findall(r'(\w+)=~?"(.*?)"', matchers)
        }
        for series, value in after.items():
            name, _, labels = series.partition("{")
            has = dict(re.findall(r'(\w+)="(.*?)"', labels))
            fits = all(re.fullmatch(pattern, has.get(label, "")) for label, pattern in wanted.items())
            if name == metric and fits and series in before:
                rises += value - before[series]
    return rises > 0


@pytest.mark.engine
@pytest.mark.parametrize("version", [FULL_COREDNS.version, OLD_COREDNS.version])
def test_the_rules_fire_once_the_server_is_stopped_and_not_before(version: str, tmp_path: Path) -> None:
    program = versions().get(version)
    if program is None:
        pytest.skip(f"CoreDNS {version} is not built; `make lab-full` builds it")
    port, metrics, server = free_port(), free_port(), free_port()
    lines = ["bind 127.0.0.1", f"prometheus 127.0.0.1:{metrics}", "forward . 127.0.0.1:9"]
    root = "\n    ".join([f".:{port} {{", *lines]) + "\n}\n"
    zone = ForwardedZone("protobox", (f"127.0.0.1:{server}",), 1)
    corefile = planned(root, [zone]).text
    rules = forwarder_rules([zone], "test")
    hosts = "hosts /dev/null {\n        192.168.1.7 git.protobox\n    }"
    theirs = f".:{server} {{\n    bind 127.0.0.1\n    {hosts}\n}}\n"
    with coredns(program, theirs, tmp_path) as stopped, ExitStack() as stack:
        # It has to answer first: a question before that is a failure, which CoreDNS goes on to count.
        assert wait_until(lambda: ask(server, "git.protobox") == "NOERROR", 20)
        stack.enter_context(coredns(program, corefile, tmp_path))
        assert wait_until(lambda: ask(port, "git.protobox") == "NOERROR", 20)
        first = scraped(metrics)
        assert ask(port, "git.protobox") == "NOERROR"
        assert not any(fires(rule, first, scraped(metrics)) for rule in rules)
        stopped.kill()
        stopped.wait()
        assert ask(port, "a.protobox") in {"SERVFAIL", ""}
        time.sleep(2)
        second = scraped(metrics)
        assert ask(port, "b.protobox") in {"SERVFAIL", ""}
        assert wait_until(lambda: all(fires(rule, second, scraped(metrics)) for rule in rules), 20)
