"""What a colleague, or the Ansible role, has done to the cluster with Helm and kubectl."""

from __future__ import annotations

import json
import sys
from typing import Any

import yaml

from lab.local_stack import ROOT, Application
from tests.engine.site import Site
from tests.lab.helm import helm

CHART = ROOT / "lab" / "charts" / "argo-cd"
PROGRAM = ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m"]
"""How a program of ours is run in another folder."""


class Others:
    """Works on the cluster beside the stack."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.run, self.kubectl = site.run, site.kubectl

    def helm(self, *arguments: str) -> str:
        """Run Helm."""
        return self.run(str(helm()), *arguments)

    def install_by_helm(self, *values: str) -> None:
        """Install Argo CD as the role did, with Helm and with `values`, such as `server.replicas=2`."""
        given = [argument for value in values for argument in ("--set", value)]
        where = ("--namespace", "argocd", "--create-namespace", "--wait")
        self.helm("install", "argocd", str(CHART), *where, *given)

    def install_plain(self) -> None:
        """Install Argo CD from plain manifests: no Helm release knows of them."""
        self.kubectl("create", "namespace", "argocd")
        rendered = self.helm(
            "template",
            "argocd",
            str(CHART),
            "--namespace",
            "argocd",
            "--no-hooks",
            "--kube-version",
            "1.35.0",
        )
        self.kubectl("apply", "--server-side", "--namespace", "argocd", "--filename", "-", given=rendered)

    def apply_application(
        self, name: str, project: str, host: str = "192.168.1.7", *how: str, **metadata: Any
    ) -> dict[str, Any]:
        """Apply an Application as the page's file has it, by address; return its manifest.

        `how` are options of `kubectl apply`.
        """
        manifest = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd", **metadata},
            "spec": {
                "project": "default",
                "source": {
                    "repoURL": f"http://{host}/gitlab/protobox1/{project}.git",
                    "targetRevision": "CD",
                    "path": "factory/CD/base",
                },
                "destination": {"server": "https://kubernetes.default.svc"},
            },
        }
        self.kubectl("apply", *how, "--filename", "-", given=yaml.safe_dump(manifest))
        return manifest

    def let_go(self) -> str:
        """Run `make forget`, without the question."""
        return self.run(*PROGRAM, "tools.forget", "local", "--yes")

    def namespace(self) -> dict[str, Any]:
        """Return the metadata of Argo CD's namespace."""
        found: dict[str, Any] = json.loads(self.kubectl("get", "namespace", "argocd", "-o", "json"))
        return dict(found["metadata"])

    def applications(self) -> dict[str, tuple[str, int]]:
        """Return Application name → UID and generation."""
        found = json.loads(self.kubectl("get", "applications", "-n", "argocd", "-o", "json"))["items"]
        metadata = [one["metadata"] for one in found]
        return {one["name"]: (one["uid"], one["generation"]) for one in metadata}

    def workloads(self) -> dict[str, tuple[str, int]]:
        """Return Argo CD's workloads, pods too → UID and generation, which a new or changed one has not."""
        found = json.loads(self.kubectl("get", "deploy,sts,po", "-n", "argocd", "-o", "json"))["items"]
        return {
            f"{one['kind']}/{one['metadata']['name']}": (
                one["metadata"]["uid"],
                one["metadata"].get("generation", 0),
            )
            for one in found
            if "secret-init" not in one["metadata"]["name"]  # the pod of a Helm hook
        }

    def application(self, name: str) -> dict[str, Any]:
        """Return an Application as the cluster has it."""
        with self.site.lab.client() as client:
            return dict(client.get(Application, name, namespace="argocd"))
