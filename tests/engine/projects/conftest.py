"""A cluster in which somebody else has been before us."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Namespace

from lab.engine import stack_environment
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
    for name in found.applications():
        found.take_finalizers_off(name)
    with site.lab.client() as client:
        try:
            client.delete(Namespace, "argocd")
        except ApiError:
            return  # it went with the stack
    subprocess.run(
        ["kubectl", "wait", "--for=delete", "namespace/argocd", "--timeout=60s"],
        env=stack_environment(site.lab),
        capture_output=True,
        check=True,
    )
