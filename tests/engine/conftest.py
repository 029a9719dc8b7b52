"""The page's site anew for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from tests.engine.gate import Gate, gate_before
from tests.engine.site import CHART, LAYERS, Site
from tests.engine.vault import a_vault

WAITING = {
    "pulumi:pulumi:Stack",
    "pulumi:providers:pulumi",
    "pulumi:providers:kubernetes",
    "kubernetes:core/v1:Namespace",
}
"""What waits for the next test."""
ARGOCD = {
    **CHART,
    "timeoutSeconds": 40,
    "values": {"crds": {"install": False}, "dex": {"enabled": False}, "notifications": {"enabled": False}},
}
"""Less of Argo CD, for tests about something else: an `up` costs half of the processor time."""


@pytest.fixture(scope="session", autouse=True)
def _vault() -> Iterator[None]:
    """The Vault of `Site.keep_key_in_vault`."""
    with a_vault() as variables, pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def originals(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The Corefiles as Kubespray rendered them, before the first `up`, which leaves Argo CD's CRDs."""
    untouched = Site(lab, tmp_path_factory.mktemp("untouched"))
    untouched.keep_key_in_vault()
    untouched.engine.prepare()
    corefiles = untouched.corefiles()
    untouched.up()
    restore(untouched, corefiles)
    return corefiles


@pytest.fixture
def site(lab: Lab, originals: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    """The site before `up`. Afterwards everything is taken away, and the Corefiles are Kubespray's."""
    yield from a_site(lab, originals, tmp_path)


def a_site(lab: Lab, originals: dict[str, str], folder: Path) -> Iterator[Site]:
    """Give the site before `up` to the fixture that asks, and take everything away afterwards.

    Only the namespace may stay for the next test: Kubernetes waits five seconds before it deletes one.
    """
    fresh = Site(lab, folder)
    fresh.keep_key_in_vault()
    fresh.edit("argocd", ARGOCD)
    yield fresh
    restore(fresh, originals)


def restore(site: Site, originals: dict[str, str]) -> None:
    """Take away what a stack has made, but for what waits for the next one."""
    site.sweep(keep=WAITING)
    for layer in LAYERS:
        if site.corefile(layer) != originals[layer]:
            site.write_corefile(layer, originals[layer])  # an `up` knows what the pods run, whatever is late


@pytest.fixture
def deployed(site: Site) -> Site:
    """The site after its first `up`."""
    site.up()
    return site


@pytest.fixture
def gate(site: Site, tmp_path: Path) -> Iterator[Gate]:
    with gate_before(site.lab.kubeconfig, tmp_path) as gate:
        yield gate
