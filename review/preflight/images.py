"""The row about images: whether the nodes can pull what Argo CD and its Applications run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.objects import applications
from components.cluster.offline import is_offline
from components.settings import Settings
from review.preflight.cluster import API
from review.preflight.rows import Check
from tools.command_line import Mark, Row
from tools.images import IMAGES, images_row

_PATIENCE = 2.0


def images_check(settings: Settings) -> Check:
    """Return the check of the images that Argo CD's settings name, and that live Applications run."""
    return Check(IMAGES, lambda: [_row(settings)], "", Mark.SKIPPED)


def _row(settings: Settings) -> Row:
    try:
        live = [] if is_offline() else _live(settings)
    except ClusterError:
        return Row(Mark.SKIPPED, IMAGES, f"needs the row {API!r}")
    return images_row(settings, live)


def _live(settings: Settings) -> Sequence[Mapping[str, Any]]:
    with Reader(settings.cluster.context, patience=_PATIENCE) as reader:
        return applications(reader, settings.argocd.namespace)
