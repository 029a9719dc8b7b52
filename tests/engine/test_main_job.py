"""The page's story on the real engine: a name that does not resolve, `up`, and every edit after it."""

from __future__ import annotations

import pytest

from tests.engine.site import CHART, LAYERS, Site
from tests.projects.test_short_form import PAGE

pytestmark = pytest.mark.engine

HOST_ALIASES = {
    "strategy": "hostAliases",
    "verify": False,
    "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}},
}


def test_up_makes_the_name_resolve_and_declares_the_application_of_the_page_and_destroy_leaves_no_byte(
    site: Site, originals: dict[str, str]
) -> None:
    site.edit("argocd", CHART)
    site.does_not_resolve()
    site.up()
    site.resolves()
    site.does_not_resolve("nothing.protobox")
    site.resolves("kubernetes.default.svc.cluster.local", "10.233.0.1")
    assert site.applications() == {"argo-docserver": PAGE["spec"]}
    assert site.preview() == {}
    site.destroy()
    assert site.corefiles() == originals
    assert site.applications() == {}
    site.does_not_resolve()


def test_a_project_more_is_one_resource_more_and_a_project_less_one_less(deployed: Site) -> None:
    deployed.edit("projects", {"docserver": {}, "billing": {"revision": "main"}})
    assert deployed.preview() == {"create": 1}
    deployed.up()
    assert deployed.applications()["argo-billing"]["source"]["targetRevision"] == "main"
    deployed.edit("projects", {"docserver": {}})
    assert deployed.preview() == {"delete": 1}
    deployed.up()
    assert list(deployed.applications()) == ["argo-docserver"]


def test_switching_to_host_aliases_and_back_leaves_no_trace_of_either(
    deployed: Site, originals: dict[str, str]
) -> None:
    with_zone = deployed.corefiles()
    deployed.edit("dns", HOST_ALIASES)
    deployed.up()
    assert deployed.corefiles() == originals
    for deployment in ("argocd-server", "argocd-repo-server"):
        assert deployed.host_aliases(deployment) == [("192.168.1.7", ["git.protobox"])]
    deployed.does_not_resolve()
    deployed.edit(
        "dns", {"strategy": "dnsmasq", "verify": False, "zones": ["protobox"], "servers": ["192.168.1.7"]}
    )
    deployed.up()
    assert deployed.corefiles() == with_zone
    for deployment in ("argocd-server", "argocd-repo-server"):
        assert deployed.host_aliases(deployment) == []
    deployed.resolves()


def test_consul_answers_under_the_name_that_git_has(site: Site) -> None:
    site.edit_dns(strategy="consul", zones=["protobox"], rewrite={"git.protobox": "git.service.consul"})
    site.up()
    site.resolves()
    # Consul has no zone for other names and refuses them; what counts is that it gives no address.
    assert all(not site.lab.ask(layer, "nothing.protobox").addresses for layer in LAYERS)
