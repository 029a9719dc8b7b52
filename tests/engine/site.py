"""The page's site for one test: the stack in a folder of its own, and what both DNS layers answer."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import psutil
import yaml
from lightkube.core.exceptions import ApiError
from lightkube.types import PatchType

from lab import pulumis
from lab.engine import stack_environment
from lab.environment import STACK
from lab.local_stack import LAYERS, ROOT, Application, LocalStack
from lab.processes import wait_until
from tests.engine.vault import PROVIDER

__all__ = ["CHART", "GIT", "LAYERS", "ROOT", "Site"]

GIT = "git.protobox"
CHART = {"chart": {"path": "lab/charts/argo-cd"}}
"""The section `argocd` with all of the lab's chart."""


class Site(LocalStack):
    """What a test does and asks."""

    @property
    def state(self) -> Path:
        """Return the file with the stack's state."""
        return self.lab.directory / "state" / ".pulumi" / "stacks" / "protobox-cd" / f"{STACK}.json"

    def keep_key_in_vault(self) -> None:
        """Have the key of the stack's secrets in `vault`; make the stack, if it is not there yet."""
        content = yaml.safe_load(self._stack_file.read_text(encoding="utf-8"))
        del content["encryptionsalt"]
        self._stack_file.write_text(yaml.safe_dump(content | {"secretsprovider": PROVIDER}), encoding="utf-8")
        if not self.state.exists():
            self.run("pulumi", "stack", "init", STACK, "--secrets-provider", PROVIDER)

    def edit_dns(self, **changes: Any) -> None:
        """Change keys of the `dns` section."""
        content = yaml.safe_load(self._stack_file.read_text(encoding="utf-8"))
        self.edit("dns", {**content["config"]["protobox-cd:dns"], **changes})

    def run(self, *command: str, given: str = "") -> str:
        """Run a command in the stack's folder, as its owner would, and return what it printed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=stack_environment(self.lab),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kubectl(self, *arguments: str, given: str = "") -> str:
        """Run kubectl."""
        return self.run("kubectl", *arguments, given=given)

    def take_finalizers_off(self, *applications: str) -> None:
        """Let Applications go without Argo CD."""
        nothing = {"metadata": {"finalizers": None}}
        with self.lab.client() as client:
            for name in applications:
                client.patch(Application, name, nothing, namespace="argocd", patch_type=PatchType.MERGE)

    def hand_crds_over(self, namespace: str) -> None:
        """Give Argo CD's CRDs, if they are there, to the release of its name in a namespace."""
        crds = ("crd", "-l", "app.kubernetes.io/part-of=argocd")
        self.kubectl("annotate", "--overwrite", *crds, f"meta.helm.sh/release-namespace={namespace}")

    def sweep(self, *, keep: Collection[str]) -> None:
        """Take away what the stack has made, but for the types in `keep`, without the engine: 1 s, not 7.

        The Corefiles stay as they are.
        """
        if not self.state.exists():
            return
        state = json.loads(self.state.read_text(encoding="utf-8"))
        latest = state["checkpoint"].get("latest") or {}
        resources = latest.get("resources") or []
        made = [resource for resource in resources if resource["type"] not in keep]
        if not made:
            return
        if any(resource["type"] == "kubernetes:helm.sh/v3:Release" for resource in made):
            self.run("helm", "uninstall", "argocd", "--namespace", "argocd", "--ignore-not-found")
        self.take_finalizers_off(*self.applications())
        inputs = [resource.get("inputs") or {} for resource in made]
        objects = [_named(given) for given in inputs if "kind" in given]
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-", given=listed)
        latest["resources"] = [one for one in resources if one["type"] in keep]
        self.state.write_text(json.dumps(state), encoding="utf-8")

    def resolves(self, name: str = GIT, address: str = "192.168.1.7") -> None:
        """Wait until both layers answer `name` with `address`."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, addresses=(address,))

    def has_applications(self, number: int) -> bool:
        """Tell whether so many are there; not while the API server still sets their kind up."""
        with contextlib.suppress(ApiError):
            return len(self.applications()) >= number
        return False

    def kill_pulumi(self) -> None:
        """Kill the Pulumi that works on the lab, with all that it has started."""
        for pulumi in pulumis.at_work(self.lab.directory):
            for process in (*pulumi.children(recursive=True), pulumi):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    def mend(self, layer: str, text: str) -> bool:
        """Write a Corefile that CoreDNS takes; tell whether it has taken it after at most 30 seconds.

        What it says of an earlier one may still be on the way until then.
        """
        log = self.lab.directory / "logs" / f"{layer}.log"
        seen = log.stat().st_size
        self.write_corefile(layer, text)
        return wait_until(lambda: b"Reloading complete" in log.read_bytes()[seen:], 30)

    def does_not_resolve(self, name: str = GIT) -> None:
        """Wait until both layers say that `name` does not exist."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, rcode="NXDOMAIN")


def _named(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return of an object what it takes to find it."""
    metadata = {key: inputs["metadata"].get(key) for key in ("name", "namespace")}
    return {"apiVersion": inputs["apiVersion"], "kind": inputs["kind"], "metadata": metadata}
