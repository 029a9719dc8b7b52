"""What is known of argo-helm's charts without reading them: their Argo CD, and the Kubernetes they take."""

from __future__ import annotations

from dataclasses import dataclass

from semantic_version import Version


@dataclass(frozen=True)
class Release:
    """The charts of one minor version of Argo CD.

    Attributes:
        first: the first chart with this minor version.
        last: the last one, which is the one to take.
        argo_cd: the minor version of Argo CD: `3.4`.
        kube_version: the chart's `kubeVersion`, which Helm insists on.
        tested: the first and last minor version of Kubernetes 1 that Argo CD is tested with; None where
            it is not known.
    """

    first: str
    last: str
    argo_cd: str
    kube_version: str
    tested: tuple[int, int] | None


RELEASES = (
    Release("6.8.0", "7.3.11", "2.11", ">=1.23.0-0", (25, 29)),
    Release("7.4.0", "7.6.12", "2.12", ">=1.25.0-0", None),
    Release("7.7.0", "7.7.23", "2.13", ">=1.25.0-0", None),
    Release("7.8.0", "7.9.1", "2.14", ">=1.25.0-0", None),
    Release("8.0.0", "8.2.7", "3.0", ">=1.25.0-0", (29, 32)),
    Release("8.3.0", "9.0.6", "3.1", ">=1.25.0-0", (31, 34)),
    Release("9.1.0", "9.3.7", "3.2", ">=1.25.0-0", (31, 34)),
    Release("9.4.0", "9.5.11", "3.3", ">=1.25.0-0", (32, 35)),
    Release("9.5.12", "10.1.1", "3.4", ">=1.25.0-0", (32, 35)),
)
"""Oldest first. Sources: argo-helm, `charts/argo-cd/Chart.yaml` at each tag up to argo-cd-10.1.1 (appVersion
and kubeVersion); Argo CD, `docs/operator-manual/tested-kubernetes-versions.md` of each release."""


def release_of_chart(version: str) -> Release | None:
    """Return the release that the chart `version` belongs to; None if the chart is older or newer than all.

    Raises:
        ValueError: `version` is no semantic version.
    """
    chart = Version(version.removeprefix("v")).truncate()
    return next((r for r in RELEASES if Version(r.first) <= chart <= Version(r.last)), None)


def release_of_argo_cd(version: str) -> Release | None:
    """Return the release of Argo CD `version` (`v3.4.4`); None if it is not known."""
    minor = ".".join(version.removeprefix("v").split(".")[:2])
    return next((release for release in RELEASES if release.argo_cd == minor), None)


def tested_with(minor: int) -> Release | None:
    """Return the newest release that is tested with Kubernetes 1.`minor`; None if none is known to be."""
    fitting = (r for r in reversed(RELEASES) if r.tested and r.tested[0] <= minor <= r.tested[1])
    return next(fitting, None)
