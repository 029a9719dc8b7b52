"""The lines of the plugin `hosts`: their entries, and what they let through to the plugins behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from components.dns.corefile import Directive, ServerBlock
from components.dns.corefile.imports import located
from components.dns.hosts.entries import DEFAULT_FILE, hosts_lines
from components.dns.view import View
from components.dns.zones import bare, in_zone
from components.stackfile.addresses import is_ip


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
        for line in block.plugins
        if line.name == "hosts"
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
