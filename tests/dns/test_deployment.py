"""From the `dns` section to what is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.dns.deployment import Deployment, dns_strategy
from components.dns.zones import ForwardedZone, HostsZone
from components.stackfile.problems import SettingsError
from tests.site import USES, settings


def strategy(**dns: Any) -> Deployment:
    return dns_strategy(settings(dns=dns).dns, ["git.protobox"])


def test_dnsmasq_forwards_the_zones_to_port_53() -> None:
    chosen = strategy(strategy="dnsmasq", zones=["Protobox."], servers=["192.168.1.7"], cacheSeconds=10)
    assert chosen.zones == (ForwardedZone("protobox", ("192.168.1.7",), 10),)
    assert chosen.release_transforms == []


def test_consul_is_asked_on_its_own_port_and_under_its_own_names() -> None:
    chosen = strategy(
        strategy="consul",
        zones=["protobox", "consul"],
        servers=["192.168.1.7", "192.168.1.8:53", "fd00::7"],
        rewrite={"git.protobox": "git.service.consul"},
    )
    servers = ("192.168.1.7:8600", "192.168.1.8:53", "[fd00::7]:8600")
    assert chosen.zones == (
        ForwardedZone("protobox", servers, 30, (("git.protobox", "git.service.consul"),)),
        ForwardedZone("consul", servers),
    )


def test_a_zone_can_have_servers_and_a_policy_of_its_own() -> None:
    chosen = strategy(
        strategy="dnsmasq",
        zones=["protobox", {"zone": "lab", "servers": ["10.0.0.1"], "policy": "round_robin"}],
        servers=["192.168.1.7", "192.168.1.8"],
        policy="sequential",
    )
    assert chosen.zones == (
        ForwardedZone("protobox", ("192.168.1.7", "192.168.1.8"), policy="sequential"),
        ForwardedZone("lab", ("10.0.0.1",), policy="round_robin"),
    )


def test_host_aliases_come_from_a_hosts_file_and_only_for_the_hosts_in_use(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.168.1.7 git.protobox\n10.0.0.1 node1\n", encoding="utf-8")
    chosen = strategy(strategy="hostAliases", hosts={"file": str(hosts)})
    assert chosen.aliases == ({"ip": "192.168.1.7", "hostnames": ["git.protobox"]},)
    assert chosen.zones == ()
    assert len(chosen.release_transforms) == 1
    chosen = strategy(strategy="hostAliases", hosts={"file": str(hosts), "only": ["node*"]})
    assert chosen.aliases == ({"ip": "10.0.0.1", "hostnames": ["node1"]},)


def test_hosts_makes_each_name_of_the_entries_a_zone_and_covers_no_name_below_it() -> None:
    entries = {"192.168.1.7": ["git.protobox", "registry.protobox"], "fd00::7": ["git.protobox"]}
    chosen = strategy(strategy="hosts", hosts={"entries": entries}, cacheSeconds=5, nodelocaldns="require")
    assert chosen.zones == (
        HostsZone("git.protobox", ("192.168.1.7", "fd00::7"), 5),
        HostsZone("registry.protobox", ("192.168.1.7",), 5),
    )
    assert chosen.release_transforms == []
    assert chosen.summary()["hosts"]["git.protobox"] == ["192.168.1.7", "fd00::7"]
    chosen.require_coverage(USES, [])
    with pytest.raises(SettingsError, match="nothing makes git"):
        strategy(strategy="hosts", hosts={"entries": {"192.168.1.7": ["protobox"]}}).require_coverage(
            USES, []
        )


def test_a_hosts_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        strategy(strategy="hostAliases", hosts={"file": str(tmp_path / "absent")})


def test_a_rule_for_servers_that_nobody_asks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", said.append)
    with_entries = settings(
        dns={"strategy": "hosts", "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}}}
    )
    assert dns_strategy(with_entries.dns, ["git.protobox"], alert=True).release_transforms == []
    assert "dnsRule: the strategy hosts forwards no zone" in said[0]
    assert len(dns_strategy(settings().dns, ["git.protobox"], alert=True).release_transforms) == 1
    assert len(said) == 1


def test_none_deploys_nothing_and_asks_for_no_coverage() -> None:
    chosen = strategy(strategy="none")
    chosen.require_coverage(USES, [])
    assert chosen.deploy("lab") == []
    assert chosen.summary() == {"strategy": "none"}


def test_a_host_outside_the_zones_stops_the_program() -> None:
    chosen = strategy(strategy="dnsmasq", zones=["dnsmasq"], servers=["192.168.1.7"])
    with pytest.raises(SettingsError, match=r"add the zone git\.protobox"):
        chosen.require_coverage(USES, [])
