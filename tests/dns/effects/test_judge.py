"""The judge on answers that are made up: what it lets pass, and what it must not."""

from __future__ import annotations

import pytest

from components.dns.zones import ForwardedZone
from tests.dns.effects.asking import Answer, Question
from tests.dns.effects.case import Case
from tests.dns.effects.judge import ELSEWHERE, NOT_CURED, REFUSED, SILENT, faults, is_named, is_settled
from tests.dns.effects.network import PODS, SERVICE
from tests.dns.effects.site import Seen

CASE = Case(".:53 {\n    errors\n}\n", (ForwardedZone("protobox", ("192.168.1.7",)),))
NOBODY = Answer("NXDOMAIN")
OURS = Answer("NOERROR", ("A 198.18.3.1",))
THEIRS = Answer("NOERROR", ("A 10.20.30.40",))


def seen(refusal: str = "", **answers: Answer) -> Seen:
    named = {name.replace("_", "."): answer for name, answer in answers.items()}
    return Seen(refusal, {Question(SERVICE, 53, PODS, name, "A"): answer for name, answer in named.items()})


BEFORE = seen(git_protobox=NOBODY, registry_protobox=THEIRS, www_corp=THEIRS)


def kinds(after: Seen, **more: tuple[str, ...]) -> list[str]:
    return [fault.kind for fault in faults(CASE, BEFORE, after, **more)]


def test_a_name_that_nobody_answered_may_be_answered_by_its_zone() -> None:
    assert kinds(seen(git_protobox=OURS, registry_protobox=THEIRS, www_corp=THEIRS)) == []


@pytest.mark.parametrize(
    ("names", "found"), [((), [SILENT]), (("registry.protobox",), []), (("*.protobox",), [])]
)
def test_a_name_that_somebody_answered_changes_only_if_it_is_named(
    names: tuple[str, ...], found: list[str]
) -> None:
    after = seen(git_protobox=OURS, registry_protobox=OURS, www_corp=THEIRS)
    assert kinds(after, takes_away=names) == found


@pytest.mark.parametrize("answer", [NOBODY, OURS, Answer("SERVFAIL"), Answer("NOERROR")])
def test_a_name_outside_the_zone_never_changes(answer: Answer) -> None:
    assert kinds(seen(git_protobox=OURS, registry_protobox=THEIRS, www_corp=answer)) == [SILENT]


def test_a_text_that_no_longer_loads_is_a_fault() -> None:
    assert kinds(seen("cannot serve dns://protobox.:53")) == [REFUSED]


@pytest.mark.parametrize(("answer", "found"), [(NOBODY, [NOT_CURED]), (THEIRS, [ELSEWHERE])])
def test_the_git_host_is_answered_by_the_servers_of_its_zone(answer: Answer, found: list[str]) -> None:
    after = seen(git_protobox=answer, registry_protobox=THEIRS, www_corp=THEIRS)
    assert kinds(after) == found
    assert kinds(after, warnings=("the names below git.protobox stay with somebody else",)) == []


def test_the_servers_of_the_longest_zone_answer_for_a_host() -> None:
    inner = ForwardedZone("git.protobox", ("10.10.0.53",))
    both = Case(CASE.corefile, (*CASE.zones, inner))
    assert is_settled(both, seen(git_protobox=Answer("NOERROR", ("A 198.18.3.2",))))
    assert not is_settled(both, seen(git_protobox=OURS))


def test_nothing_is_judged_by_a_text_that_did_not_load_before() -> None:
    with pytest.raises(ValueError, match="did not load before"):
        faults(CASE, seen("no"), BEFORE)


@pytest.mark.parametrize(
    ("name", "listed", "expected"),
    [
        ("registry.protobox", "registry.protobox", True),
        ("x.registry.protobox", "registry.protobox", False),
        ("a.svc.protobox", "*.svc.protobox", True),
        ("svc.protobox", "*.svc.protobox", True),
        ("notsvc.protobox", "*.svc.protobox", False),
        ("anything.at.all", "*", True),
    ],
)
def test_a_listed_name_is_itself_and_a_listed_suffix_is_all_in_it(
    name: str, listed: str, *, expected: bool
) -> None:
    assert is_named(name, [listed]) is expected
