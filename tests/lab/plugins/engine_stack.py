"""One Pulumi stack on the lab with the stand-ins, and the other people who work on the same cluster."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.chart import CHART
from lab.lab import Lab
from lab.plugins.versions import sdk_version

PROGRAM = Path(__file__).with_name("engine_program.py")


@dataclass
class Stack:
    """One Pulumi project with one stack; what the program declares is given with each command."""

    folder: Path
    environment: dict[str, str]
    kubeconfig: Path

    def run(self, *arguments: str, ok: bool = True, **declared: Any) -> str:
        """Run the engine and return all that it prints."""
        wanted = {
            "kubeconfig": str(self.kubeconfig),
            "chart": str(CHART),
            "version": sdk_version("kubernetes"),
        } | declared
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never", "--stack", "test"],
            cwd=self.folder,
            env=self.environment | {"DECLARED": json.dumps(wanted)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) is ok, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    def up(self, **declared: Any) -> str:
        return self.run("up", "--yes", "--skip-preview", **declared)

    def preview(self, **declared: Any) -> str:
        return self.run("preview", "--diff", **declared)

    def is_up_to_date(self, **declared: Any) -> bool:
        return "unchanged" in self.run("preview", "--expect-no-changes", **declared)


def kubectl(lab: Lab, *arguments: str, manifest: dict[str, Any] | None = None) -> str:
    """Be the other person who works on the cluster."""
    done = subprocess.run(
        ["kubectl", *arguments],
        input=None if manifest is None else json.dumps(manifest),
        env=lab.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def application(
    name: str, url: str = "http://git.protobox/gitlab/protobox1/docserver.git", **more: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc"},
            "source": {"repoURL": url, "path": "base", "targetRevision": "CD"},
            **more,
        },
    }


def helm(lab: Lab, *arguments: str) -> str:
    """Be the person who installed Argo CD by hand."""
    done = subprocess.run(
        ["helm", *arguments], env=lab.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def helm_install(lab: Lab, *options: str) -> None:
    """Install the chart as the release `argocd`."""
    helm(lab, "install", "argocd", str(CHART), "--namespace", "argocd", "--create-namespace", *options)
