"""Each `up` ends with a proof from the pod that dials Git; where it fails, it names the layer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import site as the_site
from lab.errors import LabError
from lab.first_sync.argocd import APPLICATION
from lab.first_sync.site import FirstSync
from tests.engine.first_sync.conftest import At

pytestmark = pytest.mark.engine

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


def test_a_wrong_server_is_named_although_the_old_corefile_still_answers(at: At) -> None:
    site = at.move("dnsmasq")
    at.strategy = ""
    for server, said in (
        ("192.168.1.7:5353", "192.168.1.7:5353 has nobody who listens on that port"),
        (INTERNET, f"{INTERNET}:53 says that git.protobox does not exist (NXDOMAIN)"),
        ("192.168.1.7:8600", "192.168.1.7:8600 refuses to answer for git.protobox (REFUSED)"),
    ):
        site.choose("dnsmasq", servers=[server], **SOON)
        assert f"forwarder: {said}" in failure_of(site)


def test_a_block_that_somebody_removed_is_found_by_make_verify_in_its_layer(at: At) -> None:
    site = at.move("dnsmasq")
    at.strategy = ""
    site.choose("dnsmasq", **SOON)
    assert "name-resolution" in site.up()
    assert "name-resolution" not in site.up()  # nothing has changed, so nothing is proven again
    written = site.corefiles()
    # The pod asks the node-local cache, which does not ask CoreDNS for this zone.
    for layer, said in (
        ("coredns", "0\ngit.protobox: 192.168.1.7 in argocd-repo-server"),
        ("nodelocaldns", "node-local cache 169.254.25.10 says that git.protobox does not exist"),
    ):
        site.write_corefile(layer, site.original(layer))
        try:
            site.wait_for_answers_of(layer, ())
            assert said in site.verify()
        finally:
            site.write_corefile(layer, written[layer])
            site.wait_for_answers((the_site.SUPERVISOR,))
