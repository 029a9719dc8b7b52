"""Which names of a zone a plugin of a server block answers, or would answer if it knew them.

After the READMEs and `setup.go` of coredns 1.15.0. What this program does not know it does not guess at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from components.dns.corefile import Directive, ServerBlock, zone_keys
from components.dns.corefile.keys import depends_on_environment
from components.dns.hosts.entries import DEFAULT_FILE
from components.dns.patterns import regex
from components.dns.plugins import (
    CLUSTER,
    DATABASES,
    FORWARDERS,
    PASSIVE,
    RULES,
    entries_of,
    file_of,
    name_pattern,
    question_words,
    stops,
)
from components.dns.records import zone_files
from components.dns.view import View
from components.dns.zones import NO_FILE, bare, in_zone

_NAMES_TO_LIST = 20
_LOCAL = ("localhost", "0.in-addr.arpa", "127.in-addr.arpa", "255.in-addr.arpa")


@dataclass(frozen=True)
class Claim:
    """Names that a plugin answers."""

    name: str
    """One name, or `*.corp` for `corp` and every name below it."""
    plugin: str
    start: int
    """The offset of the plugin's line in the text."""
    file: str = ""
    """The file with the entry, "" where the Corefile has it; with its line where that is known."""

    @property
    def suffix(self) -> str:
        """The zone in which all its names are."""
        return self.name.removeprefix("*.")


@dataclass
class Seen:
    """What one server block does with the names of a zone."""

    claims: list[Claim] = field(default_factory=list)
    cluster: list[Claim] = field(default_factory=list)
    """Names of the cluster itself."""
    rules: list[Directive] = field(default_factory=list)
    """Rules that hold for the names of the zone, and answer none of them."""
    loose: list[tuple[Directive, str]] = field(default_factory=list)
    """Rules whose expression has no `$`, with what it looks for: what goes on behind that matches, too."""
    forwards: list[Directive] = field(default_factory=list)
    """What sends the whole zone elsewhere."""


def seen(block: ServerBlock, zone: str, parent: str, view: View, skip: Collection[str] = ()) -> Seen:
    """Return what `block`, a server block of the view, does with the names of `zone`.

    `parent` is the block's zone that these names belong to, `.` for the root; plugins in `skip` are passed
    over.

    Raises:
        CorefileError: a plugin is not known, or its line cannot be judged.
    """
    found = Seen()
    zones = tuple(key.name for key in block.zone_keys)
    # CoreDNS asks the plugins in an order of its own, in which these are the last.
    for line in sorted(block.plugins, key=lambda line: line.name in {"erratic", "whoami"}):
        if line.name not in skip:
            _see(line, _Question(zone, parent, zones, view), found)
    return found


@dataclass(frozen=True)
class _Question:
    zone: str
    parent: str
    block_zones: tuple[str, ...]
    view: View

    def common(self, other: str) -> str:
        """Return the zone that `other` and the zone have in common, "" for none."""
        if other == "." or in_zone(self.zone, other):
            return self.zone
        return other if in_zone(other, self.zone) else ""

    def commons(self, arguments: Iterable[str], line: Directive) -> list[str]:
        """Return what the zones that a plugin names have in common with the zone; by default the block's."""
        named = [zone for word in arguments for zone in self.zones_of(word, line)]
        return [common for zone in named or self.block_zones if (common := self.common(zone))]

    def zones_of(self, word: str, line: Directive) -> list[str]:
        """Return the zones that a plugin's argument names: one, or the reverse zones of a network."""
        try:
            return [key.name for key in zone_keys(word)]
        except ValueError:
            raise self.view.error(f"{word!r} is no zone that this program can read", line.start) from None


def _see(line: Directive, question: _Question, found: Seen) -> None:
    name = line.name
    if name in PASSIVE:
        return
    if name in RULES:
        found.rules.append(line)
        return
    if unknown := next(filter(depends_on_environment, _naming_words(line)), ""):
        reason = f"only CoreDNS's own environment knows which names {unknown!r} is about"
        raise question.view.error(reason, line.start)
    if name == CLUSTER:
        found.cluster += _all_below(question.commons(line.args, line), line)
    elif name in FORWARDERS:
        _see_forward(line, question, found)
    elif name in DATABASES:
        found.claims += _all_below(question.commons(map(_first_part, line.args), line), line)
    elif name in _SPECIAL:
        found.claims += _SPECIAL[name](line, question, found)
    else:
        reason = f"this program does not know the plugin {name!r}, so nobody can tell which names it answers"
        raise question.view.error(reason, line.start)


def _all_below(zones: Iterable[str], line: Directive, file: str = "") -> list[Claim]:
    """Return the claims of a plugin's line to these zones, with all names below them."""
    return [Claim(f"*.{zone}", line.name, line.start, file) for zone in zones]


def _naming_words(line: Directive) -> Iterable[str]:
    """Return the words of a plugin's line that say which names it is about, and not who answers them."""
    if line.name in FORWARDERS:
        return line.args[:1]
    if line.name == "rewrite":
        return question_words(line)[:-1]
    body = (option for option in line.body if option[0] == "match" or line.name == "hosts")
    args = line.args[2:] if line.name == "template" else map(_first_part, line.args)
    return (*args, *(word for option in body for word in option))


def _see_forward(line: Directive, question: _Question, found: Seen) -> None:
    excepted = [bare(name) for name in line.words_of("except")]
    for source in question.zones_of(line.args[0], line) if line.args else ():
        common = question.common(source)
        if not common or any(name == "." or in_zone(common, name) for name in excepted):
            continue
        if common == question.zone:
            found.forwards.append(line)
        # What goes to the name servers of the root is asked there: nobody's own answer.
        if source != "." or "." not in question.block_zones:
            found.claims += _all_below([common], line)


def _hosts(line: Directive, question: _Question, found: Seen) -> Iterator[Claim]:
    zones = question.commons(line.args[1:], line)
    if any(zone != question.zone and stops(line, zone) for zone in zones):
        found.rules.append(line)  # what is below it and has no entry is forwarded from now on
    reverse_in = "" if ("no_reverse",) in line.body else question.zone
    for words, place in entries_of(line, question.view):
        for name in _entries(words, zones, reverse_in=reverse_in):
            yield Claim(name, "hosts", line.start, place)
    path = file_of(line)
    if path not in {*question.view.files, DEFAULT_FILE, NO_FILE} or path in question.view.hidden:
        yield from _all_below(zones, line, f"{path}, not readable from here")


def _entries(words: Sequence[str], zones: list[str], *, reverse_in: str) -> Iterator[str]:
    """Yield the names of a hosts entry in `zones`, and its reverse name in `reverse_in`, "" for none.

    CoreDNS answers reverse names whatever zones the plugin is given.
    """
    address, *names = words
    yield from (name for name in map(bare, names) if any(in_zone(name, zone) for zone in zones))
    pointer = ip_address(address).reverse_pointer
    if reverse_in and in_zone(pointer, reverse_in):
        yield pointer


def _template(line: Directive, question: _Question, found: Seen) -> Iterator[Claim]:
    zones = question.commons(line.args[2:], line)
    matches = [regex(word) for word in line.words_of("match")]
    for zone in zones:
        suffixes = {suffix for match in matches for suffix in match.within(zone)} if matches else {zone}
        loose = [match for match in matches if not match.anchored and not match.within(zone)]
        found.loose += [(line, match.text.strip(".")) for match in loose]
        if not suffixes:
            continue
        if any(option[0] in {"answer", "additional"} for option in line.body):
            yield from _all_below(sorted(suffixes), line)
        else:
            found.rules.append(line)


def _rewrite(line: Directive, question: _Question, found: Seen) -> Iterator[Claim]:
    words = question_words(line)
    if not words:
        found.rules.append(line)
        return
    pattern = name_pattern(words)
    if pattern is None:
        raise question.view.error("this rewrite is one that this program cannot read", line.start)
    if pattern.kind == "exact":
        if in_zone(pattern.text, question.zone):
            yield Claim(pattern.text, "rewrite", line.start)
        return
    suffixes = pattern.within(question.zone)
    if not suffixes and not pattern.anchored:
        found.loose.append((line, pattern.text.strip(".")))
    yield from _all_below(suffixes, line)


def _local(line: Directive, question: _Question, _found: Seen) -> Iterator[Claim]:
    yield Claim(f"localhost.{question.zone}", "local", line.start)
    yield from _all_below(filter(None, map(question.common, _LOCAL)), line)


def _zone_files(line: Directive, question: _Question, found: Seen) -> Iterator[Claim]:
    for file in zone_files(line, question.block_zones, question.view.files):
        common = question.common(file.origin)
        if common and not any(option[0] == "fallthrough" for option in line.body):
            found.rules.append(line)  # of what it does not have it says so, and nobody else is asked
        names = file.names_in(common) if common else []
        if names is None or len(names) > _NAMES_TO_LIST:
            yield from _all_below([common], line)
        else:
            yield from (Claim(name, line.name, line.start, file.path) for name in names)


def _last_resort(line: Directive, question: _Question, found: Seen) -> Iterator[Claim]:
    """Yield what a plugin behind all others answers; where all is forwarded, nothing reaches it."""
    zones = question.commons(line.args, line)
    if question.zone not in zones or not found.forwards:
        yield from _all_below(zones, line)


def _view(line: Directive, question: _Question, _found: Seen) -> Iterator[Claim]:
    reason = "this block has a view: it answers some clients only, and a block of ours would answer all"
    raise question.view.error(reason, line.start)


def _import(line: Directive, question: _Question, _found: Seen) -> Iterator[Claim]:
    raise question.view.error(f"nobody can tell what {line.args[0]!r} imports", line.start)


_SPECIAL: Mapping[str, Callable[[Directive, _Question, Seen], Iterator[Claim]]] = {
    "hosts": _hosts,
    "template": _template,
    "rewrite": _rewrite,
    "local": _local,
    "file": _zone_files,
    "auto": _zone_files,
    "whoami": _last_resort,
    "erratic": _last_resort,
    "unbound": _last_resort,
    "view": _view,
    "import": _import,
}


def _first_part(word: str) -> str:
    """Return the zone of `zone:hosted-zone`, as plugins of clouds write it."""
    return word.partition(":")[0]
