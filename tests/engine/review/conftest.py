"""One site, taken through what a reviewer meets, and what the engine's previews of it print."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.engine import stack_environment
from lab.environment import STACK
from lab.lab import Lab
from tests.engine.site import Site

TOKEN = "glpat-not-to-be-seen"  # noqa: S105 - a value to search for
PROJECTS: dict[str, Any] = {"docserver": {}, "billing": {}, "old": {}}
DNSMASQ = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"], "verify": False}
CONSUL = {**DNSMASQ, "strategy": "consul", "rewrite": {"git.protobox": "git.service.consul"}}
HOST_ALIASES = {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}}}
FOREIGN = "\nprotobox:53 {\n    forward . 10.0.0.9\n}\n"


@dataclass(frozen=True)
class Printed:
    """What `pulumi preview --json` has left behind."""

    code: int
    preview: str
    log: str


def preview(site: Site, folder: Path) -> Printed:
    """Run a preview as the job does."""
    done = subprocess.run(
        [site.lab.programs.pulumi, "preview", "--stack", STACK, "--non-interactive", "--json"],
        cwd=folder,
        env=stack_environment(site.lab),
        capture_output=True,
        text=True,
        check=False,
    )
    return Printed(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def printed(
    lab: Lab, originals: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Printed]]:
    """What each preview has printed, by the name of its copy in `tests/review/previews`."""
    folder = tmp_path_factory.mktemp("reviewed")
    site = Site(lab, folder)
    if site.engine.resources():
        site.destroy()
    try:
        yield {**before_the_first_up(site, folder, originals), **afterwards(site, folder, originals)}
    finally:
        site.engine.run("state", "unprotect", "--all", "--yes")
        site.edit("projects", PROJECTS)
        site.edit("dns", DNSMASQ)
        site.destroy(keep="kubernetes:core/v1:Namespace")


def before_the_first_up(site: Site, folder: Path, originals: Mapping[str, str]) -> dict[str, Printed]:
    stack_file = folder / "Pulumi.local.yaml"
    site.edit("projects", PROJECTS)
    template = {"url": "http://git.protobox/gitlab/", "username": "deploy"}
    site.edit("credentialTemplates", {"gitlab": template})
    for place in ("credentialTemplates.gitlab.password", "argocd.admin.password"):
        site.engine.run("config", "set", "--secret", "--path", f"protobox-cd:{place}", TOKEN)
    found = {"first-deploy": preview(site, folder)}
    site.write_corefile("coredns", originals["coredns"] + FOREIGN)
    found["foreign-block"] = preview(site, folder)
    site.write_corefile("coredns", originals["coredns"])
    right = stack_file.read_text(encoding="utf-8")
    site.edit("dns", {**DNSMASQ, "servers": ["supervisor"], "zone": []})
    found["mistakes"] = preview(site, folder)
    stack_file.write_text("config: [\n", encoding="utf-8")
    found["not-yaml"] = preview(site, folder)
    stack_file.write_text(right, encoding="utf-8")
    return found


def afterwards(site: Site, folder: Path, originals: Mapping[str, str]) -> dict[str, Printed]:
    stack_file = folder / "Pulumi.local.yaml"
    site.up()
    found = {"no-changes": preview(site, folder)}
    written = site.corefile("coredns")
    site.write_corefile("coredns", originals["coredns"])
    found["drift"] = preview(site, folder)
    site.write_corefile("coredns", written)
    site.edit("dns", CONSUL)
    found["to-consul"] = preview(site, folder)
    site.edit("dns", HOST_ALIASES)
    site.edit("projects", {"docserver": {"revision": "main"}, "billing": {}, "new": {}})
    found["to-host-aliases"] = preview(site, folder)
    site.edit("dns", DNSMASQ)
    site.edit("projects", PROJECTS)
    right = stack_file.read_text(encoding="utf-8")
    site.engine.run("config", "set", "--path", "protobox-cd:argocd.namespace", "delivery")
    site.hand_crds_over("delivery")  # as the message asks for that else stops the preview
    found["another-namespace"] = preview(site, folder)
    site.hand_crds_over("argocd")
    stack_file.write_text(right, encoding="utf-8")
    billing = next(one["urn"] for one in site.engine.resources() if one["urn"].endswith("::argo-billing"))
    site.engine.run("state", "protect", billing, "--yes")
    site.edit("projects", {"docserver": {}, "old": {}})
    found["protected-project"] = preview(site, folder)
    return found
