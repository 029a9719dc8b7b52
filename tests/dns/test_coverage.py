"""Every repository host must resolve, or the preview says which does not."""

from __future__ import annotations

import pytest

from components.dns.coverage import by_address, uncovered


@pytest.mark.parametrize(
    ("zones", "names", "public"),
    [
        (["protobox"], [], []),
        (["git.protobox"], [], []),
        ([], ["git.protobox"], []),
        ([], [], ["git.protobox"]),
        ([], [], ["Protobox"]),
    ],
)
def test_a_host_is_covered_by_a_zone_a_hosts_entry_or_public_dns(
    zones: list[str], names: list[str], public: list[str]
) -> None:
    assert uncovered({"docserver": "git.protobox"}, zones, names, public, {}) == []


@pytest.mark.parametrize(
    ("zones", "names", "fix"),
    [
        (["dnsmasq"], [], "add the zone protobox to protobox-cd:dns.zones"),
        (["rotobox"], [], "add the zone protobox"),
        (
            [],
            ["registry.protobox"],
            "protobox-cd:dns.hosts.entries, for example {192.168.1.7: [git.protobox]}",
        ),
        ([], [], "choose a protobox-cd:dns.strategy"),
    ],
)
def test_a_host_that_nothing_covers_is_told_with_the_line_to_add(
    zones: list[str], names: list[str], fix: str
) -> None:
    (problem,) = uncovered({"docserver": "git.protobox"}, zones, names, ["github.com"], {})
    assert problem.where == "protobox-cd:projects.docserver"
    assert "git.protobox" in problem.what
    assert "no such host" in problem.why
    assert fix in problem.fix


def test_a_host_that_a_file_has_on_loopback_only_is_told_with_the_reason_and_the_override() -> None:
    why = "the hosts file /etc/hosts has it in line 3 as 127.0.1.1, which in a pod is the pod itself"
    (problem,) = uncovered(
        {"docserver": "git.protobox"}, [], ["registry.protobox"], [], {"git.protobox": why}
    )
    assert problem.what.endswith(why)
    assert "protobox-cd:dns.hosts.entries: {192.168.1.7: [git.protobox]}" in problem.fix


def test_an_address_needs_no_name_but_is_warned_about() -> None:
    hosts = {"docserver": "192.168.1.7"}
    assert uncovered(hosts, [], [], [], {}) == []
    (warning,) = by_address(hosts)
    assert "webhooks" in warning
