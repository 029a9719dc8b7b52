"""Applications of files: as they are, but without what the cluster writes, and with names for raw IPs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.projects.application import Application, sources
from components.projects.cascade import FINALIZERS, without_cascade
from components.projects.crd import typed
from components.projects.git import GitSettings
from components.projects.manifest_files import ManifestFiles
from components.projects.section import ProjectDefaults
from components.stackfile.urls import with_host_name

WRITTEN_BY_ARGO_CD = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", "argocd.argoproj.io/refresh"}
)


def of_files(
    files: Sequence[ManifestFiles], defaults: ProjectDefaults, git: GitSettings, namespace: str
) -> Iterator[Application]:
    """Yield the Application of each file."""
    for number, entry in enumerate(files):
        for read in entry.applications:
            fitting, misfits = typed("Application", read.content)
            metadata, spec = metadata_of_file(fitting["metadata"], namespace), fitting["spec"]
            finalizers = metadata.pop("finalizers", [])
            if defaults.says_cascade:
                finalizers = [*without_cascade(finalizers), *FINALIZERS[defaults.cascade]]
            if finalizers:
                metadata["finalizers"] = list(dict.fromkeys(finalizers))
            for _, source in sources(spec):
                if "repoURL" in source:
                    source["repoURL"] = with_host_name(source["repoURL"], git.hosts)
            manifest = {
                "apiVersion": read.content["apiVersion"],
                "kind": "Application",
                "metadata": metadata,
                "spec": spec,
            }
            yield Application(manifest, ("manifests", number), defaults, read, misfits=misfits)


def metadata_of_file(metadata: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """Return what a file's author says of an object, with `namespace` where the file names none."""
    kept = ("name", "namespace", "labels", "annotations", "finalizers")
    found = {"namespace": namespace, **{key: metadata[key] for key in kept if metadata.get(key)}}
    if "annotations" in found:
        found["annotations"] = {k: v for k, v in found["annotations"].items() if k not in WRITTEN_BY_ARGO_CD}
    return found
