"""The DNS servers outside the cluster: dnsmasq and Consul on the supervisor, and the internet.

One CoreDNS process plays all three.
"""

from __future__ import annotations

from pathlib import Path

from lab import site
from lab.dns.network import PortTable, endpoint

ZONES = Path(__file__).parent / "zones"


def servers_corefile(ports: PortTable) -> str:
    """Return the configuration of the process that plays the servers outside the cluster."""
    dnsmasq, consul, internet = (endpoint(one, ports) for one in (site.DNSMASQ, site.CONSUL, site.INTERNET))
    return f"""\
protobox:{dnsmasq.port} {{
    bind {dnsmasq.address}
    errors
    file "{ZONES / "protobox.zone"}"
}}
.:{dnsmasq.port} {{
    bind {dnsmasq.address}
    errors
    forward . {internet}
}}
consul:{consul.port} {{
    bind {consul.address}
    errors
    file "{ZONES / "consul.zone"}"
}}
.:{internet.port} {{
    bind {internet.address}
    errors
    template ANY ANY {{
        rcode NXDOMAIN
        authority ". 5 IN SOA internet. hostmaster.internet. 1 3600 600 86400 5"
    }}
}}
"""
