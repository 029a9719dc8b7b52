"""CoreDNS's plugins: which answer questions, and what the lines of `hosts` and `rewrite` say.

After the READMEs of coredns 1.15.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from components.dns.corefile import Directive, ServerBlock
from components.dns.corefile.imports import located
from components.dns.hosts.entries import DEFAULT_FILE, hosts_lines
from components.dns.patterns import Pattern, regex
from components.dns.view import View
from components.dns.zones import bare, in_zone
from components.stackfile.addresses import is_ip

# fmt: off
PASSIVE = frozenset([
    "any", "autopath", "bind", "bufsize", "cache", "cancel", "chaos", "debug", "dnstap",
    "errors", "geoip", "grpc_server", "header", "health", "https", "https3", "log", "loop",
    "loadbalance", "metadata", "minimal", "multisocket", "nsid", "on", "pprof", "prometheus", "proxyproto",
    "quic", "ready", "reload", "root", "shed", "timeouts", "tls", "trace", "transfer", "tsig",
])
"""Plugins that answer no question about a name by themselves. (`any` answers type ANY, `chaos` class CH.)"""
RULES = frozenset(["acl", "alternate", "dns64", "dnssec", "firewall", "ratelimit", "rrl", "sign", "siit"])
"""Plugins whose rules hold for the block that they stand in."""
DATABASES = frozenset([
    "azure", "clouddns", "dynupdate", "etcd", "k8s_external", "k8s_gateway", "kubenodes", "lighthouse",
    "multicluster", "nomad", "records", "route53", "secondary",
])
"""Plugins that answer for the zones among their arguments, or for those of their server block."""
FORWARDERS = frozenset(["forward", "proxy", "grpc", "fanout"])
"""Plugins that send what is below their first argument to a server."""
CLUSTER = "kubernetes"
# fmt: on


def file_of(line: Directive) -> str:
    """Return the whole path of the hosts file that a line reads."""
    return located(line.args[0]) if line.args else DEFAULT_FILE


def entries_of(line: Directive, view: View) -> Iterator[tuple[Sequence[str], str]]:
    """Yield address and names of each entry of a `hosts` line, and the place in the file that has it."""
    path = file_of(line)
    inline = "\n".join(map(" ".join, line.body))  # read again as lines: a word in quotes may be a whole one
    for text, place in ((inline, ""), (view.files.get(path, ""), f"{path}, line ")):
        for entry in hosts_lines(text):
            address = entry.address.partition("%")[0]  # CoreDNS, too, forgets the interface behind it
            if is_ip(address):
                yield (address, *entry.names), place and f"{place}{entry.number}"


def addresses_of(block: ServerBlock, name: str, view: View) -> set[str]:
    """Return the addresses that the `hosts` lines of `block` have for `name`, as far as they can be read."""
    return {
        str(ip_address(words[0]))
        for line in block.named("hosts")
        for words, _ in entries_of(line, view)
        if name in map(bare, words[1:])
    }


def stopped_by_hosts(block: ServerBlock, zone: str) -> bool:
    """Tell whether a `hosts` line of `block` lets no question for `zone` through to what forwards it."""
    return any(stops(line, zone) for line in block.named("hosts"))


def stops(line: Directive, zone: str) -> bool:
    """Tell whether a `hosts` line lets no question for `zone` through."""
    if not any(in_zone(zone, bare(word)) for word in line.args[1:] or (zone,)):
        return False
    through = [option[1:] or (zone,) for option in line.body if option[0] == "fallthrough"]
    return not any(bare(word) == "." or in_zone(zone, bare(word)) for words in through for word in words)


def rule_words(line: Directive) -> list[str]:
    """Return the words of a line, of its own braces too, without what becomes of the rules behind it."""
    words = [*line.args, *(word for option in line.body for word in option)]
    return words[1:] if words and words[0].lower() in {"stop", "continue"} else words


def question_words(line: Directive) -> list[str]:
    """Return the words of a `rewrite name`, without what it says of the answer; none for other rewrites."""
    words = rule_words(line)
    if not words or words[0].lower() != "name":
        return []
    behind = words[1:]
    # In lines of its own, an answer begins with its kind again: `answer name …`.
    return behind[: behind.index("answer")] if "answer" in behind else behind


def name_pattern(words: list[str]) -> Pattern | None:
    """Return which names a `rewrite name` with these words is about; None if it cannot be read."""
    if len(words) == 2:  # noqa: PLR2004 - FROM and TO
        return Pattern("exact", bare(words[0]))
    if len(words) < 3:  # noqa: PLR2004 - with the kind of match before them
        return None
    kind, text = words[0].lower(), words[1]
    if kind == "regex":
        return regex(text)
    if kind == "exact":
        return Pattern(kind, bare(text))
    return Pattern(kind, text.lower()) if kind in {"prefix", "suffix", "substring"} else None
