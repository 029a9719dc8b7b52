"""Helm's records of its releases: a Secret for each revision of a release."""

from __future__ import annotations

import base64
import gzip
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from components.cluster.api import Reader
from components.cluster.objects import items, list_path

RELEASE = "argocd"
"""The name of Argo CD's Helm release. The chart names its workloads after it (`argocd-server`,
`argocd-repo-server`) only if it contains `argocd`."""

OF_HELM = "owner=helm"
"""The label of the Secrets that are Helm's records."""


@dataclass(frozen=True)
class HelmRelease:
    """The last record that Helm has of a release."""

    status: str = "deployed"
    revision: int = 1
    since: float = 0.0
    """When it was written, by the API server's clock, in seconds since 1970."""
    writer: str = ""
    """Who has written it last, as `metadata.managedFields` tells it."""


def helm_releases(reader: Reader, namespace: str) -> dict[str, HelmRelease]:
    """Return the Helm releases in a namespace, by name; ClusterError where they cannot be read."""
    return last_records(reader.get(list_path("Secret", namespace), metadata_only=True, labelSelector=OF_HELM))


def last_records(secrets: Any) -> dict[str, HelmRelease]:
    """Return the Helm releases of a list of Helm's Secrets, by name."""
    releases: dict[str, HelmRelease] = {}
    for item in items(secrets):
        labels, made = item["metadata"]["labels"], item["metadata"]["creationTimestamp"]
        fields = sorted(item["metadata"].get("managedFields") or [], key=lambda each: str(each.get("time")))
        last = fields[-1] if fields else {}
        # Not the label `modifiedAt`, which tells the clock of the machine on which that Helm was at work.
        since = datetime.fromisoformat(last.get("time") or made).timestamp()
        found = HelmRelease(labels["status"], int(labels["version"]), since, str(last.get("manager", "")))
        earlier = releases.get(labels["name"], found)
        releases[labels["name"]] = max(found, earlier, key=lambda each: each.revision)
    return releases


def record_name(revision: int) -> str:
    """Return the name of the Secret that is the record of a revision of Argo CD's release."""
    return f"sh.helm.release.v1.{RELEASE}.v{revision}"


def failed_record(namespace: str, description: str) -> dict[str, object]:
    """Return the record of an empty release that has failed: JSON, packed, in base64 twice, as Helm's are."""
    now = datetime.now(UTC).isoformat()
    release = {
        "name": RELEASE,
        "namespace": namespace,
        "version": 1,
        "info": {"first_deployed": now, "last_deployed": now, "status": "failed", "description": description},
        "chart": {"metadata": {"name": "none", "version": "0.0.0", "apiVersion": "v2"}},
    }
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode())))
    labels = {"modifiedAt": f"{time.time():.0f}", "name": RELEASE, "owner": "helm", "status": "failed"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "helm.sh/release.v1",
        "metadata": {"name": record_name(1), "labels": {**labels, "version": "1"}},
        "data": {"release": packed.decode()},
    }
