"""Each `up` ends with a proof from the pod that dials Git; where it fails, it names the layer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import site as the_site
from lab.errors import LabError
from lab.first_sync.argocd import APPLICATION
from lab.first_sync.site import FirstSync
from tests.engine.first_sync.conftest import At

pytestmark = [pytest.mark.engine, pytest.mark.timeout(240)]

URL = "http://git.protobox/gitlab/protobox1/docserver.git"
SOON = {"verifySeconds": 4}
INTERNET = the_site.INTERNET.address


@pytest.fixture
def destroyed(at: At) -> Iterator[FirstSync]:
    """The site without our stack; whatever the test does to it, the next one begins with `none`."""
    at.site.choose("none")
    at.site.destroy()
    at.strategy = ""
    yield at.site
    at.strategy = ""


def failure_of(site: FirstSync) -> str:
    """Return what an `up` says that has to fail."""
    with pytest.raises(LabError) as failed:
        site.up()
    assert "Traceback" not in str(failed.value)
    return str(failed.value)


def test_a_broken_forwarder_stops_the_up_before_the_applications_and_its_repair_lets_it_pass(
    destroyed: FirstSync,
) -> None:
    destroyed.choose("dnsmasq", **SOON)
    destroyed.stop_server("dnsmasq")
    try:
        said = failure_of(destroyed)
        assert "forwarder: 192.168.1.7:53 has nobody who listens on that port" in said
        assert "is the DNS server running" in said
        assert destroyed.declared() == []
    finally:
        destroyed.start_server("dnsmasq")
    destroyed.up()
    assert destroyed.declared() == [APPLICATION]


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("192.168.1.7:5353", "forwarder: 192.168.1.7:5353 has nobody who listens on that port"),
        (INTERNET, f"forwarder: {INTERNET}:53 says that git.protobox does not exist (NXDOMAIN)"),
        ("192.168.1.7:8600", "forwarder: 192.168.1.7:8600 refuses to answer for git.protobox (REFUSED)"),
    ],
)
def test_a_wrong_server_is_named_although_the_old_corefile_still_answers(
    at: At, server: str, said: str
) -> None:
    site = at.move("dnsmasq")
    at.strategy = ""
    site.choose("dnsmasq", servers=[server], **SOON)
    assert said in failure_of(site)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (
            "nodelocaldns",
            "node-local cache: node-local cache 169.254.25.10 says that git.protobox does not exist",
        ),
        ("coredns", "0\ngit.protobox: 192.168.1.7 in argocd-repo-server"),
    ],
)
def test_a_block_that_somebody_removed_is_found_by_make_verify_in_its_layer(
    at: At, layer: str, said: str
) -> None:
    site = at.move("dnsmasq")
    at.strategy = ""
    site.choose("dnsmasq", **SOON)
    site.up()
    written = site.corefiles()[layer]
    site.write_corefile(layer, site.original(layer))
    try:
        site.wait_for_answers_of(layer, ())
        # The pod asks the node-local cache, which does not ask CoreDNS for this zone.
        assert said in site.verify()
    finally:
        site.write_corefile(layer, written)
        site.wait_for_answers((the_site.SUPERVISOR,))


@pytest.mark.parametrize("strategy", ["dnsmasq", "consul", "hostAliases"])
def test_what_is_proven_is_told_and_an_up_without_a_change_proves_nothing_again(
    at: At, strategy: str
) -> None:
    site = at.move("none")
    at.strategy = ""
    site.choose(strategy)
    printed = site.up()
    assert "git.protobox: 192.168.1.7 in argocd-repo-server" in printed
    assert f"{URL}: Git can read it" in printed
    assert "name-resolution" not in site.up()
    at.strategy = strategy
    assert site.verify().startswith("0\ngit.protobox: 192.168.1.7")
