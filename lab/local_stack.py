"""The program in a folder of its own, with its stack `local`, the engine, and the lab."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import yaml
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap

from lab import site
from lab.engine import Engine, stack_environment
from lab.errors import LabError
from lab.lab import Lab

ROOT = Path(__file__).parents[1]
LAYERS = [layer.name for layer in site.PODS]
Application = create_namespaced_resource("argoproj.io", "v1alpha1", "Application", "applications")


class LocalStack:
    """What a person does with the stack, and sees of it. Its stack file is a copy of `Pulumi.local.yaml`.

    Args:
        lab: the lab to work on; it must be running before anything is done.
        folder: where to put the copy; nothing may be in it.
    """

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.engine = Engine(lab, folder)
        self._stack_file = folder / "Pulumi.local.yaml"
        for name in ("Pulumi.yaml", "Pulumi.local.yaml", "__main__.py"):
            shutil.copy(ROOT / name, folder)
        for name in ("components", "lab"):
            (folder / name).symlink_to(ROOT / name)
        (folder / ".venv").symlink_to(lab.venv)  # where Pulumi.yaml says it is

    def edit(self, section: str, value: Any) -> None:
        """Write `value` as a section of the stack file; None takes the section out.

        That nobody waits for Argo CD stays in `defaults`, unless `value` says `wait` itself.
        """
        if section == "defaults":
            value = {"wait": "none", **(value or {})}
        content = yaml.safe_load(self._stack_file.read_text(encoding="utf-8"))
        content["config"].pop(f"protobox-cd:{section}", None)
        if value is not None:
            content["config"][f"protobox-cd:{section}"] = value
        self._stack_file.write_text(yaml.safe_dump(content), encoding="utf-8")

    def up(self) -> str:
        """Run `pulumi up`."""
        return self.engine.run("up", "--yes", "--skip-preview", "--suppress-outputs")

    def destroy(self, *, keep: str | None = None) -> str:
        """Run `pulumi destroy`; `keep` is a resource type whose resources stay, as wildcards name it."""
        but = ("--exclude", f"urn:pulumi:**::{keep}::*") if keep else ()
        return self.engine.run("destroy", "--yes", "--skip-preview", *but)

    def verify(self) -> str:
        """Prove again that the names resolve; return the exit code and what was printed."""
        question = self.engine.run("stack", "output", "verification")
        done = subprocess.run(
            [sys.executable, "-m", "components.dns.proof"],
            input=question,
            env=stack_environment(self.lab),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return f"{done.returncode}\n{done.stdout}"

    def made_status(self) -> dict[str, Any]:
        """Return what `make status` tells a program of the stack."""
        found: dict[str, Any] = json.loads(self.shown_status("--format", "json"))
        return found

    def shown_status(self, *arguments: str) -> str:
        """Return what `make status` prints of the stack."""
        done = subprocess.run(
            [sys.executable, "-m", "tools.status", self._stack_file, *arguments],
            env=stack_environment(self.lab),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.stdout:
            raise LabError(f"`make status` has failed: {done.stderr}")
        return done.stdout

    def preview(self) -> dict[str, int]:
        """Return how many resources would change, by operation; those that stay the same left out."""
        digest = json.loads(self.engine.run("preview", "--json"))
        summary: dict[str, int] = digest["changeSummary"]
        return {operation: count for operation, count in summary.items() if operation != "same"}

    def corefile(self, layer: str) -> str:
        """Return the live Corefile of a layer."""
        with self.lab.client() as client:
            data = client.get(ConfigMap, layer, namespace="kube-system").data or {}
        return str(data["Corefile"])

    def corefiles(self) -> dict[str, str]:
        """Return the live Corefiles of both layers."""
        return {layer: self.corefile(layer) for layer in LAYERS}

    def write_corefile(self, layer: str, text: str) -> None:
        """Edit a layer's Corefile by hand, as a colleague would."""
        with self.lab.client() as client:
            client.patch(ConfigMap, layer, {"data": {"Corefile": text}}, namespace="kube-system")

    def applications(self) -> dict[str, dict[str, Any]]:
        """Return Application name → spec, as the cluster has them; none without Argo CD's CRDs."""
        with self.lab.client() as client:
            try:
                found = list(client.list(Application, namespace="argocd"))
            except httpx2.HTTPStatusError as error:  # an unknown path is no ApiError: its 404 is text
                if error.response.status_code == HTTPStatus.NOT_FOUND:
                    return {}
                raise
        return {str(item.metadata.name): item["spec"] for item in found if item.metadata}

    def host_aliases(self, deployment: str) -> list[tuple[str, list[str]]]:
        """Return the hosts entries that the pods of one of Argo CD's Deployments get."""
        with self.lab.client() as client:
            spec = client.get(Deployment, deployment, namespace="argocd").spec
        aliases = (spec.template.spec.hostAliases if spec and spec.template.spec else None) or []
        return [(str(alias.ip), list(alias.hostnames or [])) for alias in aliases]
