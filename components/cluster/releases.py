"""A Helm release that a killed run has left in the middle of its work: what the next `up` makes of it.

Helm keeps a record of each revision, a Secret. As long as the last one says that a Helm is at work, every
further Helm refuses. Taking that record out deletes no workload: the next installation or upgrade knows what
is there for its own by the labels and annotations that Helm has put on it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.helm_records import OF_HELM, RELEASE, HelmRelease, failed_record, record_name
from components.cluster.live import Live
from components.cluster.objects import items

_AT_WORK = "pending-"
_GONE = ("uninstalling", "uninstalled")
_OF_PULUMI = "pulumi"
"""How the name begins under which Pulumi's plugin writes; the `helm` command writes as `Helm`."""
_MADE_AGAIN = "made again by protobox-cd after a run that was killed while it uninstalled it"


@dataclass(frozen=True)
class Unfinished:
    """What a run that was killed has left of a release.

    Attributes:
        found: Helm's last record; None if there is none although Pulumi's state has the release.
        urn: the release in Pulumi's state, "" for none.
        namespace: where it is.
        patience: for how many seconds a Helm that is at work may go on without a word.
    """

    found: HelmRelease | None
    urn: str
    namespace: str
    patience: int

    @property
    def is_of_pulumi(self) -> bool:
        """Whether a Pulumi has written the record: on what is this stack's, none but this run is at work."""
        return self.found is None or self.found.writer.startswith(_OF_PULUMI)

    @property
    def what(self) -> str:
        """What it is, in words."""
        if self.found is None:
            namespace = f"the namespace {self.namespace!r}"
            return f"Pulumi's state has the Helm release {RELEASE!r}, but {namespace} has none"
        return f"the Helm release {RELEASE!r} is {self.found.status} (revision {self.found.revision})"

    @property
    def description(self) -> str:
        """A new description, by which the engine notices that the release is to be made again; or ""."""
        is_new = self.urn and self._is_forgotten
        return f"{_MADE_AGAIN}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S}" if is_new else ""

    def seconds_left(self, now: float) -> float:
        """Return for how long a Helm that has written the record may still be at work on it.

        `now` is by the API server's clock, which has dated the record, too; it may have been set back since.
        """
        return min(max(0.0, self.found.since + self.patience - now), self.patience) if self.found else 0.0

    def after(self, live: Live) -> Live:
        """Return what the cluster has once `take_up` has run."""
        is_there = self.urn or not self._is_forgotten
        return live if is_there else replace(live, releases={})

    def warning(self) -> str:
        """Return what `up` does about it."""
        if self.found is None:
            return f"{self.what}; `up` installs it again"
        removed = self.found.status in _GONE
        return (
            f"{self.what}: a run was killed while Helm was at work. `up` takes that record out, once it is "
            f"older than {self.patience} s, and goes on from what is there; no workload is deleted"
            + (". To finish the removal instead: `pulumi destroy`" if removed else "")
        )

    def error(self, context: str) -> ClusterError:
        """Return why nothing is done about a record that somebody else has written."""
        return ClusterError(
            self.what,
            "somebody else's Helm is at work on it, or was killed; Helm refuses every further installation "
            "or upgrade until this has an end",
            f"wait while it is at work, or roll it back (helm -n {self.namespace} rollback {RELEASE}). If it "
            "is dead, take its record out, which deletes no workload, and run this again:\n"
            f"  kubectl --context {context} -n {self.namespace} delete secret {self._record}",
        )

    def take_up(self, cluster: Reader) -> None:
        """Make Helm's records such that it installs or upgrades the release.

        Where Pulumi's state has a release that Helm has not, Helm is given a record of an empty one that has
        failed: Pulumi will upgrade it, and Helm upgrades nothing that it does not know.

        Raises:
            ClusterError: the API server does not answer, or forbids it.
        """
        secrets = f"/api/v1/namespaces/{self.namespace}/secrets"
        records = cluster.get(secrets, metadata_only=True, labelSelector=f"{OF_HELM},name={RELEASE}")
        names = [record["metadata"]["name"] for record in items(records)]
        for name in names if self._is_forgotten else [self._record]:
            cluster.delete(f"{secrets}/{name}")
        if self.urn and self._is_forgotten:
            cluster.ask(secrets, failed_record(self.namespace, _MADE_AGAIN))

    @property
    def _is_forgotten(self) -> bool:
        """Whether no record of before would be left that Helm could go on from."""
        return self.found is None or self.found.status in _GONE or self.found.revision == 1

    @property
    def _record(self) -> str:
        return record_name(self.found.revision if self.found else 1)


def unfinished(
    namespace: str, timeout_seconds: int, found: HelmRelease | None, urn: str = ""
) -> Unfinished | None:
    """Return what is unfinished of Argo CD's release, None if Helm can work on it.

    Helm waits for `timeout_seconds` at most. `found` is the release in the cluster, `urn` the one in Pulumi's
    state, if that has it in Argo CD's namespace.
    """
    stuck = found.status.startswith(_AT_WORK) or found.status in _GONE if found else bool(urn)
    return Unfinished(found, urn, namespace, timeout_seconds) if stuck else None


def release_warning(found: HelmRelease | None, namespace: str) -> str:
    """Return what to tell of a release whose last installation or upgrade has failed; "" for any other."""
    if found is None or found.status != "failed":
        return ""
    return (
        f"the last work of Helm on the release {RELEASE!r} has failed (revision {found.revision}). An `up` "
        "that changes Argo CD does it again; to go back to what worked last, run "
        f"`helm -n {namespace} rollback {RELEASE}`"
    )
