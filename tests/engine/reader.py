"""The user of the jobs that only read: the service account of `examples/preview-rights.yaml`, in the lab."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from lab.lab import Lab

RIGHTS = Path(__file__).parents[2] / "examples" / "preview-rights.yaml"
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}


@contextmanager
def reading(lab: Lab, folder: Path) -> Iterator[Path]:
    """Apply the example, and yield a kubeconfig in `folder` of a user with these rights and no other."""

    def kubectl(*arguments: str, given: str = "") -> str:
        done = subprocess.run(
            ["kubectl", *arguments],
            env=lab.environment(),
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    is_new = not kubectl("get", "namespace", "argocd", "--ignore-not-found")
    if is_new:
        kubectl("create", "--filename", "-", given=json.dumps(NAMESPACE))
    kubectl("apply", "--filename", str(RIGHTS))
    config = yaml.safe_load(lab.kubeconfig.read_text(encoding="utf-8"))
    token = kubectl("create", "token", "protobox-preview", "--namespace", "argocd").strip()
    config["users"][0]["user"] = {"token": token}
    kubeconfig = folder / "reader-kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    try:
        yield kubeconfig
    finally:
        kubectl("delete", "--ignore-not-found", "--filename", str(RIGHTS))
        if is_new:
            kubectl("delete", "namespace", "argocd")
