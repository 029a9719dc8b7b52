"""What to do about a Helm release that a killed run has left in the middle of its work."""

from __future__ import annotations

from components.cluster import ClusterError
from components.live import RELEASE, HelmRelease
from components.settings import Settings

_AT_WORK = "pending-"
_GONE = ("uninstalling", "uninstalled")
_TAKEN_OVER = (
    "it deletes no workload, but only Helm's record of the unfinished work, and `up` takes over what that "
    "has made"
)


def cure(found: HelmRelease | None, urn: str, context: str, namespace: str) -> str:
    """Return the command after which Helm can work on a release again, "" if it can already.

    It takes out Helm's record of the unfinished work, and nothing of what the work has made: the next
    installation or upgrade knows that for its own by the labels and annotations that Helm has put on it.

    Args:
        found: the release in the cluster, None for none.
        urn: the release in Pulumi's state, "" for none.
        context: the kube-context.
        namespace: Argo CD's namespace.
    """
    stack = urn.partition("::")[0].rpartition(":")[2]
    forget = f"pulumi refresh --yes --stack {stack} --target '{urn}'" if urn else ""
    if found is None:
        return forget
    if not found.status.startswith(_AT_WORK) and found.status not in _GONE:
        return ""
    kubectl = f"kubectl --context {context} -n {namespace} delete secret"
    if found.status not in _GONE and found.revision > 1:
        return f"{kubectl} sh.helm.release.v1.{RELEASE}.v{found.revision}"
    return " && ".join(filter(None, [f"{kubectl} -l owner=helm,name={RELEASE}", forget]))


def release_error(settings: Settings, found: HelmRelease | None, urn: str = "") -> ClusterError | None:
    """Return why Helm would refuse to work on a release, with the command that cures it, or None.

    Args:
        settings: the stack's settings.
        found: the release in the cluster, None for none.
        urn: the release in Pulumi's state, "" for none.
    """
    namespace = settings.argocd.namespace
    command = cure(found, urn, settings.cluster.context, namespace)
    if not command:
        return None
    if found is None:
        return ClusterError(
            f"Pulumi's state has the Helm release {RELEASE!r}, but the namespace {namespace!r} has none",
            "a run that was killed while Helm uninstalled it has left this; Helm can neither upgrade nor "
            "uninstall what is not there",
            f"let Pulumi forget it, and the next `up` installs it:\n  {command}",
        )
    what = f"the Helm release {RELEASE!r} is {found.status} (revision {found.revision})"
    if found.status in _GONE:
        return ClusterError(
            what,
            "a run that was killed while Helm uninstalled it has left this; Helm refuses to upgrade it",
            f"to have it again, run this and then `up`; {_TAKEN_OVER}:\n  {command}\n"
            "to finish the removal instead, run `pulumi destroy` once more",
        )
    return ClusterError(
        what,
        "either a Helm is at work on it still, or it was killed; Helm refuses every further installation or "
        "upgrade until this one has an end",
        f"wait while a Pulumi or Helm is at work: it gives up after {settings.argocd.timeout_seconds} s. If "
        f"none is, run this and then `up`; {_TAKEN_OVER}:\n  {command}",
    )


def release_warning(found: HelmRelease | None, namespace: str) -> str:
    """Return what to tell of a release whose last installation or upgrade has failed; "" for any other."""
    if found is None or found.status != "failed":
        return ""
    return (
        f"the last work of Helm on the release {RELEASE!r} has failed (revision {found.revision}). An `up` "
        "that changes Argo CD does it again; to go back to what worked last, run "
        f"`helm -n {namespace} rollback {RELEASE}`"
    )
