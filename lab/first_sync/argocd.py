"""What a person does with the site's Argo CD, and sees of it: the role's install, the Application, Sync."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lightkube import codecs
from lightkube.core.resource import NamespacedResource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.resources.core_v1 import Namespace, Secret
from lightkube.types import PatchType

from lab.control_plane import cluster_client, exists
from lab.errors import LabError
from lab.first_sync.git_server import PREFIX
from lab.first_sync.pods import NAMESPACE
from lab.first_sync.repository import BRANCH, GROUP, PATH, PROJECT
from lab.first_sync.server import api
from lab.local_stack import Application
from lab.processes import wait_until

APPLICATION = "argo-docserver"
HELMS = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "argocd", "meta.helm.sh/release-namespace": "argocd"},
}
"""Metadata that tells Helm that an object belongs to the release `argocd`, so that it takes it over."""
_ROLE = "ansible"
_SECONDS_TO_GO = 180
_SECONDS_BETWEEN_REFRESHES = 5.0


@dataclass(frozen=True)
class Status:
    """What Argo CD says of the Application."""

    sync: str = ""
    health: str = ""
    revision: str = ""
    error: str = ""
    """The messages of its error conditions."""
    operation: str = ""
    """How the last sync ended, such as `Succeeded`; `Running` until then."""

    def __str__(self) -> str:
        last = f", last sync {self.operation}" if self.operation else ""
        return self.error or f"{self.sync or 'Unknown'} {self.health or 'Unknown'}{last}"


class ArgoCD:
    """The site's Argo CD.

    Args:
        kubeconfig: how to reach its cluster.
        manifest: Argo CD's own file to install it from.
    """

    def __init__(self, kubeconfig: Path, manifest: Path) -> None:
        self._kubeconfig = kubeconfig
        self._manifest = manifest

    def install_as_the_role_did(self) -> None:
        """Install it from its own manifests, as the Ansible role did."""
        with cluster_client(self._kubeconfig) as client:
            client.apply(Namespace(metadata=ObjectMeta(name=NAMESPACE)), field_manager=_ROLE)
            # An init container of Redis makes this password; no program runs in a pod of this cluster.
            auth = base64.b64encode(secrets.token_hex(8).encode()).decode()
            password = ObjectMeta(name="argocd-redis", namespace=NAMESPACE)
            client.apply(Secret(metadata=password, data={"auth": auth}), field_manager=_ROLE)
            with self._manifest.open(encoding="utf-8") as file:
                for item in codecs.load_all_yaml(file):
                    if isinstance(item, NamespacedResource) and item.metadata:
                        item.metadata.namespace = NAMESPACE
                    client.apply(item, field_manager=_ROLE, force=True)

    def hand_over(self) -> None:
        """Take away the role's Argo CD as the docs tell: the CRDs become Helm's, and the workload stays.

        Raises:
            LabError: it does not go.
        """
        with cluster_client(self._kubeconfig) as client:
            for crd in client.list(CustomResourceDefinition):
                name = str(crd.metadata.name if crd.metadata else "")
                if name.endswith(".argoproj.io"):
                    client.patch(CustomResourceDefinition, name, {"metadata": HELMS})
            client.delete(Namespace, NAMESPACE)
            if not wait_until(lambda: not exists(client, Namespace, NAMESPACE), _SECONDS_TO_GO, pause=0.2):
                raise LabError(f"The namespace {NAMESPACE} is not gone after {_SECONDS_TO_GO} s.")

    def declare_by_hand(self, host: str) -> None:
        """Apply the page's own application.yml, with `host` in its repository link."""
        source = {
            "repoURL": f"http://{host}{PREFIX}/{GROUP}/{PROJECT}.git",
            "targetRevision": BRANCH,
            "path": PATH,
        }
        spec = {
            "project": "default",
            "source": source,
            "destination": {"server": "https://kubernetes.default.svc"},
            "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
        }
        metadata = ObjectMeta(name=APPLICATION, namespace=NAMESPACE)
        with cluster_client(self._kubeconfig) as client:
            client.apply(Application(metadata=metadata, spec=spec), field_manager=_ROLE, force=True)

    def refresh(self) -> None:
        """Let it look at the repository again, without what it remembers of it."""
        patch = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}
        with cluster_client(self._kubeconfig) as client:
            client.patch(Application, APPLICATION, patch, namespace=NAMESPACE, patch_type=PatchType.MERGE)

    def press_sync(self) -> None:
        """Press Sync: what the web page then sends to argocd-server."""
        api(f"applications/{APPLICATION}/sync", {"revision": BRANCH, "prune": False})

    def status(self) -> Status:
        """Return what it says of the Application now."""
        with cluster_client(self._kubeconfig) as client:
            application = client.get(Application, APPLICATION, namespace=NAMESPACE)
        status = application.get("status") or {}
        sync, health = status.get("sync") or {}, status.get("health") or {}
        conditions = status.get("conditions") or []
        errors = [condition["message"] for condition in conditions if condition["type"].endswith("Error")]
        ended = (status.get("operationState") or {}).get("phase", "")
        return Status(
            sync.get("status", ""),
            health.get("status", ""),
            sync.get("revision", ""),
            "\n".join(errors),
            "Running" if application.get("operation") else ended,
        )

    def syncs(self) -> tuple[str, int]:
        """Return when the last sync began, and how many it remembers."""
        with cluster_client(self._kubeconfig) as client:
            status = client.get(Application, APPLICATION, namespace=NAMESPACE).get("status") or {}
        begun = (status.get("operationState") or {}).get("startedAt", "")
        return str(begun), len(status.get("history") or [])

    def annotations(self) -> dict[str, str]:
        """Return the Application's annotations."""
        with cluster_client(self._kubeconfig) as client:
            metadata = client.get(Application, APPLICATION, namespace=NAMESPACE).metadata
        return dict((metadata.annotations if metadata else None) or {})

    def wait_for_error(self, text: str, seconds: float = 180.0) -> Status:
        """Wait until it reports an error that contains `text`.

        Raises:
            LabError: it did not within `seconds`.
        """
        return self._wait(lambda status: text in status.error, f"an error with {text!r}", seconds)

    def wait_for_revision(self, revision: str, seconds: float = 180.0) -> Status:
        """Wait until it has noticed `revision`.

        Raises:
            LabError: it has not within `seconds`.
        """
        return self._wait(lambda status: status.revision == revision, f"the revision {revision}", seconds)

    def sync(self, revision: str = "", seconds: float = 180.0) -> Status:
        """Press Sync, and wait until that is done and the Application is Synced, Healthy and at `revision`.

        Raises:
            LabError: it is not within `seconds`.
        """
        self._wait(lambda status: status.sync in {"Synced", "OutOfSync"}, "a comparison", seconds)
        self.press_sync()
        wanted = ("Synced", "Healthy", "Succeeded")

        def done(status: Status) -> bool:
            found = (status.sync, status.health, status.operation)
            return found == wanted and status.revision.startswith(revision)

        return self._wait(done, f"Synced Healthy {revision}".rstrip(), seconds)

    def _wait(self, wanted: Callable[[Status], bool], what: str, seconds: float) -> Status:
        end = time.monotonic() + seconds
        refreshed = time.monotonic()
        while not wanted(status := self.status()):
            if time.monotonic() > end:
                raise LabError(f"After {seconds:.0f} s Argo CD does not report {what}, but: {status}")
            if time.monotonic() - refreshed > _SECONDS_BETWEEN_REFRESHES:
                self.refresh()  # by itself it would look again after minutes
                refreshed = time.monotonic()
            time.sleep(0.2)
        return status
