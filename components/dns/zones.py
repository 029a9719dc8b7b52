"""What the cluster's DNS is to answer, where it listens, and the server block that brings both together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from components.dns.corefile import Corefile, CorefileError, Directive, ServerBlock
from components.dns.corefile.edit import MARKER
from components.dns.corefile.keys import DNS_PORT, depends_on_environment
from components.dns.hosts.entries import HostEntry


@dataclass(frozen=True)
class ForwardedZone:
    """One zone and the name servers that know it."""

    zone: str
    """`protobox`, without dots around it."""
    servers: tuple[str, ...]
    """`IP` or `IP:port`, in order."""
    cache_seconds: int = 30
    rewrite: tuple[tuple[str, str], ...] = ()
    """Pairs of a name in the zone and the name to ask the servers for instead."""
    policy: str = ""
    """`random`, `round_robin` or `sequential`; "" is CoreDNS's own default, random."""


@dataclass(frozen=True)
class HostsZone:
    """One name that CoreDNS answers from hosts entries, as a zone of its own."""

    zone: str
    """The name: `git.protobox`."""
    addresses: tuple[str, ...]
    cache_seconds: int = 30

    @property
    def servers(self) -> tuple[str, ...]:
        """No server is asked for it."""
        return ()


AnyZone = ForwardedZone | HostsZone
"""What one server block of ours answers for."""
NO_FILE = "/dev/null"
"""The file of our `hosts` lines: without one the plugin also reads /etc/hosts of the pod, and that of a
node-local cache is its node's."""


@dataclass(frozen=True)
class Listeners:
    """Where the server blocks for `.` listen, and so where the cluster's resolver is asked."""

    ports: tuple[int, ...] = (DNS_PORT,)
    binds: tuple[Directive, ...] = ()
    """Their `bind` lines; none: every address."""
    metrics: tuple[Directive, ...] = ()
    """Their `prometheus` line, without which a zone does not show in CoreDNS's metrics; none where they
    differ."""


def bare(name: str) -> str:
    """Return a name in small letters and without its final dot; `.` stays."""
    return name.lower().rstrip(".") or "."


def in_zone(host: str, zone: str) -> bool:
    """Tell whether `host` is `zone` or below it."""
    return host == zone or host.endswith(f".{zone}")


def hosts_zones(entries: Iterable[HostEntry], cache_seconds: int) -> tuple[HostsZone, ...]:
    """Return a zone for each name in `entries`: a wider one would have to answer for other names, too."""
    addresses: dict[str, list[str]] = {}
    for entry in entries:
        addresses.setdefault(entry.name, []).append(entry.ip)
    return tuple(HostsZone(name, tuple(found), cache_seconds) for name, found in addresses.items())


def marker(stack: str) -> str:
    """Return the comment above each of our blocks."""
    return f"{MARKER}, stack {stack}: the next pulumi up undoes changes to this block"


def listeners(corefile: Corefile) -> Listeners:
    """Return where the blocks for `.` listen: all their ports, on all their addresses.

    Raises:
        CorefileError: there is no such block, only CoreDNS's environment knows the address, or one block
            cannot listen in the same way.
    """
    roots = [block for block in corefile.server_blocks if _root_ports(block)]
    if not roots:
        raise CorefileError(
            "there is no server block for `.`, so nobody can tell which port the cluster asks"
        )
    for block in roots:
        if views := block.named("view"):
            reason = "a server block for `.` has a view: it answers some clients only, and ours cannot"
            raise CorefileError(reason, corefile.text, views[0].start)
        for line in block.named("bind"):
            words = (*line.args, *(word for option in line.body for word in option))
            if any(map(depends_on_environment, words)):
                reason = "only CoreDNS's own environment knows on which address this block listens"
                raise CorefileError(reason, corefile.text, line.start)
    where: dict[tuple[Directive, ...], set[int]] = {}
    for block in roots:
        where.setdefault(block.named("bind"), set()).update(_root_ports(block))
    ports = next(iter(where.values()))
    if any(other != ports for other in where.values()):
        raise CorefileError(
            "the server blocks for `.` listen on different ports of different addresses, and one block "
            "cannot do the same",
            corefile.text,
            roots[-1].start,
        )
    binds = dict.fromkeys(line for lines in where for line in lines)
    metrics = {block.named("prometheus") for block in roots}
    return Listeners(tuple(sorted(ports)), tuple(binds), metrics.pop() if len(metrics) == 1 else ())


def zone_block(zone: AnyZone, where: Listeners, stack: str, onward: Sequence[Directive] = ()) -> ServerBlock:
    """Return the server block for `zone`, with only directives that CoreDNS 1.7.0 knows.

    Ports and `bind` are those of the blocks for `.`: with another port nobody asks it, and without the
    bind it would open a second listener (coredns plugin/bind, "Avoiding Listener Contention").

    For a name from hosts entries, `onward` is what answers the names below it today.
    """
    directives = [
        Directive("errors"),
        Directive("cache", (str(zone.cache_seconds),)),
        *where.binds,
        *where.metrics,
    ]
    if isinstance(zone, HostsZone):
        lines = tuple((address, zone.zone) for address in zone.addresses)
        body = (*lines, ("fallthrough",)) if onward else lines
        directives += [Directive("hosts", (NO_FILE,), body), *onward]
    else:
        directives += forwarding(zone)
    keys = tuple(f"{zone.zone}:{port}" for port in where.ports)
    return ServerBlock(keys, tuple(directives), marker(stack))


def forwarding(zone: ForwardedZone) -> list[Directive]:
    """Return the lines of a server block that ask the zone's servers."""
    policy = (("policy", zone.policy),) if zone.policy else ()
    forward = Directive("forward", (".", *zone.servers), policy)
    return [*(rewrite(*pair) for pair in zone.rewrite), forward]


def rewrite_words(name: str, target: str) -> tuple[tuple[str, ...], ...]:
    """Return the lines that ask for `target` in the place of `name`, and give back the answer's name.

    A regular expression and `answer name`, since `exact` gives back the answer's name only in newer
    versions, and a resolver does not accept an answer to another question.
    """
    question, answer = name.replace(".", r"\."), target.replace(".", r"\.")
    return (
        ("name", "regex", rf"^{question}\.$", f"{target}."),
        ("answer", "name", rf"^{answer}\.$", f"{name}."),
    )


def rewrite(name: str, target: str) -> Directive:
    """Return `rewrite_words` as a line of a server block."""
    return Directive("rewrite", ("stop",), rewrite_words(name, target))


def server_address(server: str) -> tuple[str, int]:
    """Return IP and port of a name server, `IP` or `IP:port`, in one spelling; what is no IP stays."""
    bare = server.removeprefix("dns://")
    has_port = "]:" in bare if "[" in bare else bare.count(":") == 1
    host, _, port = bare.rpartition(":") if has_port else (bare, "", str(DNS_PORT))
    with suppress(ValueError):
        host = str(ip_address(host.strip("[]")))
    return host, int(port) if port.isdigit() else 0


def _root_ports(block: ServerBlock) -> list[int]:
    return [key.port for key in block.zone_keys if key.zone == "." and key.transport == "dns"]
