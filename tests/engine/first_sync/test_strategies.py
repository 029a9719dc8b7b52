"""A real Argo CD asks for the page's repository by name: with each strategy, and across each switch."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import site as the_site
from lab.first_sync.namespace import ASK_PASS_SOCKET
from lab.first_sync.site import FirstSync
from lab.first_sync.story import NO_SUCH_HOST
from lab.processes import wait_until
from tests.engine.first_sync.conftest import At

pytestmark = pytest.mark.engine

URL = "http://git.protobox/gitlab/protobox1/docserver.git"
ADDRESS = (the_site.SUPERVISOR,)
ENTRY = [(the_site.SUPERVISOR, ["git.protobox"])]
BINDS = {"coredns": "", "nodelocaldns": f"    bind {the_site.NODE_LOCAL_DNS}\n"}
# Each switch once, each beginning where the last one ended.
SWITCHES = [
    ("dnsmasq", "consul"),
    ("consul", "dnsmasq"),
    ("dnsmasq", "hostAliases"),
    ("hostAliases", "consul"),
    ("consul", "hostAliases"),
    ("hostAliases", "dnsmasq"),
    ("dnsmasq", "hosts"),
    ("hosts", "hostAliases"),
    ("hostAliases", "hosts"),
    ("hosts", "consul"),
    ("consul", "hosts"),
    ("hosts", "dnsmasq"),
]


def assert_only(strategy: str, site: FirstSync) -> None:
    """The name reaches Argo CD by `strategy`, and by no other way."""
    if strategy == "hostAliases":
        assert site.hosts_entries() == ENTRY
        assert site.corefiles_are_the_originals()
        site.wait_for_answers(())
    else:
        assert site.hosts_entries() == []
        site.wait_for_answers(ADDRESS)


def test_without_a_cure_argo_cd_reports_the_error_of_the_page_word_for_word(at: At) -> None:
    site = at.move("none")
    site.refresh()
    assert NO_SUCH_HOST in site.wait_for_error(NO_SUCH_HOST).error


def test_the_literal_block_of_the_page_does_not_cure_it(at: At) -> None:
    site = at.move("none")
    originals = site.corefiles()
    for layer, bind in BINDS.items():
        literal = f"dnsmasq {{\n    errors\n    cache 30\n{bind}    forward . {the_site.SUPERVISOR}\n}}\n"
        # Another block, whose answer shows that the Corefile with the page's block in it is the one in use.
        witness = f"witness:53 {{\n{bind}    hosts {{\n        10.1.2.3 loaded.witness\n    }}\n}}\n"
        site.write_corefile(layer, originals[layer] + literal + witness)
    try:
        site.wait_for_answers(("10.1.2.3",), "loaded.witness")
        site.wait_for_answers(())
        site.refresh()
        site.wait_for_error(NO_SUCH_HOST)
    finally:
        for layer, text in originals.items():
            site.write_corefile(layer, text)


def test_the_application_is_synced_by_name(at: At) -> None:
    at.move("none")
    site = at.move("dnsmasq")
    assert_only("dnsmasq", site)
    assert site.verify().startswith("0\ngit.protobox: 192.168.1.7")
    site.refresh()
    status = site.sync()
    assert (status.sync, status.health, status.error) == ("Synced", "Healthy", "")
    assert site.workload() == ["Deployment", "Service", "ConfigMap"]


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_after_a_switch_a_push_is_followed_by_the_new_way_alone(at: At, before: str, after: str) -> None:
    at.move(before)
    site = at.move(after)
    assert_only(after, site)
    assert "git.protobox: 192.168.1.7 in argocd-repo-server" in at.printed
    assert f"{URL}: Git can read it" in at.printed
    greeting = f"from {before} to {after}"
    revision = site.push(greeting)
    assert site.wait_for_revision(revision).error == ""
    site.sync(revision)
    assert site.greeting() == greeting


def test_git_asks_for_passwords_in_the_folder_of_its_own_site(at: At) -> None:
    site = at.move("dnsmasq")
    assert wait_until(Path(site.server_socket()).with_name(ASK_PASS_SOCKET).is_socket, 120)


def test_destroy_leaves_the_workload_and_the_corefiles_as_they_were(at: At) -> None:
    at.move("dnsmasq").destroy()
    at.strategy = ""
    assert at.site.corefiles_are_the_originals()
    at.site.wait_for_answers(())
    assert at.site.workload() == ["Deployment", "Service", "ConfigMap"]
