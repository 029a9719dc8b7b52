"""Fixtures: a GitLab on loopback, and waits that a test can sit out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from review import gitlab_session
from tests.review.gitlab import GitLab, serving


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLab]:
    """GitLab's stand-in under the sub-path /gitlab, with the merge request !7."""
    monkeypatch.setattr(gitlab_session, "FIRST_WAIT_SECONDS", 0.005)
    with serving(GitLab()) as running:
        yield running
