"""Try one case on the product and in real CoreDNS, and say what became of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from components.dns.corefile import Corefile, CorefileError, ServerBlock, parse
from components.dns.corefile.keys import zone_keys
from components.dns.leading_in import Taken
from components.dns.zones import AnyZone, ForwardedZone, HostsZone
from tests.dns.effects.asking import Question
from tests.dns.effects.case import Case
from tests.dns.effects.judge import Fault, faults, is_settled
from tests.dns.effects.network import mark_of
from tests.dns.effects.product import own_file, try_
from tests.dns.effects.questions import is_root, questions
from tests.dns.effects.site import Seen, Site
from tools.try_corefile import Outcome

UNJUDGED = "not judged: CoreDNS does not load it before the edit either"
EDITED, UNCHANGED = "edited", "nothing to do"
STOPPED = "stopped, since names of others would change hands; all of them were told"
REFUSED, NEEDLESS = "refused", "refused or stopped needlessly"
BY_RULE = "refused or stopped, since it cannot be judged"
FAULTY = "faulty"

# What a Corefile can hold that nobody can judge from its text: to refuse it is right whatever it does.
_UNJUDGEABLE = re.compile(r"\bview\b|environment|nobody can read|cannot do both")
_PARTICULAR = re.compile(r"\(line.*|'[^']*'|\d+|\b[a-z0-9-]*(?:\.[a-z0-9-]+)+\b|zone \S+")
_DATABASES = frozenset({"etcd", "k8s_external", "auto"})


@dataclass(frozen=True)
class Verdict:
    """What became of one case."""

    word: str
    """One of the words above."""
    outcome: Outcome
    faults: Mapping[str, Sequence[Fault]] = field(default_factory=dict)
    """CoreDNS version → what is wrong, for a faulty case."""

    @property
    def kind(self) -> str:
        """The first fault's kind, or that the refusal is needless; "" if all is well."""
        if self.word == NEEDLESS:
            return NEEDLESS
        return next((found[0].kind for found in self.faults.values() if found), "")

    @property
    def cause(self) -> str:
        """The kind and what the product says, without numbers and names: alike for what is alike."""
        sources = sorted({plugin_of(taken) for taken in self.outcome.takes_away})
        reason = re.sub(
            r"\(line.*|'[^']*'|\d+|\b[a-z0-9-]*(?:\.[a-z0-9-]+)+\b|zone \S+", "", self.outcome.reason
        )
        return f"{self.kind}: {self.outcome.outcome} {reason} {' '.join(sources)}" if self.kind else ""


@dataclass(frozen=True)
class Edit:
    """The texts after an edit."""

    corefile: str
    files: Mapping[str, str]


class Oracle:
    """Judges cases in the sites of one or more CoreDNS versions."""

    def __init__(self, sites: Mapping[str, Site], product: Callable[[Case], Outcome] = try_) -> None:
        self._sites = sites
        self._product = product

    def judge(self, case: Case, *, fresh: bool = False) -> Verdict:
        """Return what became of `case`; a fault counts only if new processes show it too."""
        verdict = self._judge(case, fresh=fresh)
        if verdict.word == FAULTY and not fresh:
            return self.judge(case, fresh=True)
        return verdict

    def _judge(self, case: Case, *, fresh: bool) -> Verdict:
        asked = questions(case)
        seen = {v: site.see(case.corefile, case.files, asked, fresh=fresh) for v, site in self._sites.items()}
        before = {version: one for version, one in seen.items() if not one.refusal}
        outcome = self._product(case)
        if not before:
            return Verdict(UNJUDGED, outcome)
        if outcome.outcome == "refused":
            return Verdict(self._refused(case, outcome, before, fresh=fresh), outcome)
        edit = edited(case, outcome)
        changed = edit != Edit(case.corefile, case.files)
        after = {v: self._see(v, edit, asked, fresh=fresh) if changed else one for v, one in before.items()}
        names = [taken.name for taken in outcome.takes_away]
        found = {v: faults(case, before[v], one, names, outcome.warnings) for v, one in after.items()}
        if any(found.values()):
            return Verdict(FAULTY, outcome, found)
        if not names:
            word = EDITED if changed else UNCHANGED
        elif {plugin_of(taken) for taken in outcome.takes_away} & _DATABASES:
            word = BY_RULE
        else:
            word = STOPPED if any(faults(case, before[v], one) for v, one in after.items()) else NEEDLESS
        return Verdict(word, outcome)

    def _refused(self, case: Case, outcome: Outcome, before: Mapping[str, Seen], *, fresh: bool) -> str:
        if _UNJUDGEABLE.search(outcome.reason) or _is_the_clusters(case):
            return BY_RULE
        return NEEDLESS if self._is_harmless(case, before, fresh=fresh) else REFUSED

    def _see(self, version: str, edit: Edit, asked: Sequence[Question], *, fresh: bool) -> Seen:
        return self._sites[version].see(edit.corefile, edit.files, asked, fresh=fresh)

    def _is_harmless(self, case: Case, before: Mapping[str, Seen], *, fresh: bool) -> bool:
        """Tell whether the plainest edit, or none where all is well, takes nothing, loads and cures."""
        if _forwards_them_already(case) and all(is_settled(case, seen) for seen in before.values()):
            return True
        if not (text := plainest(case)):
            return False
        edit = Edit(text, case.files)
        after = {v: self._see(v, edit, list(one.answers), fresh=fresh) for v, one in before.items()}
        return not any(faults(case, before[v], one) for v, one in after.items())


def edited(case: Case, outcome: Outcome) -> Edit:
    """Return the texts after the edit: of the Corefile, or of a file of ours that it imports."""
    path = own_file(case)
    if not path:
        return Edit(outcome.text, case.files)
    return Edit(case.corefile, {**case.files, path: outcome.text} if outcome.text.strip() else case.files)


def plugin_of(taken: Taken) -> str:
    """Return the plugin that answered what changes hands."""
    return re.sub(r"[ ,:].*", "", taken.source)


def _forwards_them_already(case: Case) -> bool:
    """Tell whether a block for each zone names the very servers that the zone has, to ask them the same."""

    def forwards(block: ServerBlock, zone: AnyZone) -> bool:
        lines = [line for line in block.plugins if line.name == "forward"]
        wanted = sorted(map(mark_of, zone.servers)), len(zone.servers)
        return any((sorted(map(mark_of, line.args[1:])), len(line.args) - 1) == wanted for line in lines)

    blocks = [block for text in case.texts for block in _parsed(text).server_blocks]
    return not any(isinstance(zone, HostsZone) or zone.rewrite for zone in case.zones) and all(
        any(
            forwards(block, zone) and f"{zone.zone}." in {key.zone for key in block.zone_keys}
            for block in blocks
        )
        for zone in case.zones
    )


def _is_the_clusters(case: Case) -> bool:
    """Tell whether a zone is in one that the cluster serves, or takes one that has no block of its own."""
    blocks = [block for text in case.texts for block in _parsed(text).server_blocks]
    served = [*case.cluster]
    for block in blocks:
        for line in block.plugins:
            served += (line.args or block.keys) if line.name == "kubernetes" else ()
    names = {key.zone for word in served for key in zone_keys(word)} - {"."}
    keys = {key.zone for block in blocks for key in block.zone_keys}
    zones = [f"{zone.zone}." for zone in case.zones]
    return any(
        _is_in(zone, name) or (_is_in(name, zone) and name not in keys) for zone in zones for name in names
    )


def _is_in(name: str, zone: str) -> bool:
    return f".{name}".endswith(f".{zone}")


def plainest(case: Case) -> str:
    """Return the Corefile with a block for each zone that listens where those for `.` do; "" if none can.

    Written without the product, so that the product's refusals can be measured by it.
    """
    blocks = _parsed(case.corefile).server_blocks
    roots = [block for block in blocks if any(map(is_root, block.zone_keys))]
    binds = {
        port: [
            f"bind {' '.join(line.args)}" + "".join(" {\n" + " ".join(row) + "\n}" for row in line.body)
            for root in roots
            if any(key.zone == "." and key.port == port for key in root.zone_keys)
            for line in root.plugins
            if line.name == "bind"
        ]
        for port in dict.fromkeys(k.port for root in roots for k in root.zone_keys if k.zone == ".")
    }
    if not roots or any(binds[port] != next(iter(binds.values())) for port in binds):
        return ""
    text = case.corefile
    for zone in case.zones:
        keys = " ".join(f"{zone.zone}:{port}" for port in binds)
        lines = ["errors", *next(iter(binds.values())), *_plainest_lines(zone, roots[0])]
        text += f"\n{keys} {{\n" + "\n".join(lines) + "\n}\n"
    return text


def _plainest_lines(zone: AnyZone, root: ServerBlock) -> list[str]:
    if isinstance(zone, ForwardedZone):
        rules = [
            f"rewrite stop {{\nname regex ^{name.replace('.', '[.]')}[.]$ {target}.\n"
            f"answer name ^{target.replace('.', '[.]')}[.]$ {name}.\n}}"
            for name, target in zone.rewrite
        ]
        return [*rules, f"forward . {' '.join(zone.servers)}"]
    onward = [" ".join(line.args) for line in root.plugins if line.name == "forward" and line.args[0] == "."]
    entries = [f"{address} {zone.zone}" for address in zone.addresses]
    hosts = ["hosts {", *entries, *(["fallthrough"] if onward else []), "}"]
    return [*hosts, *(f"forward {args}" for args in onward)]


def _parsed(text: str) -> Corefile:
    try:
        return parse(text)
    except CorefileError:
        return Corefile(text, (), ())
