"""Every repository host must resolve, or the preview says which does not."""

from __future__ import annotations

import pytest

from components.dns.coverage import by_address, uncovered
from components.projects.application import hosts_in_use
from tests.site import SITE, USES, settings


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
    assert uncovered(USES, zones, names, public, {}) == []


@pytest.mark.parametrize(
    ("zones", "names", "fix"),
    [
        (["dnsmasq"], [], "add the zone git.protobox to protobox-cd:dns.zones"),
        (["rotobox"], [], "add the zone git.protobox"),
        (
            [],
            ["registry.protobox"],
            "entries:\n        192.168.1.7: [git.protobox]",
        ),
        ([], [], "choose a protobox-cd:dns.strategy"),
    ],
)
def test_a_host_that_nothing_covers_is_told_with_the_line_to_add(
    zones: list[str], names: list[str], fix: str
) -> None:
    (problem,) = uncovered(USES, zones, names, ["github.com"], {})
    assert problem.where == "protobox-cd:projects.docserver"
    assert "git.protobox" in problem.what
    assert "no such host" in problem.why
    assert fix in problem.fix


def test_a_host_that_a_file_has_on_loopback_only_is_told_with_the_reason_and_the_override() -> None:
    why = "the hosts file /etc/hosts has it in line 3 as 127.0.1.1, which in a pod is the pod itself"
    (problem,) = uncovered(USES, [], ["registry.protobox"], [], {"git.protobox": why})
    assert problem.what.endswith(why)
    assert "entries:\n        192.168.1.7: [git.protobox]" in problem.fix


def test_an_address_needs_no_name_but_is_warned_about() -> None:
    git = {**SITE["git"], "baseUrl": "http://192.168.1.7/gitlab"}
    hosts = hosts_in_use(settings(git=git, projects={"a": {}, "b": {}, "c": {}}).applications)
    assert uncovered(hosts, [], [], [], {}) == []
    (warning,) = by_address(hosts)
    assert warning.startswith("argo-a and 2 other Applications: ")
    assert "webhooks" in warning
    assert "protobox-cd:git.hosts: {192.168.1.7: git.protobox}" in warning


def test_a_host_of_many_projects_is_one_problem() -> None:
    hosts = hosts_in_use(settings(projects={f"p{n}": {} for n in range(1000)}).applications)
    (problem,) = uncovered(hosts, ["other"], [], [], {})
    assert problem.where == "protobox-cd:projects.p0"
    assert "argo-p0 and 999 other Applications" in problem.what
