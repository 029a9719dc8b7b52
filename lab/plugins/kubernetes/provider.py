"""The stand-in for the Kubernetes plugin: which part answers which call, and what works without a cluster."""

import os
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lab.plugins.kubernetes.settings import Settings, compare_settings, read_settings, unsupported
from lab.plugins.properties import Properties
from lab.plugins.serve import Checked, Difference, Found, Old, Refusal, Resource, StandIn
from lab.plugins.versions import sdk_version

if TYPE_CHECKING:
    from lab.plugins.kubernetes.objects import Objects
    from lab.plugins.kubernetes.release import Releases

_IMPORTING = threading.Lock()

RELEASE = "kubernetes:helm.sh/v3:Release"


class Kubernetes(StandIn):
    """Objects and Helm releases of one cluster."""

    name = "kubernetes"
    version = sdk_version("kubernetes")
    supports_autonaming = True

    _unreachable = ""
    _settings = Settings()
    _warned = False

    def warm_up(self) -> None:
        """Import the HTTP client while the engine is still starting the program."""
        # Two threads must not import it at the same time: its modules import each other in a circle.
        with _IMPORTING:
            import lightkube  # noqa: F401, PLC0415

    def check_config(self, news: Properties) -> Checked:
        """Refuse the settings that change what the whole plugin does."""
        return Checked(news, unsupported(news))

    def diff_config(self, olds: Properties, news: Properties) -> Difference:
        """Another cluster replaces everything; other settings replace nothing."""
        return Difference(compare_settings(olds, news, os.environ))

    def configure(self, variables: Mapping[str, str]) -> None:
        """Connect. A cluster that cannot be reached is no error yet: a preview may do without."""
        self.warm_up()
        from lab.plugins.kubernetes.api import connect  # noqa: PLC0415 - slow to import, see warm_up
        from lab.plugins.kubernetes.helm import Helm  # noqa: PLC0415
        from lab.plugins.kubernetes.objects import Objects  # noqa: PLC0415
        from lab.plugins.kubernetes.release import Releases  # noqa: PLC0415

        self._settings = settings = read_settings(variables, os.environ)
        api = None
        namespace = settings.namespace or "default"
        try:
            api, config = connect(settings)
            namespace = settings.namespace or config.namespace
        except Refusal as error:
            self._unreachable = str(error)
        self._objects = Objects(api, settings, namespace, self.engine, self.cancelled)
        self._releases = Releases(Helm(settings), namespace, self.engine)

    def _part(self, resource: Resource) -> "Objects | Releases":
        return self._releases if resource.type == RELEASE else self._objects

    def check(self, resource: Resource, olds: Properties, news: Properties, proposed_name: str) -> Checked:
        """Fill in defaults; works without a cluster."""
        if self._unreachable and self._settings.skip_update_unreachable:
            self.engine.warn(
                "the cluster is unreachable; skipUpdateUnreachable leaves this as it is", resource.urn
            )
            return Checked(olds)
        if self._unreachable and not self._warned:
            self._warned = True
            self.engine.warn(
                f"the Kubernetes cluster is unreachable; a preview then shows the program's side only: "
                f"{self._unreachable}"
            )
        return self._part(resource).check(resource, olds, news, proposed_name)

    def diff(self, resource: Resource, old: Old, news: Properties, ignored: Sequence[str]) -> Difference:
        """Compare; works without a cluster."""
        return self._part(resource).diff(resource, old, news, ignored)

    def create(
        self, resource: Resource, news: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]:
        """Create; only a preview works without a cluster."""
        self._need_cluster(f"{resource.name} cannot be created", preview=preview)
        return self._part(resource).create(resource, news, timeout, preview=preview)

    def read(self, resource: Resource, old: Old) -> Found | None:
        """Read; without a cluster the settings may say to forget or to skip it."""
        if self._unreachable and self._settings.delete_unreachable:
            self.engine.warn(
                "the cluster is unreachable; deleteUnreachable removes this from the state", resource.urn
            )
            return None
        if self._unreachable and self._settings.skip_update_unreachable:
            self.engine.warn(
                "the cluster is unreachable; skipUpdateUnreachable leaves this as it is", resource.urn
            )
            return Found(old.resource_id, old.inputs, old.properties)
        self._need_cluster(f"{resource.name} cannot be read", forget=True)
        return self._part(resource).read(resource, old)

    def update(  # noqa: PLR0913 - as the protocol
        self,
        resource: Resource,
        old: Old,
        news: Properties,
        ignored: Sequence[str],
        timeout: float,
        *,
        preview: bool,
    ) -> Properties:
        """Change; only a preview works without a cluster."""
        self._need_cluster(f"{resource.name} cannot be changed", preview=preview)
        return self._part(resource).update(resource, old, news, ignored, timeout, preview=preview)

    def delete(self, resource: Resource, old: Old, timeout: float) -> None:
        """Delete; without a cluster the settings may say to forget it."""
        if self._unreachable and self._settings.delete_unreachable and resource.type != RELEASE:
            self.engine.warn(
                "the cluster is unreachable; deleteUnreachable removes this from the state", resource.urn
            )
            return
        self._need_cluster(f"{resource.name} cannot be deleted", forget=True)
        self._part(resource).delete(resource, old, timeout)

    def _need_cluster(self, what: str, *, preview: bool = False, forget: bool = False) -> None:
        if not self._unreachable or preview:
            return
        hint = (
            ". If the cluster is gone for good, PULUMI_K8S_DELETE_UNREACHABLE=true removes it from the state"
            if forget
            else ""
        )
        raise Refusal(f"{what}: the Kubernetes cluster is unreachable: {self._unreachable}{hint}")
