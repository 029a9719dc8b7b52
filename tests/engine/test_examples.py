"""Each example on the real engine: the preview succeeds, and shows nothing of what is secret in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Secret

from tests.engine.site import ROOT, Site
from tests.engine.vault import PROVIDER

pytestmark = pytest.mark.engine

CREDENTIALS = "credentials"
EXISTING = {
    "gitlab-login": {"user": "argocd", "token": "taken-from-gitlab-login"},
    "registry-login": {"username": "argocd", "password": "taken-from-registry-login"},
    "edge-login": {"token": "taken-from-edge-login", "ca.crt": "taken-from-the-authority"},
}
"""The Secrets that `air-gapped` names, which something else has made."""


@pytest.fixture
def existing_secrets(site: Site) -> Iterator[list[str]]:
    """The Secrets' values, all of which have to stay hidden but the user's name."""
    with site.lab.client() as client:
        client.create(Namespace(metadata=ObjectMeta(name=CREDENTIALS)))
        for name, data in EXISTING.items():
            client.create(Secret(metadata=ObjectMeta(name=name, namespace=CREDENTIALS), stringData=data))
        yield [value for data in EXISTING.values() for value in data.values() if value != "argocd"]
        client.delete(Namespace, CREDENTIALS)


def previewed(site: Site, folder: Path, name: str) -> str:
    """Return what the preview of an example prints, with no more changed than the lab needs.

    The supervisor of `host-aliases` is no machine of the lab, so its hosts file is read from this one;
    tests/engine/test_host_sources.py reads one over SSH.
    """
    example = ROOT / "examples" / f"Pulumi.{name}.yaml"
    stack_file = folder / "Pulumi.local.yaml"
    content = yaml.safe_load(example.read_text(encoding="utf-8"))
    if "encryptionsalt" not in content:
        content["secretsprovider"] = PROVIDER
    config = content["config"]
    config["protobox-cd:cluster"]["context"] = "lab"
    argocd = config["protobox-cd:argocd"]
    argocd["chart"] = {"path": "lab/charts/argo-cd"}
    if argocd.get("highAvailability"):  # the lab has one node
        soft = {"hardAntiAffinity": False}
        argocd["values"]["redis-ha"] = {**soft, "haproxy": soft}
    dns = config["protobox-cd:dns"]
    if dns["strategy"] != "none":
        dns["verify"] = False  # no program runs in the pods of this lab
    if "ssh" in dns.get("hosts", {}):
        del dns["hosts"]["ssh"]
        dns["hosts"]["file"] = "hosts"
        (folder / "hosts").write_text("192.168.1.7 git.protobox\n10.0.0.1 node1\n", encoding="utf-8")
    stack_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "examples").symlink_to(ROOT / "examples")
    # What an earlier test has installed keeps its CRDs; here nobody has been before.
    site.hand_crds_over(argocd.get("namespace", "argocd"))
    try:
        return site.engine.run("preview", "--diff")
    finally:
        site.hand_crds_over("argocd")


def secrets_in_clear(site: Site, folder: Path) -> list[str]:
    """Return what is secret in the stack file, as the engine decrypts it: of a key its longest line."""
    file = yaml.safe_load((folder / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    known = json.loads(site.engine.run("config", "--show-secrets", "--json"))
    in_clear = {
        key: json.loads(entry["value"]) for key, entry in known.items() if key in file and entry["secret"]
    }
    return [
        max(text.splitlines(), key=len)
        for key, value in in_clear.items()
        for text in _secure(file[key], value)
    ]


def _secure(in_file: Any, in_clear: Any) -> Iterator[str]:
    if not isinstance(in_file, dict):
        return
    for key, value in in_file.items():
        if isinstance(value, dict) and value.keys() == {"secure"}:
            yield in_clear[key]
        else:
            yield from _secure(value, in_clear[key])


@pytest.mark.parametrize(
    ("name", "applications", "secrets"),
    [("page", 2, 0), ("host-aliases", 2, 2), ("consul", 6, 3), ("ha-multi-cluster-sso", 5, 6)],
)
def test_an_example_is_previewed_and_its_secrets_stay_hidden(
    site: Site, tmp_path: Path, name: str, applications: int, secrets: int
) -> None:
    printed = previewed(site, tmp_path, name)
    hidden = secrets_in_clear(site, tmp_path)
    assert printed.count("+ kubernetes:argoproj.io/v1alpha1:Application:") == applications
    assert len(hidden) == secrets
    assert [secret for secret in hidden if secret in printed] == []


def test_an_example_is_previewed_with_credentials_from_the_cluster_that_stay_hidden(
    site: Site, tmp_path: Path, existing_secrets: list[str]
) -> None:
    printed = previewed(site, tmp_path, "air-gapped")
    assert printed.count("+ kubernetes:argoproj.io/v1alpha1:Application:") == 4
    assert [secret for secret in existing_secrets if secret in printed] == []
