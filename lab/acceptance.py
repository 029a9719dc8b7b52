"""Whether the lab's API server would take a manifest, Argo CD's kinds among them: for tests."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import yaml

from lab.errors import LabError
from lab.plugins.kubernetes.api import Api, ApiError, UnknownKindError, connect
from lab.plugins.kubernetes.manifest import Kind, Manifest
from lab.plugins.kubernetes.settings import Settings
from lab.processes import wait_until
from lab.programs import Programs

HELMS = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "argocd", "meta.helm.sh/release-namespace": "argocd"},
}
"""Metadata that tells Helm that an object belongs to the release `argocd`, so that it takes it over."""

_MANAGER = "lab"
_EVERYWHERE = "default"
"""A namespace that every cluster has."""
_SECONDS_TO_SERVE = 20


def install_crds(kubeconfig: Path, programs: Programs) -> None:
    """Give the cluster Argo CD's CRDs as an uninstalled release leaves them: a later one takes them over.

    Raises:
        LabError: the API server does not serve their kinds.
    """
    # The parser in C: the one in Python needs seconds for the largest of them.
    crds = [yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in programs.argocd_crds]
    with _api(kubeconfig) as api:
        for crd in crds:
            _apply(api, crd)
        kinds = [_kind(crd["spec"]) for crd in crds]
        if not wait_until(lambda: all(api.find(kind, look_again=True) for kind in kinds), _SECONDS_TO_SERVE):
            raise LabError(f"The API server does not serve Argo CD's kinds after {_SECONDS_TO_SERVE} s.")


def _apply(api: Api, crd: Manifest) -> None:
    metadata = {**crd["metadata"], **HELMS, "labels": {**crd["metadata"]["labels"], **HELMS["labels"]}}
    endpoint = api.endpoint(Kind(crd["apiVersion"], crd["kind"]))
    api.apply(endpoint, {**crd, "metadata": metadata}, _MANAGER, force=True, preview=False)


def _kind(spec: Manifest) -> Kind:
    """Return the kind that a CRD of this `spec` defines."""
    return Kind(f"{spec['group']}/{spec['versions'][0]['name']}", spec["names"]["kind"])


def refusal(kubeconfig: Path, manifest: Manifest) -> str:
    """Return why the API server refuses to create an object from `manifest`; nothing if it would.

    It is asked as `kubectl apply --server-side --dry-run=server --validate=strict` does: unknown fields and
    wrong types are refused, and nothing is written. The namespace of the manifest need not exist.
    """
    with _api(kubeconfig) as api:
        try:
            endpoint = api.endpoint(Kind(manifest["apiVersion"], manifest["kind"]))
            if endpoint.namespaced:
                manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": _EVERYWHERE}}
            api.apply(endpoint, manifest, _MANAGER, force=True, preview=True, strict=True)
        except (ApiError, UnknownKindError) as error:
            return str(error)
    return ""


def _api(kubeconfig: Path) -> closing[Api]:
    return closing(connect(Settings(kubeconfig=str(kubeconfig)))[0])
