"""What Argo CD would ignore of a sync policy without a word."""

from __future__ import annotations

import pytest

from components.projects.sync_checks import meant_option


@pytest.mark.parametrize(
    "option",
    [
        "CreateNamespace=true",
        "Prune=confirm",
        "Delete=false",
        "PrunePropagationPolicy=orphan",
        "Validate=false",
    ],
)
def test_an_option_that_is_right_stays(option: str) -> None:
    assert meant_option(option) == ""


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("CreateNamespace=True", "CreateNamespace=true"),
        ("createNamespace=false", "CreateNamespace=false"),
        ("ServerSideApply", "ServerSideApply=true"),
        ("ServerSideAply=true", "ServerSideApply=true"),
        ("Prune = Confirm", "Prune=confirm"),
        ("PrunePropagationPolicy=forground", "PrunePropagationPolicy=foreground"),
        ("SomethingNewer=true", ""),
    ],
)
def test_an_option_with_other_letters_is_told_with_the_right_one(option: str, meant: str) -> None:
    assert meant_option(option) == meant
