"""Fixtures: a GitLab on loopback, and waits that a test can sit out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.projects import gitlab_session
from tests.review.gitlab import GitLab, serving


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    """GitLab's stand-in under the sub-path /gitlab, with the merge request !7."""
    monkeypatch.setattr(
        gitlab_session, "PATIENCE", gitlab_session.PATIENCE.new(backoff_factor=0.005, retry_after_max=1)
    )
    with serving(GitLab()) as running:
        yield running
