"""An edit takes nothing from anybody: random Corefiles before and after it in real CoreDNS.

`make effects` does the same for longer and with another seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from components.dns.zones import ForwardedZone, HostsZone
from lab.errors import LabError
from lab.programs.catalogue import FULL_COREDNS, OLD_COREDNS
from tests.dns.corefile.fuzz import versions
from tests.dns.effects.case import Case
from tests.dns.effects.fuzz import described, main
from tests.dns.effects.judge import ELSEWHERE, NOT_CURED, REFUSED, SILENT
from tests.dns.effects.oracle import EDITED, FAULTY, NEEDLESS, UNJUDGED, Oracle, plainest
from tests.dns.effects.random_cases import endless
from tests.dns.effects.site import Site
from tools.try_corefile import Outcome

pytestmark = pytest.mark.engine

COUNT = 60
PLAIN = """\
.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
    }
    hosts {
        10.0.0.9 registry.protobox
        fallthrough
    }
    forward . /etc/resolv.conf
    cache 30
    reload
}
"""


@pytest.fixture(params=[FULL_COREDNS, OLD_COREDNS], ids=["new", "old"], scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[dict[str, Site]]:
    version: str = request.param.version
    program = versions().get(version)
    if program is None:
        pytest.skip(f"CoreDNS {version} is not built; `make lab-full` builds it")
    try:
        running = Site(program)
    except LabError as error:
        pytest.skip(str(error))
    with running:
        yield {version: running}


def case(zone: str, corefile: str = PLAIN) -> Case:
    return Case(corefile, (ForwardedZone(zone, ("192.168.1.7",)),))


def always(outcome: str, text: str = "") -> Outcome:
    return Outcome(outcome, "", text)


@pytest.mark.timeout(600)
def test_no_edit_of_a_random_corefile_takes_an_answer_away(site: dict[str, Site]) -> None:
    oracle = Oracle(site)
    judged = [(one, oracle.judge(one)) for one in islice(endless(1), COUNT)]
    wrong = [described(one, verdict) for one, verdict in judged if verdict.word == FAULTY]
    assert wrong == []
    assert sum(verdict.word == EDITED for _, verdict in judged) > COUNT * 0.2
    assert sum(verdict.word == UNJUDGED for _, verdict in judged) < COUNT * 0.3
    assert sum(verdict.word == NEEDLESS for _, verdict in judged) < COUNT * 0.1


@pytest.mark.parametrize("name", ["git.protobox", "lab", "gitlab", "git.example.com"])
def test_a_name_from_hosts_entries_answers_itself_and_changes_no_other_answer(
    site: dict[str, Site], name: str
) -> None:
    verdict = Oracle(site).judge(Case(PLAIN, (HostsZone(name, ("192.168.1.7",)),)))
    assert (verdict.word, verdict.outcome.takes_away) == (EDITED, ())


def test_without_what_answers_names_below_it_a_name_from_hosts_entries_changes_them(
    site: dict[str, Site],
) -> None:
    block = "\ngit.example.com:53 {\n    errors\n    hosts {\n        192.168.1.7 git.example.com\n    }\n}\n"
    oracle = Oracle(site, lambda one: always("edited", one.corefile + block))
    verdict = oracle.judge(Case(PLAIN, (HostsZone("git.example.com", ("192.168.1.7",)),)))
    changed = {f.question.name for found in verdict.faults.values() for f in found if f.question}
    assert "a.b.git.example.com" in changed


def test_services_that_a_zone_takes_away_are_missed(site: dict[str, Site]) -> None:
    verdict = Oracle(site, lambda one: always("edited", plainest(one))).judge(case("local"))
    assert verdict.kind == SILENT
    lost = {fault.question.name for found in verdict.faults.values() for fault in found if fault.question}
    assert "argocd-repo-server.argocd.svc.cluster.local" in lost


def test_an_entry_of_somebody_that_a_zone_takes_away_is_missed(site: dict[str, Site]) -> None:
    verdict = Oracle(site, lambda one: always("edited", plainest(one))).judge(case("protobox"))
    assert [
        fault.question.name for found in verdict.faults.values() for fault in found if fault.question
    ] == ["registry.protobox"]


@pytest.mark.parametrize(
    ("added", "kind"),
    [
        ("\nprotobox:53 {\n    errors\n    unknown\n}\n", REFUSED),
        ("\nprotobox:5353 {\n    forward . 192.168.1.7\n}\n", NOT_CURED),
        ("\ngit.protobox:53 {\n    forward . 10.0.0.10\n}\n", ELSEWHERE),
    ],
)
def test_an_edit_that_does_not_start_or_does_not_cure_is_seen(
    site: dict[str, Site], added: str, kind: str
) -> None:
    assert (
        Oracle(site, lambda one: always("edited", one.corefile + added)).judge(case("protobox")).kind == kind
    )


def test_a_refusal_is_needless_where_the_plainest_edit_harms_nobody(site: dict[str, Site]) -> None:
    oracle = Oracle(site, lambda _: always("refused"))
    assert oracle.judge(case("lab.corp")).word == NEEDLESS
    assert oracle.judge(case("protobox")).word != NEEDLESS
    assert oracle.judge(case("local")).word != NEEDLESS


@pytest.mark.timeout(600)
def test_the_longer_run_tells_what_became_of_how_many_corefiles(capsys: pytest.CaptureFixture[str]) -> None:
    if not versions():
        pytest.skip("no CoreDNS is built; `make lab-full` builds both versions")
    assert main(["300", "7", "--count", "4", "--workers", "1"]) == 0
    told = capsys.readouterr().out
    assert "with the seed 7" in told
    assert "4 Corefiles in " in told


def test_the_longer_run_needs_a_coredns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["1"]) == 2
    assert "`make lab-full` builds both versions" in capsys.readouterr().out
