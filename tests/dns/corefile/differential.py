"""What must be true of our parser and real CoreDNS together, for any text whatever."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from components.dns.corefile import CorefileError, parse
from components.dns.corefile.edit import MARKER
from tests.dns.corefile.real_coredns import HANGS, RealCoreDNS, is_about_structure, stays_on_loopback
from tests.dns.planning import cut_again, planned

REFUSED = "refused by us"
NOT_ASKED = "not asked, it would leave loopback"
NOT_EDITED = "accepted, not edited"
PLUGIN = "refused by CoreDNS for a plugin"
LOADED = "loaded before and after"


class ContradictionError(AssertionError):
    """Our parser and CoreDNS do not agree where they must."""


def judge(text: str, coredns: RealCoreDNS) -> str:
    """Return what became of `text`, as one of the words above.

    Raises:
        ContradictionError: we accept a structure that CoreDNS refuses, or CoreDNS no longer loads
            a text after our edit.
    """
    try:
        corefile = parse(text)
    except CorefileError:
        return REFUSED
    if not stays_on_loopback(corefile):
        return NOT_ASKED
    before = coredns.refusal(text)
    if is_about_structure(before):
        raise ContradictionError(f"we accept what CoreDNS refuses: {before}")
    try:
        plan = planned(text)
    except CorefileError:
        return NOT_EDITED
    if MARKER not in text and cut_again(plan) != text:
        raise ContradictionError("cutting does not give back the very bytes")
    after = coredns.refusal(plan.text)
    if is_about_structure(after) or (after and not before):
        raise ContradictionError(f"CoreDNS refuses what we made of it: {after}")
    return PLUGIN if before else LOADED


def compare(texts: Iterable[str], coredns: RealCoreDNS) -> Counter[str]:
    """Judge all `texts` and count what became of them.

    Raises:
        ContradictionError: as `judge`, with the shortest text that shows it.
    """
    outcomes = Counter[str]()
    for text in texts:
        try:
            outcomes[judge(text, coredns)] += 1
        except ContradictionError as error:
            short = _shrunk(text, str(error), coredns)
            raise ContradictionError(f"{error}\nshortest: {short!r}\nfirst: {text!r}") from error
    return outcomes


def _shrunk(text: str, contradiction: str, coredns: RealCoreDNS) -> str:
    """Return a shorter text with the same contradiction, for a person to look at."""
    width = 0 if HANGS in contradiction else len(text) // 2  # each try would take its whole patience
    while width:
        start = 0
        while start < len(text):
            shorter = text[:start] + text[start + width :]
            if _kind(_contradiction(shorter, coredns)) == _kind(contradiction):
                text = shorter
            else:
                start += width
        width //= 2
    return text


def _contradiction(text: str, coredns: RealCoreDNS) -> str:
    try:
        judge(text, coredns)
    except ContradictionError as error:
        return str(error)
    return ""


def _kind(contradiction: str) -> str:
    """Return the contradiction without what depends on the text: numbers, quoted words, zones."""
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"|\S+://\S+", "", contradiction)
