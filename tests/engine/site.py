"""The page's site for one test: the stack in a folder of its own, and what both DNS layers answer."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection
from pathlib import Path

from lightkube.types import PatchType

from lab.engine import stack_environment
from lab.local_stack import LAYERS, ROOT, Application, LocalStack
from lab.processes import wait_until

__all__ = ["GIT", "LAYERS", "ROOT", "Site"]

GIT = "git.protobox"


class Site(LocalStack):
    """What a test does and asks."""

    def sweep(self, *, keep: Collection[str]) -> None:
        """Take away what the stack has made, but for the types in `keep`, without the engine: 1 s, not 7.

        The Corefiles stay as they are.
        """
        state = json.loads(self.engine.run("stack", "export"))
        resources = state["deployment"].get("resources") or []
        kept = [resource for resource in resources if resource["type"] in keep]
        if len(kept) == len(resources):
            return
        made = [resource for resource in resources if resource not in kept]
        if any(resource["type"] == "kubernetes:helm.sh/v3:Release" for resource in made):
            self._run("helm", "uninstall", "argocd", "--namespace", "argocd", "--ignore-not-found")
        objects = [
            {key: resource["inputs"][key] for key in ("apiVersion", "kind", "metadata")}
            for resource in made
            if resource["type"].startswith("kubernetes:") and "kind" in resource["inputs"]
        ]
        with self.lab.client() as client:
            for name in self.applications():
                none = {"metadata": {"finalizers": None}}
                client.patch(Application, name, none, namespace="argocd", patch_type=PatchType.MERGE)
        for gone in objects:
            gone["metadata"] = {key: gone["metadata"].get(key) for key in ("name", "namespace")}
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self._run("kubectl", "delete", "--ignore-not-found", "--wait=false", "-f", "-", given=listed)
        state["deployment"]["resources"] = kept
        self._run(self.lab.programs.pulumi, "stack", "import", "--force", given=json.dumps(state))

    def _run(self, *command: str | Path, given: str = "") -> None:
        environment = stack_environment(self.lab)
        subprocess.run(command, input=given, text=True, capture_output=True, env=environment, check=True)

    def resolves(self, name: str = GIT, address: str = "192.168.1.7") -> None:
        """Wait until both layers answer `name` with `address`."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, addresses=(address,))

    def mend(self, layer: str, text: str, seconds: float = 30) -> bool:
        """Write a Corefile that CoreDNS takes; tell whether it has taken it after at most `seconds`.

        What it says of an earlier one may still be on the way until then.
        """
        log = self.lab.directory / "logs" / f"{layer}.log"
        seen = log.stat().st_size
        self.write_corefile(layer, text)
        return wait_until(lambda: b"Reloading complete" in log.read_bytes()[seen:], seconds)

    def does_not_resolve(self, name: str = GIT) -> None:
        """Wait until both layers say that `name` does not exist."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, rcode="NXDOMAIN")
