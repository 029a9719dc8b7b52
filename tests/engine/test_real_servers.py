"""The page's question with a real dnsmasq and a real Consul, on CoreDNS of today and of the site's age."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest
from dns.rcode import NOERROR

from lab.lab import Lab
from lab.programs import find_optional
from tests.engine import dns_program
from tests.engine.site import GIT, LAYERS, Site

pytestmark = pytest.mark.engine

STRATEGIES: dict[str, dict[str, Any]] = {
    "dnsmasq": {"strategy": "dnsmasq"},
    "consul": {"strategy": "consul", "rewrite": {GIT: "git.service.consul"}},
}
HOW_TO_GET = {"dnsmasq": "install it", "consul": "`make lab-full` builds it"}


@pytest.fixture(scope="module", params=["coredns", "coredns-1.9"])
def lab_of_an_age(
    request: pytest.FixtureRequest, lab: Lab, tmp_path_factory: pytest.TempPathFactory, venv: Path
) -> Iterator[Lab]:
    """A lab whose two DNS layers are CoreDNS 1.15, or 1.9 as on the site."""
    if request.param == "coredns":
        yield lab
        return
    old = find_optional(request.param)
    if not old:
        pytest.skip("CoreDNS 1.9 is not built; `make lab-full` builds it")
    old_programs = dataclasses.replace(lab.programs, coredns=old)
    aged = Lab(tmp_path_factory.mktemp(request.param), old_programs, venv=venv)
    aged.start()
    yield aged
    aged.stop()


@pytest.fixture(params=STRATEGIES)
def site(request: pytest.FixtureRequest, lab_of_an_age: Lab, tmp_path: Path) -> Iterator[Site]:
    """The site with the DNS part of the program, which forwards to one of the real servers."""
    if not lab_of_an_age.is_real(request.param):
        pytest.skip(f"there is no real {request.param}; {HOW_TO_GET[request.param]}")
    site = Site(lab_of_an_age, tmp_path)
    shutil.copy(str(dns_program.__file__), tmp_path / "__main__.py")
    site.edit_dns(**STRATEGIES[request.param])
    site.keep_key_in_vault()
    site.engine.prepare()
    before = site.corefiles()
    site.up()
    site.resolves()
    yield site
    site.destroy()
    assert site.corefiles() == before


def asked(site: Site, layer: str, name: str, rdtype: str = "A") -> dns.message.Message:
    """Ask a layer and return the whole message."""
    address, _, port = site.lab.address(layer).partition(":")
    return dns.query.udp(dns.message.make_query(name, rdtype), address, port=int(port), timeout=2)


def test_the_git_server_is_found_and_an_unknown_name_gets_no_address(site: Site) -> None:
    for layer in LAYERS:
        for name in (GIT, "Git.ProtoBox", GIT):  # the last one comes from the cache
            (found,) = asked(site, layer, name).answer
            # A resolver does not take an answer to another question than its own, such as git.service.consul.
            assert found.name.to_text().lower() == f"{GIT}."
            assert [record.to_text() for record in found] == ["192.168.1.7"]
        no_ipv6 = asked(site, layer, GIT, "AAAA")
        assert (no_ipv6.rcode(), no_ipv6.answer) == (NOERROR, [])
        assert asked(site, layer, "nothing.protobox").answer == []
    site.resolves("kubernetes.default.svc.cluster.local", "10.233.0.1")
