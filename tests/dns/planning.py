"""Planning in a word, for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from components.dns.corefile import ServerBlock, cut, is_marked, parse, splice
from components.dns.plan import Ownership, Plan, Surroundings, plan, without_ours
from components.dns.zones import AnyZone, ForwardedZone

PROTOBOX = ForwardedZone("protobox", ("192.168.1.7",))
COREDNS = """\
.:53 {
    errors
    forward . /etc/resolv.conf {
        prefer_udp
    }
    cache 30
}
"""
NODELOCALDNS = """\
cluster.local:53 {
    bind 169.254.25.10
    forward . 10.233.0.3 {
        force_tcp
    }
}
.:53 {
    errors
    bind 169.254.25.10
    forward . /etc/resolv.conf
}
"""


DEV = Ownership("dev")


def planned(
    text: str,
    zones: Sequence[AnyZone] = (PROTOBOX,),
    ours: Ownership = DEV,
    around: Surroundings | None = None,
) -> Plan:
    """Return what `text` has to become."""
    return plan(text, zones, ours, around)


def again(done: Plan, zones: Sequence[AnyZone] = (PROTOBOX,), text: str = "") -> Plan:
    """Return the plan of the next `up`, on what the last one has left, or on `text`."""
    return planned(text or done.text, zones, Ownership("dev", done.owned, done.written))


def taken(
    text: str, zone: str = "protobox", files: Mapping[str, str] | None = None, **around: Collection[str]
) -> list[str]:
    """Return the names that a zone takes from others, with who answered them."""
    zones = [ForwardedZone(zone, ("192.168.1.7",))]
    surroundings = Surroundings(files or {}, **around)  # type: ignore[arg-type]
    return [str(name) for name in planned(text, zones, around=surroundings).taken]


def cut_again(done: Plan, text: str = "") -> str:
    """Return what `destroy` leaves."""
    return without_ours(text or done.text, Ownership("dev", done.owned, done.written))


def marked(text: str) -> list[ServerBlock]:
    """Return the blocks of a text that bear our comment."""
    return [block for block in parse(text, overlaps=True).server_blocks if is_marked(block)]


def spliced_again(text: str, blocks: Sequence[ServerBlock]) -> str:
    """Return `text` with `blocks` in the place of those that bear our comment."""
    return splice(text, blocks, marked(text))


def cut_marked(text: str, *keys: str) -> str:
    """Return `text` without the blocks that bear our comment; without keys all of them."""
    return cut(text, [block for block in marked(text) if not keys or block.keys[0] in keys])
