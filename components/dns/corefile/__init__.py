"""Read and edit CoreDNS's Corefile as text: what is not ours stays as it is, byte for byte."""

from components.dns.corefile.edit import cut as cut
from components.dns.corefile.edit import cut_markers as cut_markers
from components.dns.corefile.edit import is_marked as is_marked
from components.dns.corefile.edit import render as render
from components.dns.corefile.edit import splice as splice
from components.dns.corefile.keys import ZoneKey as ZoneKey
from components.dns.corefile.keys import zone_keys as zone_keys
from components.dns.corefile.lexer import CorefileError as CorefileError
from components.dns.corefile.parser import parse as parse
from components.dns.corefile.structure import Corefile as Corefile
from components.dns.corefile.structure import Directive as Directive
from components.dns.corefile.structure import ServerBlock as ServerBlock
