"""The DNS servers outside the cluster: dnsmasq and Consul on the supervisor, and the internet.

dnsmasq and Consul are the real programs where this machine has them. One CoreDNS process plays the rest.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from lab import site
from lab.dns.network import CONSUL_GOSSIP, CONSUL_SERVER, EndpointTable
from lab.programs import Programs
from lab.site import Place

PLAYED = "dns-servers"
"""The process that plays the servers of which there is no real one."""
KNOWN = {site.DNSMASQ: "git.protobox", site.CONSUL: "git.service.consul"}
"""The supervisor's servers, each with a name that it knows."""

_ZONES = Path(__file__).parent / "zones"
_HOW_TO_GET = {
    site.DNSMASQ: ("dnsmasq", "install `dnsmasq`"),
    site.CONSUL: ("Consul, which the strategy consul asks", "`make lab-full` builds it"),
}


def real_servers(programs: Programs) -> dict[Place, Path]:
    """Return the supervisor's servers that are the real programs."""
    programs_of = {site.DNSMASQ: programs.dnsmasq, site.CONSUL: programs.consul}
    return {place: program for place, program in programs_of.items() if program}


def description(real: Collection[Place]) -> str:
    """Return half a sentence that says what the supervisor's servers are, and which are the real programs."""
    said = (
        f"{name} ({'the real program' if place in real else f'played by CoreDNS; {how}'})"
        for place, (name, how) in _HOW_TO_GET.items()
    )
    return f"on the supervisor {' and '.join(said)}"


def commands(folder: Path, programs: Programs, endpoints: EndpointTable) -> dict[str, list[str | Path]]:
    """Write the servers' configuration into `folder` and return process name → command."""
    real = real_servers(programs)
    played = folder / "servers.Corefile"
    played.write_text(servers_corefile(endpoints, real), encoding="utf-8")
    started: dict[str, list[str | Path]] = {PLAYED: [programs.coredns, "-conf", played]}
    if program := real.get(site.DNSMASQ):
        file = folder / "dnsmasq.conf"
        file.write_text(dnsmasq_conf(endpoints), encoding="utf-8")
        # -d, since only that mode neither changes the user nor needs root.
        started[site.DNSMASQ.name] = [program, "-d", f"--conf-file={file}"]
    if program := real.get(site.CONSUL):
        file = folder / "consul.json"
        file.write_text(json.dumps(consul_config(endpoints), indent=2), encoding="utf-8")
        started[site.CONSUL.name] = [program, "agent", "-dev", f"-config-file={file}"]
    return started


def servers_corefile(endpoints: EndpointTable, real: Collection[Place]) -> str:
    """Return the configuration of the process that plays the servers which are not `real`."""
    dnsmasq, consul, internet = (endpoints[one.name] for one in (site.DNSMASQ, site.CONSUL, site.INTERNET))
    blocks = {
        site.DNSMASQ: f"""\
protobox:{dnsmasq.port} {{
    bind {dnsmasq.address}
    errors
    file "{_ZONES / "protobox.zone"}"
}}
.:{dnsmasq.port} {{
    bind {dnsmasq.address}
    errors
    forward . {internet}
}}
""",
        site.CONSUL: f"""\
consul:{consul.port} {{
    bind {consul.address}
    errors
    file "{_ZONES / "consul.zone"}"
}}
""",
        site.INTERNET: f"""\
.:{internet.port} {{
    bind {internet.address}
    errors
    template ANY ANY {{
        rcode NXDOMAIN
        authority ". 5 IN SOA internet. hostmaster.internet. 1 3600 600 86400 5"
    }}
}}
""",
    }
    return "".join(block for place, block in blocks.items() if place not in real)


def dnsmasq_conf(endpoints: EndpointTable) -> str:
    """Return the supervisor's dnsmasq.conf: names from its hosts file, everything else from the internet."""
    own, internet = endpoints[site.DNSMASQ.name], endpoints[site.INTERNET.name]
    return f"""\
port={own.port}
listen-address={own.address}
bind-interfaces
no-hosts
addn-hosts={_ZONES / "hosts"}
local=/protobox/
bogus-priv
no-resolv
server={internet.address}#{internet.port}@{own.address}
log-facility=-
"""


def consul_config(endpoints: EndpointTable) -> Mapping[str, object]:
    """Return what the supervisor's Consul is told: the service `git`, and to speak nothing but DNS."""
    own = endpoints[site.CONSUL.name]
    off, unused = {"enabled": False}, -1
    return {
        "node_name": "supervisor",
        "bind_addr": own.address,
        "client_addr": own.address,
        "ports": {
            "dns": own.port,
            "server": endpoints[CONSUL_SERVER].port,
            "serf_lan": endpoints[CONSUL_GOSSIP].port,
            **dict.fromkeys(("http", "https", "grpc", "grpc_tls", "serf_wan"), unused),
        },
        "services": [{"name": "git", "address": site.SUPERVISOR, "port": 80}],
        "ui_config": off,
        "connect": off,
        "peering": off,
        "disable_update_check": True,
        # It is alone: with the times of a cluster it would never rest.
        "disable_coordinates": True,
        "gossip_lan": {"gossip_interval": "10s", "probe_interval": "10s", "probe_timeout": "5s"},
        "performance": {"raft_multiplier": 10},
        "log_level": "warn",
    }
