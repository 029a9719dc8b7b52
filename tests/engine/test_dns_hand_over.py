"""Whose the zone is, over time: Kubespray takes it and gives it back; contexts and clusters change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api_server import ApiServer, serving
from tests.dns.test_group_vars import rendered_by_kubespray
from tests.engine import dns_program
from tests.engine.projects.others import Others
from tests.engine.site import LAYERS, Site
from tests.engine.test_dns_layers import API_SERVER, BINDS, BLOCK

pytestmark = pytest.mark.engine

METRICS = {"coredns": 9153, "nodelocaldns": 9253}
"""The ports at which each layer's block for `.` shows its metrics, and with it ours."""
STATE = Path(__file__).parent / "states" / "f3c2741.json"
"""What `pulumi stack export` printed of the stack `local`, deployed by the commit of that name."""


@pytest.fixture
def dns_only(site: Site, tmp_path: Path) -> Site:
    """The site with the DNS part of the program only."""
    shutil.copy(str(dns_program.__file__), tmp_path / "__main__.py")
    return site


def kubesprays(originals: Mapping[str, str]) -> dict[str, str]:
    """Return the Corefiles as Kubespray renders them with the variables that our output asks for."""
    entry = {"zones": ["protobox"], "nameservers": ["192.168.1.7"], "cache": 30}
    rendered = rendered_by_kubespray(entry)
    return {
        layer: rendered.replace("    errors", f"{bind}    errors", 1) + originals[layer]
        for layer, bind in BINDS.items()
    }


def context_of(kubeconfig: Path, name: str) -> None:
    """Give the one context of a kubeconfig another name."""
    content = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    content["contexts"][0]["name"] = content["current-context"] = name
    kubeconfig.write_text(yaml.safe_dump(content), encoding="utf-8")


def steps(site: Site) -> dict[str, str]:
    """Return what a preview would do: the name of each resource that changes → the operation."""
    digest = json.loads(site.engine.run("preview", "--json"))
    return {step["urn"].rpartition("::")[2]: step["op"] for step in digest["steps"] if step["op"] != "same"}


def test_kubespray_may_take_the_zone_and_give_it_back(dns_only: Site, originals: dict[str, str]) -> None:
    dns_only.up()
    ours = dns_only.corefiles()
    theirs = kubesprays(originals)
    for layer in LAYERS:
        dns_only.write_corefile(layer, theirs[layer])
    dns_only.up()
    assert dns_only.corefiles() == theirs
    assert dns_only.preview() == {}
    dns_only.resolves()
    for layer in LAYERS:
        dns_only.write_corefile(layer, originals[layer])
    dns_only.up()
    assert dns_only.corefiles() == ours
    for layer in LAYERS:
        dns_only.write_corefile(layer, theirs[layer])
    dns_only.destroy()
    assert dns_only.corefiles() == theirs
    dns_only.resolves()


def test_a_renamed_context_changes_nothing_that_is_deployed(
    deployed: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = deployed.corefiles()
    renamed = deployed.lab.directory / "renamed-kubeconfig"
    shutil.copy(deployed.lab.kubeconfig, renamed)
    context_of(renamed, "site")
    with monkeypatch.context() as patched:
        patched.setattr(type(deployed.lab), "kubeconfig", renamed)
        deployed.edit("cluster", {"context": "site"})
        assert set(steps(deployed).values()) == {"update"}
        deployed.up()
        assert deployed.corefiles() == written
        deployed.resolves()
        deployed.resolves(API_SERVER, "10.233.0.1")
        assert deployed.preview() == {}
        deployed.edit("cluster", {"context": "lab"})
    deployed.up()
    assert deployed.corefiles() == written


def test_another_cluster_behind_the_context_stops_preview_and_destroy_with_both_identities(
    deployed: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = deployed.corefiles()
    corefile = {"Corefile": ".:53 {\n    errors\n}\n"}
    other = ApiServer({"coredns": corefile}, uid="4711-another-cluster", absent=frozenset({"argocd"}))
    with serving(other, tmp_path_factory.mktemp("another")) as kubeconfig, monkeypatch.context() as patched:
        context_of(kubeconfig, "lab")
        patched.setattr(type(deployed.lab), "kubeconfig", kubeconfig)
        for command in (["preview"], ["destroy", "--yes", "--skip-preview"]):
            printed = " ".join(deployed.engine.run(*command, fails=True).split())
            assert "is another cluster than that of the last pulumi up" in printed
            assert "4711-another-cluster" in printed
            assert "Traceback" not in printed
    assert other.writes == []
    assert deployed.corefiles() == written
    deployed.resolves()
    assert deployed.preview() == {}


def test_names_of_others_stop_the_preview_until_the_stack_file_gives_them_up(
    dns_only: Site, originals: dict[str, str]
) -> None:
    hosts = "    hosts {\n        192.168.1.9 registry.protobox\n        fallthrough\n    }\n    errors\n"
    head, mark, rest = originals["coredns"].rpartition(".:53 {\n")
    dns_only.write_corefile("coredns", head + mark + rest.replace("    errors\n", hosts, 1))
    before = dns_only.corefiles()
    printed = " ".join(dns_only.engine.run("preview", fails=True).split())
    assert "registry.protobox: hosts, line" in printed
    assert 'protobox-cd:dns.takesOver: ["registry.protobox"]' in printed
    assert dns_only.corefiles() == before
    dns_only.edit_dns(takesOver=["registry.protobox"])
    dns_only.up()
    dns_only.resolves()
    assert dns_only.preview() == {}
    dns_only.edit_dns(takesOver=["registry.protobox", "typo.protobox"])
    printed = " ".join(dns_only.engine.run("preview", fails=True).split())
    assert "takesOver names typo.protobox, which this stack takes from nobody" in printed
    dns_only.destroy()
    assert dns_only.corefiles() == before


def test_a_zone_that_swallows_the_clusters_names_is_refused_by_the_layer_that_would_lose_them(
    dns_only: Site, originals: dict[str, str]
) -> None:
    dns_only.edit("git", {"baseUrl": "http://git.local/gitlab", "group": "g", "revision": "CD", "path": "p"})
    dns_only.edit_dns(zones=["local"])
    printed = " ".join(dns_only.engine.run("preview", fails=True).split())
    assert "the zone local would take *.cluster.local away from the cluster itself" in printed
    assert dns_only.corefiles() == originals
    dns_only.resolves(API_SERVER, "10.233.0.1")


def test_a_stack_that_the_version_before_deployed_goes_on_without_a_replacement(
    site: Site, originals: dict[str, str], tmp_path: Path
) -> None:
    state: dict[str, Any] = json.loads(STATE.read_text(encoding="utf-8"))
    saved = tmp_path / "state.json"
    saved.write_text(json.dumps(state), encoding="utf-8")
    block = (
        "\n# protobox-cd, stack local: the next pulumi up undoes changes to this block\n"
        "protobox:53 {{\n    errors\n    cache 30\n{bind}    forward . 192.168.1.7\n}}\n"
    )
    written = {layer: originals[layer] + block.format(bind=bind) for layer, bind in BINDS.items()}
    assert all(BLOCK.search(text) for text in written.values())
    for layer in LAYERS:
        site.write_corefile(layer, written[layer])
    others, mark = Others(site), {"protobox-cd/stack": "local"}
    others.install_by_helm()
    site.kubectl("annotate", "namespace", "argocd", *(f"{key}={value}" for key, value in mark.items()))
    others.apply_application("argo-docserver", "docserver", "git.protobox", annotations=mark)
    site.engine.run("stack", "import", "--file", str(saved))
    try:
        assert not {"replace", "create-replacement", "delete-replaced", "delete"} & set(steps(site).values())
        layers = ("--target", "urn:pulumi:local::protobox-cd::**CorefileZones::*")
        site.engine.run("up", "--yes", "--skip-preview", *layers)
        with_metrics = {layer: BINDS[layer] + f"    prometheus :{port}\n" for layer, port in METRICS.items()}
        assert site.corefiles() == {
            layer: originals[layer] + block.format(bind=lines) for layer, lines in with_metrics.items()
        }
        site.resolves()
        known = [resource["inputs"] for resource in site.engine.resources() if "Corefile" in resource["type"]]
        assert all(inputs["cluster"] and inputs["written"] for inputs in known)
    finally:
        empty = {**state, "deployment": {**state["deployment"], "resources": []}}
        saved.write_text(json.dumps(empty), encoding="utf-8")
        site.engine.run("stack", "import", "--file", str(saved), "--force")
        others.helm("uninstall", "argocd", "--namespace", "argocd")
        site.kubectl("delete", "namespace", "argocd", "--timeout=300s")
