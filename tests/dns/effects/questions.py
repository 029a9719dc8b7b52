"""Which names are asked of which servers, found in the texts themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from components.dns.corefile import Corefile, CorefileError, ServerBlock, parse
from components.dns.corefile.keys import ZoneKey
from components.dns.corefile.lexer import words as words_of
from components.dns.corefile.structure import Directive
from components.dns.zones import AnyZone, ForwardedZone, HostsZone
from tests.dns.effects.asking import Question
from tests.dns.effects.case import Case, is_corefile
from tests.dns.effects.inside import ENVIRONMENT
from tests.dns.effects.kubernetes_api import POD, SERVICES
from tests.dns.effects.network import (
    ELSEWHERE,
    INTERFACE,
    INTERFACE_ADDRESSES,
    LISTENING,
    PODS,
    SERVICE,
)

Asked = tuple[str, str]
"""A name and a record type."""
Listener = tuple[str, int]
"""An address and a port on which a Corefile listens."""

MOST = 110
_DOMAIN = re.compile(r"(?:[a-z0-9_*-]{1,63}\.)*[a-z0-9_-]{1,63}", re.IGNORECASE)
_ON_LO = ("127.0.0.1", *LISTENING)
_ASKED_ON_LO = ("127.0.0.1", SERVICE)
_FOR_CLIENTS = frozenset({"acl", "view"})
_WITH_ZONES = frozenset(
    ("acl", "auto", "cache", "erratic", "etcd", "file", "forward", "hosts", "k8s_external", "template")
)
_ALWAYS = (("example.com", "A"), ("www.example.org", "A"), ("github.com", "AAAA"), ("nowhere.invalid", "A"))


def questions(case: Case) -> list[Question]:
    """Return what is asked before and after the edit of `case`."""
    blocks = list(_blocks(case))
    directives = [line for block in blocks for line in block.plugins]
    clients = [PODS, ELSEWHERE] if any(line.name in _FOR_CLIENTS for line in directives) else [PODS]
    listeners = sorted({place for block in blocks for place in listeners_of(block)}) or [(SERVICE, 53)]
    names = asked(case, directives)
    return [
        Question(server, port, client, name, kind)
        for server, port in listeners
        for client in clients
        for name, kind in names
    ]


def root_listeners(case: Case) -> set[Listener]:
    """Return where the blocks for `.` listen: what the pods of the cluster ask."""
    roots = (
        b for b in _blocks(case) if any(key.zone == "." and key.transport == "dns" for key in b.zone_keys)
    )
    return {place for block in roots for place in listeners_of(block, only_root=True)} or {(SERVICE, 53)}


def is_root(key: ZoneKey) -> bool:
    """Tell whether `key` is the one that answers for all that no other does."""
    return key.zone == "." and key.transport == "dns"


def git_host(zone: str) -> str:
    """Return the name that has to be answered: `git.<zone>`, or the zone itself, if that is a host."""
    return zone if zone.startswith(("git.", "gitlab.")) else f"git.{zone}"


def wanted_name(zone: AnyZone) -> str:
    """Return the name that has to be answered for a zone: of hosts entries, the very name that they have."""
    return zone.zone if isinstance(zone, HostsZone) else git_host(zone.zone)


def listeners_of(block: ServerBlock, *, only_root: bool = False) -> Iterator[Listener]:
    """Yield the addresses and ports on which `block` can be asked here."""
    ports = {k.port for k in block.zone_keys if k.transport == "dns" and (k.zone == "." or not only_root)}
    lines = [line for line in block.plugins if line.name == "bind"]
    bound: list[str] = []
    for line in lines:
        excluded = {
            address
            for row in line.body
            if row[0] == "except"
            for word in row[1:]
            for address in _addresses(word)
        }
        for word in line.args:
            wanted = _addresses(word)
            seen = [a for a in wanted if a in _ASKED_ON_LO] if word == "lo" else wanted
            bound += [address for address in seen if address not in excluded]
    for address in bound if lines else [SERVICE]:
        yield from ((address, port) for port in ports)


def asked(case: Case, directives: Iterable[Directive]) -> list[Asked]:
    """Return names and types, the important ones first, at most `MOST`."""
    directives = list(directives)
    found: dict[Asked, None] = {}
    for zone in case.zones:
        for name in (wanted_name(zone), f"nothing.{zone.zone}", zone.zone, f"a.b.{zone.zone}"):
            found[name, "A"] = None
        found[wanted_name(zone), "AAAA"] = None
        if isinstance(zone, ForwardedZone):
            found |= dict.fromkeys((name, "A") for pair in zone.rewrite for name in pair)
        else:
            found |= {(ip_address(one).reverse_pointer, "PTR"): None for one in zone.addresses}
    for domain in dict.fromkeys((*_domains(case.cluster), *cluster_domains(directives))):
        found |= dict.fromkeys(_of_the_cluster(domain))
        # What a pod asks on its way through its search list.
        found |= {(f"{wanted_name(zone)}.dev.svc.{domain}", "A"): None for zone in case.zones}
    found |= dict.fromkeys(_pointers(case))
    found |= dict.fromkeys(_ALWAYS)
    found |= dict.fromkeys((name, kind) for name in case.names for kind in dict.fromkeys(("A", _type(name))))
    found |= dict.fromkeys(_in_texts(case, directives))
    return [(name, kind) for name, kind in found if _is_askable(name)][:MOST]


def cluster_domains(directives: Iterable[Directive]) -> list[str]:
    """Return the zones that `kubernetes` serves, reverse zones aside, and the usual one."""
    zones = [word for line in directives if line.name == "kubernetes" for word in line.args]
    return list(dict.fromkeys([*_domains(zones), "cluster.local"]))


def _domains(zones: Iterable[str]) -> list[str]:
    return [zone.lower().rstrip(".") for zone in zones if "/" not in zone and not zone.endswith("arpa")]


def _blocks(case: Case) -> Iterator[ServerBlock]:
    for path, text in {"": case.corefile, **case.files}.items():
        if not path or is_corefile(path):
            yield from _parsed(text).server_blocks


def _parsed(text: str) -> Corefile:
    try:
        return parse(text)
    except CorefileError:
        return Corefile(text, (), ())


def _addresses(word: str) -> list[str]:
    for name, value in ENVIRONMENT.items():
        word = word.replace(f"{{${name}}}", value).replace(f"{{%{name}%}}", value)
    return {"lo": list(_ON_LO), INTERFACE: list(INTERFACE_ADDRESSES)}.get(word, [word])


def _of_the_cluster(domain: str) -> Iterator[Asked]:
    for namespace, name in SERVICES:
        if namespace != "kube-system":
            yield f"{name}.{namespace}.svc.{domain}", "A"
    yield f"{POD.replace('.', '-')}.dev.pod.{domain}", "A"
    yield f"web-0.web.dev.svc.{domain}", "A"
    yield f"_https._tcp.kubernetes.default.svc.{domain}", "SRV"
    yield f"nothing.dev.svc.{domain}", "A"
    yield domain, "A"
    yield f"git.{domain}", "A"
    yield f"example.com.{domain}", "A"


def _pointers(case: Case) -> Iterator[Asked]:
    for address in ("10.96.0.1", SERVICE, POD, "192.168.1.7"):
        yield ip_address(address).reverse_pointer, "PTR"
    for text in case.texts:
        for word in re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?![/.\d])|\bfd00::\w+", text):
            try:
                yield ip_address(word).reverse_pointer, "PTR"
            except ValueError:
                continue


def _in_texts(case: Case, directives: Iterable[Directive]) -> Iterator[Asked]:
    """Yield every name that stands in a text, then names below and above each of them."""
    # A word of one label is a name only as a zone: the others are plugins and their options.
    keys = {key.rstrip(".") for key in _keys(case)}
    keys |= {word.lower() for line in directives if line.name in _WITH_ZONES for word in line.args}
    keys -= {"in", "a", "aaaa", "any", "cname"}
    words = dict.fromkeys(word for text in (*case.texts, *case.names) for word in _words(text))
    written = [word for word in words if "." in word or word in keys]
    written.sort(key=lambda name: -name.count("."))
    for name in written:
        yield name, _type(name)
    for name in written:
        yield f"git.{name}", "A"
        yield f"x.{name}", _type(f"x.{name}")
    for name in written:
        if "." in name:
            yield name.partition(".")[2], "A"
    for name in written:
        if "." in name and not name.endswith("arpa"):
            yield name, "AAAA"
            yield name, "CNAME"


def _keys(case: Case) -> set[str]:
    return {key.zone for block in _blocks(case) for key in block.zone_keys}


def _words(text: str) -> Iterator[str]:
    try:
        words: Sequence[str] = words_of(text)
    except CorefileError:
        words = text.split()
    for word in words:
        bare = re.sub(r":\d+$", "", word.rstrip(",").lower()).rstrip(".").removeprefix("*.")
        if _DOMAIN.fullmatch(bare) and not re.fullmatch(r"[\d.]+|\d.*[smh]", bare):
            yield bare


def _type(name: str) -> str:
    return "PTR" if name.endswith(("in-addr.arpa", "ip6.arpa")) else "A"


def _is_askable(name: str) -> bool:
    return bool(name) and len(name) < 250 and all(0 < len(label) < 64 for label in name.split("."))
