"""Our parser beside real CoreDNS, the site's old version and the newest: nobody's cluster DNS may break.

What `parse` accepts and CoreDNS loads, CoreDNS still loads after our edit; and what CoreDNS refuses for
its structure, `parse` refuses too. `make fuzz` does the same for longer and with another seed.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from components.dns.corefile import CorefileError, parse
from lab.programs.catalogue import FULL_COREDNS, OLD_COREDNS
from tests.dns.corefile.corpus import expectations, harmless, read
from tests.dns.corefile.differential import LOADED, NOT_EDITED, PLUGIN, REFUSED, compare, judge
from tests.dns.corefile.fuzz import corpus, main, versions
from tests.dns.corefile.random_corefiles import corefile, endless, seeded
from tests.dns.corefile.real_coredns import RealCoreDNS
from tests.dns.planning import planned, taken

pytestmark = pytest.mark.engine

COUNT = 2500
EXPECTED = expectations()
NEEDS_NEWER = {"kubeadm-1.31", "views-by-client"}
"""Corefiles with options that the old version does not know."""
OUTCOMES = {"spliced": {LOADED}, "ours": {LOADED}, "left": {LOADED}, "refused": {REFUSED, NOT_EDITED}}


@pytest.fixture(params=[FULL_COREDNS, OLD_COREDNS], ids=["new", "old"])
def coredns(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealCoreDNS]:
    version: str = request.param.version
    program = versions().get(version)
    if program is None:
        pytest.skip(f"CoreDNS {version} is not built; `make lab-full` builds it")
    with RealCoreDNS(program, tmp_path) as running:
        yield running


@pytest.fixture
def old(coredns: RealCoreDNS, request: pytest.FixtureRequest) -> bool:
    return "old" in request.node.callspec.id


def test_thousands_of_odd_and_broken_texts_show_no_contradiction(coredns: RealCoreDNS) -> None:
    outcomes = compare(islice(endless(1, corpus()), COUNT), coredns)
    assert outcomes.total() == COUNT
    assert min(outcomes[LOADED], outcomes[REFUSED]) > COUNT * 0.2


def test_the_corefiles_of_distributions_load_after_the_edit(coredns: RealCoreDNS, old: bool) -> None:
    outcomes = {name: judge(harmless(read(name)), coredns) for name in EXPECTED}
    newer = {name: {PLUGIN} for name in NEEDS_NEWER if old}
    wrong = {
        name: it
        for name, it in outcomes.items()
        if it not in newer.get(name, OUTCOMES[EXPECTED[name].result])
    }
    assert wrong == {}


@pytest.mark.parametrize("name", ["kubespray-2.21", "kubespray-nodelocaldns", "windows-bom", "snippets"])
def test_a_new_pod_starts_with_what_we_made_of_its_corefile(coredns: RealCoreDNS, name: str) -> None:
    text = harmless(read(name))
    assert coredns.refusal_at_start(text) == ""
    assert coredns.refusal_at_start(planned(text).text) == ""


def test_what_coredns_loads_is_refused_only_for_zones_that_another_version_refuses(
    coredns: RealCoreDNS,
) -> None:
    random = seeded(2)
    refused = {}
    for text in (corefile(random) for _ in range(COUNT // 4)):
        try:
            parse(text)
        except CorefileError as error:
            refused[text] = error.reason
    stricter = {reason for text, reason in refused.items() if not coredns.refusal(text)}
    assert refused
    assert [reason for reason in stricter if not reason.startswith("two server blocks answer for ")] == []


def test_a_broken_text_is_refused_by_a_coredns_that_goes_on_serving(coredns: RealCoreDNS) -> None:
    good = ". {\n    bind 127.77.0.1\n}\n"
    assert coredns.refusal(good) == ""
    assert "no matching opening brace" in coredns.refusal(good + "a { errors }\n")
    assert "no matching opening brace" in coredns.refusal_at_start(good + "a { errors }\n")
    assert coredns.refusal(good) == ""


@pytest.mark.skipif(not versions(), reason="no CoreDNS is built; `make lab-full` builds both versions")
@pytest.mark.parametrize("version", [FULL_COREDNS.version, OLD_COREDNS.version])
def test_every_plugin_that_coredns_has_is_known(version: str) -> None:
    if version not in versions():
        pytest.skip(f"CoreDNS {version} is not built; `make lab-full` builds it")
    listed = subprocess.run([versions()[version], "-plugins"], check=True, capture_output=True, text=True)
    plugins = {word.removeprefix("dns.") for word in listed.stdout.rpartition("Other plugins:")[2].split()}
    unknown = [name for name in plugins if is_unknown(name)]
    assert plugins > {"hosts", "kubernetes"}
    assert unknown == []


def is_unknown(name: str) -> bool:
    try:
        taken(f".:53 {{\n    {name} example.org\n}}\n")
    except CorefileError as error:
        return "does not know" in str(error)
    return False


def test_the_longer_comparison_tells_what_became_of_how_many_texts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["0.5", "7"]) == 0
    told = capsys.readouterr().out
    assert "with the seed 7" in told
    assert all(f"CoreDNS {version}: " in told and LOADED in told for version in versions())


def test_the_longer_comparison_needs_a_coredns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["1"]) == 2
    assert "`make lab-full` builds both versions" in capsys.readouterr().out
