"""Whether an edit took nothing from anybody: answers before and after it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from components.dns.zones import AnyZone, ForwardedZone, HostsZone
from tests.dns.effects.asking import Answer, Question
from tests.dns.effects.case import Case
from tests.dns.effects.network import PODS, PUBLIC_ZONES, mark_of
from tests.dns.effects.questions import root_listeners, wanted_name
from tests.dns.effects.site import Seen

SILENT = "an answer changed without a word"
REFUSED = "CoreDNS no longer loads the text"
NOT_CURED = "the Git host is not answered"
ELSEWHERE = "the Git host is answered by somebody else, without a warning"


@dataclass(frozen=True)
class Fault:
    """Something that an edit must not do."""

    kind: str
    what: str
    question: Question | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


def faults(
    case: Case,
    before: Seen,
    after: Seen,
    takes_away: Collection[str] = (),
    warnings: Collection[str] = (),
) -> list[Fault]:
    """Return what is wrong with the edit that made `after` of `before`."""
    if before.refusal:
        raise ValueError("nobody can say what a text changes that did not load before")
    if after.refusal:
        return [Fault(REFUSED, after.refusal)]
    changed = (
        Fault(SILENT, f"{question}: {answer} before, {after.answers[question]} after", question)
        for question, answer in before.answers.items()
        if answer != after.answers[question]
        and not _is_allowed(case, question, answer)
        and not is_named(question.name, takes_away)
        and not _is_told(question.name, warnings)
        and not _loses_a_rule(question.name, answer, after.answers[question], warnings)
    )
    return [*changed, *uncured(case, after, warnings)]


def uncured(case: Case, seen: Seen, warnings: Collection[str] = ()) -> Iterator[Fault]:
    """Yield the places of the cluster's DNS that do not answer the Git host of a zone as its servers do."""
    places = root_listeners(case)
    for zone in case.zones:
        host = wanted_name(zone)
        # A zone that is forwarded may lie in another one that is.
        (inner,) = sorted((one for one in case.zones if _in_zone(host, one.zone)), key=_length)[-1:]
        marks = {mark_of(server) for server in inner.servers}
        if isinstance(inner, HostsZone):
            marks = {*inner.addresses}
        for question, answer in seen.answers.items():
            if question.name != host or question.rdtype != "A" or question.client != PODS:
                continue
            if (question.server, question.port) not in places or any(host in text for text in warnings):
                continue
            if not any(record.startswith("A ") for record in answer.records):
                yield Fault(NOT_CURED, f"{question}: {answer}", question)
            elif not any(record.removeprefix("A ") in marks for record in answer.records):
                yield Fault(ELSEWHERE, f"{question}: {answer}", question)


def is_settled(case: Case, seen: Seen) -> bool:
    """Tell whether the Git hosts are answered as they should be already."""
    return not any(uncured(case, seen))


def is_named(name: str, takes_away: Collection[str]) -> bool:
    """Tell whether `name` is listed: itself, or as `*.suffix`, which is the suffix and all below it."""
    bare = name.lower().rstrip(".")
    for listed in takes_away:
        plain = listed.lower().rstrip(".")
        if plain in {"*", bare} or (plain.startswith("*.") and f".{bare}".endswith(plain[1:])):
            return True
    return False


def _is_told(name: str, warnings: Collection[str]) -> bool:
    """Tell whether a warning says of an expression without `$` that names such as this one match it."""
    texts = (
        found[1] for warning in warnings for found in re.finditer("with `(\\S+)` in the middle", warning)
    )
    return any(text in name.lower() for text in texts)


def _loses_a_rule(name: str, before: Answer, after: Answer, warnings: Collection[str]) -> bool:
    """Tell whether one no has become another, and a warning says why that is for names such as `name`."""
    told = r"no longer holds for the names below (?=\S+$)|^the names below (?=\S+ get SERVFAIL)"
    found = (re.search(rf"(?:{told})(\S+)", warning) for warning in warnings)
    negative = not before.is_positive and not after.is_positive
    return negative and any(match and _in_zone(name, match[1]) for match in found)


def _is_allowed(case: Case, question: Question, before: Answer) -> bool:
    """Tell whether the question is for one of the zones, and nobody had an answer to it before.

    A name of hosts entries may also have been one of the internet's: the entry says what it is here. What
    lies below it answers as before, whatever that was.
    """
    for zone in case.zones:
        if isinstance(zone, ForwardedZone):
            if _in_zone(question.name, zone.zone) and not before.is_positive:
                return True
        elif question.name == zone.zone and (not before.is_positive or _is_public(zone.zone)):
            return True
    return False


def _is_public(name: str) -> bool:
    return any(_in_zone(name, zone) for zone in PUBLIC_ZONES)


def _in_zone(name: str, zone: str) -> bool:
    return f".{name.lower().rstrip('.')}".endswith(f".{zone.lower()}")


def _length(zone: AnyZone) -> int:
    return len(zone.zone)
