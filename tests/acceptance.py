"""Whether the lab's API server would take a manifest, Argo CD's kinds among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import yaml
from lightkube import KubeConfig
from lightkube.config import client_adapter

from lab.errors import LabError
from lab.first_sync.argocd import HELMS
from lab.lab import Lab
from lab.processes import wait_until

_CRDS = "/apis/apiextensions.k8s.io/v1"
_EVERYWHERE = "default"
"""A namespace that every cluster has."""
_SECONDS_TO_SERVE = 180
_STRICTLY = {"dryRun": "All", "fieldValidation": "Strict"}
_APPLY = {"Content-Type": "application/apply-patch+yaml"}


def install_crds(lab: Lab) -> None:
    """Give the cluster Argo CD's CRDs as an uninstalled release leaves them: a later one takes them over.

    Raises:
        LabError: the API server does not serve their kinds.
    """
    # The parser in C: the one in Python needs seconds for the largest of them.
    crds = [yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in lab.programs.argocd_crds]
    with _api_server(lab.kubeconfig) as http:
        for crd in crds:
            crd["metadata"]["annotations"] = HELMS["annotations"]
            crd["metadata"]["labels"] |= HELMS["labels"]
            _apply(http, f"{_CRDS}/customresourcedefinitions", crd).raise_for_status()
        kinds = [(f"{crd['spec']['group']}/v1alpha1", crd["spec"]["names"]["kind"]) for crd in crds]
        if not wait_until(lambda: all(_resource(http, *kind) for kind in kinds), _SECONDS_TO_SERVE):
            raise LabError(f"The API server does not serve Argo CD's kinds after {_SECONDS_TO_SERVE} s.")


def refusal(lab: Lab, manifest: Mapping[str, Any]) -> str:
    """Return why the API server refuses to create an object from `manifest`; nothing if it would.

    It is asked as `kubectl apply --server-side --dry-run=server --validate=strict` does: unknown fields and
    wrong types are refused, and nothing is written. The namespace of the manifest need not exist. Argo CD's
    kinds need `install_crds`.
    """
    version, kind = manifest["apiVersion"], manifest["kind"]
    with _api_server(lab.kubeconfig) as http:
        resource = _resource(http, version, kind)
        if not resource:
            return f'no matches for kind "{kind}" in version "{version}"'
        place = _path(version)
        if resource["namespaced"]:
            manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": _EVERYWHERE}}
            place += f"/namespaces/{_EVERYWHERE}"
        answer = _apply(http, f"{place}/{resource['name']}", manifest, **_STRICTLY)
    return "" if answer.is_success else str(answer.json()["message"])


def _apply(http: httpx2.Client, place: str, manifest: Mapping[str, Any], **how: str) -> httpx2.Response:
    parameters = {"fieldManager": "lab", "force": "true", **how}
    path = f"{place}/{manifest['metadata']['name']}"
    return http.patch(path, params=parameters, content=json.dumps(manifest), headers=_APPLY)


def _resource(http: httpx2.Client, version: str, kind: str) -> Mapping[str, Any] | None:
    """Return what the API server says of a kind; None if it does not serve it."""
    answer = http.get(_path(version))
    resources = answer.json().get("resources", []) if answer.is_success else []
    return next((one for one in resources if one["kind"] == kind and "/" not in one["name"]), None)


def _path(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _api_server(kubeconfig: Path) -> httpx2.Client:
    config = KubeConfig.from_file(kubeconfig).get()
    if config is None:
        raise LabError(f"{kubeconfig} has no current context.")
    return client_adapter.Client(
        config, client_adapter.ConnectionParams(timeout=httpx2.Timeout(120), trust_env=False)
    )
