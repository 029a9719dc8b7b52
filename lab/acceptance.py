"""Whether the lab's API server would take a manifest, Argo CD's kinds among them: for tests."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from lab.errors import LabError
from lab.processes import wait_until
from lab.programs import Programs

HELMS = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "argocd", "meta.helm.sh/release-namespace": "argocd"},
}
"""Metadata that tells Helm that an object belongs to the release `argocd`, so that it takes it over."""

_APPLY = ("apply", "--server-side", "--force-conflicts", "--field-manager=lab", "--filename=-")
_EVERYWHERE = "default"
"""A namespace that every cluster has."""
_SECONDS_TO_SERVE = 20


def install_crds(programs: Programs, environment: Mapping[str, str]) -> None:
    """Give the cluster Argo CD's CRDs as an uninstalled release leaves them: a later one takes them over.

    Raises:
        LabError: the API server does not serve their kinds.
    """
    # The parser in C: the one in Python needs seconds for the largest of them.
    crds = [yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader) for file in programs.argocd_crds]
    for crd in crds:
        crd["metadata"]["annotations"] = HELMS["annotations"]
        crd["metadata"]["labels"] |= HELMS["labels"]
    names = ",".join(crd["metadata"]["name"] for crd in crds)
    if failed := _failure(programs, environment, _APPLY, crds):
        raise LabError(f"The API server does not take Argo CD's CRDs: {failed}")
    if not wait_until(lambda: not _failure(programs, environment, ("get", names), []), _SECONDS_TO_SERVE):
        raise LabError(f"The API server does not serve Argo CD's kinds after {_SECONDS_TO_SERVE} s.")


def refusal(programs: Programs, environment: Mapping[str, str], manifest: Mapping[str, Any]) -> str:
    """Return why the API server refuses to create an object from `manifest`; nothing if it would.

    Unknown fields and wrong types are refused, and nothing is written. The namespace of the manifest need not
    exist.
    """
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
    strictly = (*_APPLY, "--dry-run=server", "--validate=strict", f"--namespace={_EVERYWHERE}")
    return _failure(programs, environment, strictly, [{**manifest, "metadata": metadata}])


def _failure(
    programs: Programs,
    environment: Mapping[str, str],
    arguments: tuple[str, ...],
    manifests: Sequence[Mapping[str, Any]],
) -> str:
    """Run kubectl with `manifests` as its input, and return what it complains of."""
    done = subprocess.run(
        [programs.kubectl, *arguments],
        input=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""
