"""Read and edit CoreDNS's Corefile as text: what is not ours stays as it is, byte for byte."""

from components.dns.corefile.edit import cut, cut_markers, is_marked, render, splice
from components.dns.corefile.errors import CorefileError
from components.dns.corefile.keys import ZoneKey, zone_keys
from components.dns.corefile.parser import Corefile, Directive, ServerBlock, parse

__all__ = [
    "Corefile",
    "CorefileError",
    "Directive",
    "ServerBlock",
    "ZoneKey",
    "cut",
    "cut_markers",
    "is_marked",
    "parse",
    "render",
    "splice",
    "zone_keys",
]
