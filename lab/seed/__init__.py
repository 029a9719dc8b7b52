"""What Kubespray left in the cluster before our program came: CoreDNS and the node-local DNS cache.

Created once. A cluster that has these objects already keeps them, edits included, as a real one would
until Kubespray runs again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from lightkube import Client, codecs

from lab.control_plane import create_missing

# Kubespray applies its files with kubectl, which leaves these two traces on the objects.
_FIELD_MANAGER = "kubectl-client-side-apply"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def sow(client: Client) -> None:
    """Create the objects that are not there yet."""
    for manifest in manifests():
        create_missing(client, codecs.from_dict(manifest), _FIELD_MANAGER)


def manifests() -> list[dict[str, Any]]:
    """Return the objects as kubectl would send them."""
    files = sorted(Path(__file__).parent.glob("*.yaml"))
    texts = (file.read_text(encoding="utf-8") for file in files)
    return [_as_applied(manifest) for text in texts for manifest in yaml.safe_load_all(text)]


def _as_applied(manifest: dict[str, Any]) -> dict[str, Any]:
    metadata = manifest["metadata"]
    metadata.setdefault("annotations", {})
    applied = json.dumps(manifest, separators=(",", ":"), sort_keys=True) + "\n"
    metadata["annotations"][_LAST_APPLIED] = applied
    return manifest
