"""Whether an edit took nothing from anybody: answers before and after it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from components.dns.zones import ForwardedZone
from tests.dns.effects.asking import Answer, Question
from tests.dns.effects.case import Case
from tests.dns.effects.network import PODS, mark_of
from tests.dns.effects.questions import git_host, root_listeners
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
    )
    return [*changed, *uncured(case, after, warnings)]


def uncured(case: Case, seen: Seen, warnings: Collection[str] = ()) -> Iterator[Fault]:
    """Yield the places of the cluster's DNS that do not answer the Git host of a zone as its servers do."""
    places = root_listeners(case)
    for zone in case.zones:
        host = git_host(zone.zone)
        # A zone that is forwarded may lie in another one that is.
        (inner,) = sorted((one for one in case.zones if _in_zone(host, one.zone)), key=_length)[-1:]
        marks = {mark_of(server) for server in inner.servers}
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


def _is_allowed(case: Case, question: Question, before: Answer) -> bool:
    """Tell whether the question is for a forwarded zone, and nobody had an answer to it before."""
    return any(_in_zone(question.name, zone.zone) for zone in case.zones) and not before.is_positive


def _in_zone(name: str, zone: str) -> bool:
    return f".{name.lower().rstrip('.')}".endswith(f".{zone.lower()}")


def _length(zone: ForwardedZone) -> int:
    return len(zone.zone)
