from __future__ import annotations

import json
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from components.dns.corefile import parse
from lab import site
from lab.dns.network import dns_addresses
from lab.dns.servers import (
    commands,
    consul_config,
    description,
    dnsmasq_conf,
    real_servers,
    servers_corefile,
)
from lab.endpoints import Endpoint
from lab.programs import Programs
from lab.programs.finding import installed_dnsmasq
from tests.lab.some_programs import ANY, some_programs

ENDPOINTS = {
    name: Endpoint(address, 20000 + number) for number, (name, address) in enumerate(dns_addresses().items())
}
ZONES = Path(site.__file__).parent / "dns" / "zones"
REAL, CONSUL = "(the real program)", "Consul, which the strategy consul asks"
PLAYED, LAB_FULL = "(played by CoreDNS; install `dnsmasq`)", "(played by CoreDNS; `make lab-full` builds it)"


def programs(**real: Path) -> Programs:
    return some_programs(coredns=Path("/bin/coredns"), **real)


def keys(corefile: str) -> list[str]:
    return [key for block in parse(corefile).server_blocks for key in block.keys]


def test_without_real_servers_one_coredns_plays_all_three(tmp_path: Path) -> None:
    started = commands(tmp_path, programs(), ENDPOINTS)
    assert started == {"dns-servers": [Path("/bin/coredns"), "-conf", tmp_path / "servers.Corefile"]}
    dnsmasq, consul, internet = (
        ENDPOINTS[place.name].port for place in (site.DNSMASQ, site.CONSUL, site.INTERNET)
    )
    assert keys((tmp_path / "servers.Corefile").read_text()) == [
        f"protobox:{dnsmasq}",
        f".:{dnsmasq}",
        f"consul:{consul}",
        f".:{internet}",
    ]


def test_a_real_server_is_started_and_not_played_as_well(tmp_path: Path) -> None:
    started = commands(tmp_path, programs(dnsmasq=Path("/d"), consul=Path("/c")), ENDPOINTS)
    assert started["dnsmasq"] == [Path("/d"), "-d", f"--conf-file={tmp_path / 'dnsmasq.conf'}"]
    assert started["consul"] == [Path("/c"), "agent", "-dev", f"-config-file={tmp_path / 'consul.json'}"]
    assert (tmp_path / "dnsmasq.conf").read_text() == dnsmasq_conf(ENDPOINTS)
    assert json.loads((tmp_path / "consul.json").read_text()) == consul_config(ENDPOINTS)
    assert keys((tmp_path / "servers.Corefile").read_text()) == [f".:{ENDPOINTS['internet'].port}"]


@pytest.mark.parametrize(
    ("real", "said"),
    [
        ({}, f"dnsmasq {PLAYED} and {CONSUL} {LAB_FULL}"),
        ({"dnsmasq": ANY}, f"dnsmasq {REAL} and {CONSUL} {LAB_FULL}"),
        ({"consul": ANY}, f"dnsmasq {PLAYED} and {CONSUL} {REAL}"),
    ],
)
def test_the_start_says_which_server_is_real(real: dict[str, Path], said: str) -> None:
    assert description(real_servers(programs(**real))) == f"on the supervisor {said}"


def test_the_real_dnsmasq_and_the_played_one_know_the_same_names() -> None:
    zone = (ZONES / "protobox.zone").read_text(encoding="utf-8")
    records = re.findall(r"^(\w+) +IN A +(\S+)", zone, re.MULTILINE)
    played = {f"{name}.protobox": address for name, address in records}
    address, *names = (ZONES / "hosts").read_text(encoding="utf-8").splitlines()[-1].split()
    assert dict.fromkeys(names, address) == played


def test_consul_listens_on_loopback_and_offers_nothing_but_dns() -> None:
    config: dict[str, Any] = dict(consul_config(ENDPOINTS))
    assert ip_address(config["bind_addr"]).is_loopback
    assert config["client_addr"] == config["bind_addr"]
    used = {name: port for name, port in config["ports"].items() if port != -1}
    assert used.keys() == {"dns", "server", "serf_lan"}
    assert set(used.values()) <= {one.port for one in ENDPOINTS.values()}
    assert config["disable_update_check"] is True


def test_dnsmasq_reads_no_file_of_this_machine_and_asks_nobody_outside_the_lab() -> None:
    lines = dnsmasq_conf(ENDPOINTS).splitlines()
    assert {"bind-interfaces", "no-hosts", "no-resolv", "local=/protobox/"} <= set(lines)
    given = dict(line.split("=", 1) for line in lines if "=" in line)
    assert ip_address(given["listen-address"]).is_loopback
    # Where it asks, and the address from which it does; without the latter it would listen everywhere.
    upstream, _, source = given["server"].partition("@")
    assert ip_address(upstream.partition("#")[0]).is_loopback
    assert source == given["listen-address"]


def test_every_server_is_served_by_somebody(tmp_path: Path) -> None:
    for real in ({}, {site.DNSMASQ: ANY}, {site.CONSUL: ANY}, {site.DNSMASQ: ANY, site.CONSUL: ANY}):
        played = {key.rpartition(":")[2] for key in keys(servers_corefile(ENDPOINTS, real))}
        unplayed = {str(ENDPOINTS[place.name].port) for place in real}
        assert played | unplayed == {
            str(ENDPOINTS[place.name].port) for place in (site.DNSMASQ, site.CONSUL, site.INTERNET)
        }


def test_dnsmasq_is_also_found_where_only_root_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr("lab.programs.finding._SYSTEM_FOLDERS", (str(tmp_path),))
    assert installed_dnsmasq() is None
    program = tmp_path / "dnsmasq"
    program.touch(mode=0o755)
    assert installed_dnsmasq() == program
