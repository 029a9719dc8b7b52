"""A cluster in which somebody else has been before us."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.projects.others import Others
from tests.engine.site import Site


@pytest.fixture
def others(site: Site) -> Iterator[Others]:
    """The cluster without anything of ours, as others find it; what they leave in `argocd` is taken away."""
    if site.engine.resources():
        site.destroy()
    found = Others(site)
    yield found
    if site.engine.resources():
        site.destroy()
    site.take_finalizers_off(*found.applications())
    site.kubectl("delete", "namespace", "argocd", "--ignore-not-found", "--timeout=300s")
