"""Endless Corefiles as clusters have them, and zones to forward, from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from components.dns.zones import AnyZone, ForwardedZone, HostsZone
from tests.dns.corefile.random_corefiles import seeded
from tests.dns.effects.case import Case
from tests.dns.effects.neighbours import NEIGHBOURS, Written, by_hand
from tests.dns.effects.network import FORWARDED, NODE_LOCAL_FORWARDED, PUBLIC
from tests.dns.effects.questions import git_host
from tests.dns.effects.shapes import DOMAINS, SHAPES, Block, Frame

_ZONES = (
    *(("protobox",) * 10),
    *("gitlab.local", "git.k8s.local", "protobox.local", "lab.internal", "git.intern.firm", "lab", "dev"),
    *("firm", "firm.co.uk", "co.uk", "uk", "git.firm.co.uk", "intern.firm", "internal", "lan", "home.arpa"),
    *(
        "corp",
        "git.corp",
        "lab.corp",
        "corp.test",
        "a.protobox",
        "a.b.protobox",
        "consul",
        "dnsmasq",
        "intern",
    ),
    *(
        "1.168.192.in-addr.arpa",
        "7.10.in-addr.arpa",
        "0.0.d.f.ip6.arpa",
        "gitlab.protobox",
        "minikube.internal",
        "gitlab.corp",
    ),
    *(
        "local",
        "k8s.protobox",
        "svc.cluster.local",
        "cluster.local",
        "in-addr.arpa",
        "10.in-addr.arpa",
        "arpa",
    ),
)


def endless(seed: int) -> Iterator[Case]:
    """Yield cases; the same ones for the same seed."""
    random = seeded(seed)
    while True:
        yield case(random)


def case(random: Random) -> Case:
    """Return one case."""
    # A stack has either: the strategy `hosts`, or one that forwards.
    made = hosts_zone if random.random() < 0.3 else forwarded_zone
    zones: list[AnyZone] = [made(random, name) for name in _zone_names(random)]
    zone = random.choice(zones).zone
    name = random.choice(list(SHAPES))
    written = Written(random.choice(DOMAINS), has_services=not name.startswith(("own block", "node")))
    for neighbour in random.choices(NEIGHBOURS, k=random.choice((0, 0, 1, 1, 1, 2, 2, 3))):
        neighbour(random, zone, written)
    if name == "kubespray-external" and random.random() < 0.8:
        by_hand(random, zone, written)
    frame = SHAPES[name](random, zone, written)
    corefile = _layout(random, _join(random, frame))
    names = tuple(dict.fromkeys(written.names))
    return Case(corefile, tuple(zones), written.files, names, frame.cluster, frame.hidden, name)


def forwarded_zone(random: Random, name: str) -> ForwardedZone:
    """Return a zone to forward, most of them plainly."""
    servers: tuple[str, ...] = random.choice((*FORWARDED, FORWARDED[0], (NODE_LOCAL_FORWARDED,)))
    if random.random() < 0.2:
        servers = tuple(
            f"[{ip}]:5353" if ":" in ip else f"{ip.partition(':')[0]}:8600" for ip in FORWARDED[1]
        )
    zone = ForwardedZone(name, servers[: random.choice((1, 2))])
    if random.random() < 0.15:
        zone = replace(zone, rewrite=((f"git.{name}", "git.service.consul"),))
    if random.random() < 0.15:
        zone = replace(zone, policy=random.choice(("random", "round_robin", "sequential")))
    return zone


def hosts_zone(random: Random, name: str) -> HostsZone:
    """Return a name for the cluster's DNS itself; neighbours may have it, or names below it."""
    host = name if random.random() < 0.3 else git_host(name)
    return HostsZone(host, random.choice((("192.168.1.7",), ("192.168.1.7", "10.7.0.7"), ("10.0.0.9",))))


def _zone_names(random: Random) -> list[str]:
    count = random.choice((1, 1, 1, 1, 2))
    return list(dict.fromkeys(random.choices(_ZONES, k=count)))


def _join(random: Random, frame: Frame) -> str:
    indent = random.choice(("    ", "  ", "\t"))
    texts = [_block(random, keys, lines, indent) for keys, lines in _with_snippet(random, frame.blocks)]
    snippets = [text for text in texts if text.lstrip("# \n").startswith("(")]
    others = [text for text in texts if text not in snippets]
    imports = [f"import {path}" for path in frame.imports]
    if random.random() < 0.3:
        random.shuffle(others)
    parts = [*imports, *snippets, *others] if frame.first else [*snippets, *others, *imports]
    return random.choice(("\n", "\n\n")).join(parts) + "\n"


def _with_snippet(random: Random, blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks; what one plugin has between its braces is moved into a snippet now and then."""
    moved = False
    for keys, lines in blocks:
        chosen = random.randrange(len(lines))
        head, _, body = lines[chosen].partition(" {|")
        if body and not moved and random.random() < 0.3:
            moved = True
            yield "(moved)", [*body.removesuffix("|}").split("|")]
            yield keys, [*lines[:chosen], f"{head} {{|import moved|}}", *lines[chosen + 1 :]]
        else:
            yield keys, lines


def _block(random: Random, keys: str, lines: Sequence[str], indent: str) -> str:
    if " " in keys and random.random() < 0.3:
        keys = keys.replace(" ", random.choice((", ", ",\n")))
    opening = "\n{" if random.random() < 0.05 else " {"
    text = f"# {random.choice(_COMMENTS)}\n" if random.random() < 0.1 else ""
    text += keys + opening
    for line in lines:
        text += "\n" + indent + line.replace("|", f"\n{indent * 2}").replace(f"{indent * 2}}}", f"{indent}}}")
        if random.random() < 0.05:
            text += f" # {random.choice(_COMMENTS)}"
    return f"{text}\n}}"


_COMMENTS = ("platform team", "} not closed", "see wiki { page", "don't touch", "import nothing")


def _layout(random: Random, text: str) -> str:
    kind = random.random()
    if kind < 0.08:
        text = text.replace("\n", "\r\n")
    elif kind < 0.12:
        text = text.rstrip("\n")
    elif kind < 0.15:
        text = text.replace(f"forward . {PUBLIC[0]}", f'forward . "{PUBLIC[0]}"')
    elif kind < 0.17:
        text = "\ufeff" + text
    return text
