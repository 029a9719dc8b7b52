"""Each `up` ends with what Argo CD itself says of the Applications that have changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lab.errors import LabError
from lab.first_sync.git_server import PRIVATE
from lab.first_sync.site import FirstSync
from lab.processes import wait_until
from tests.engine.first_sync.conftest import At

pytestmark = pytest.mark.engine

GIT = "http://git.protobox/gitlab"
DOCS = {"repository": f"{GIT}/protobox1/docserver.git"}
"""The one repository that there is."""
AUTOMATED = {"automated": {"prune": True}}
FORBIDS = {"shop": {"sourceRepos": [f"{GIT}/shop/*"], "destinations": [{"server": "*", "namespace": "*"}]}}
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "path": (
        {**DOCS, "path": "factory/CD/none"},
        "there is no such path in the repository at that revision",
        "app path does not exist",
    ),
    "revision": (
        {**DOCS, "revision": "nowhere"},
        "there is no such branch, tag or commit",
        "unable to resolve 'nowhere' to a commit SHA",
    ),
    "host": (
        {"repository": "http://gti.protobox/gitlab/protobox1/docserver.git"},
        "the host's name is not found where Argo CD asks for it",
        "no such host",
    ),
    "credentials": (
        {"repository": f"{GIT}/{PRIVATE}/docserver.git"},
        "the Git server refuses it without the right credentials",
        "authentication required",
    ),
    "AppProject": (
        {**DOCS, "appProject": "shop"},
        "its AppProject forbids it",
        "is not permitted in project 'shop'",
    ),
}
"""What is wrong → the project, and the cause and Argo CD's own words that `up` tells."""


@pytest.fixture(scope="module")
def site(at: At) -> Iterator[FirstSync]:
    """The site with an Argo CD that works, and a stack file that waits for its word."""
    at.move("dnsmasq")
    at.strategy = ""
    at.site.choose("dnsmasq", verify=False)  # a wrong host would not get past the proof of names
    at.site.declare("appProjects", FORBIDS)
    at.site.declare("defaults", {"wait": "compared"})
    at.site.up()
    # An Argo CD that has just been installed takes its time before its first look, on a busy machine.
    assert wait_until(lambda: at.site.status().sync in {"Synced", "OutOfSync"}, 120, pause=0.5)
    yield at.site
    at.site.declare("projects", {"docserver": {}})
    at.site.declare("defaults", {"wait": "none"})
    at.site.declare("appProjects", None)


def up(site: FirstSync) -> str:
    """Run `up`, and return what it printed, with single spaces."""
    return " ".join(site.up().split())


def failure_of(site: FirstSync) -> str:
    """Return what an `up` says that has to fail, with single spaces."""
    with pytest.raises(LabError) as failed:
        site.up()
    return " ".join(str(failed.value).split())


def test_a_good_project_is_compared_and_the_next_up_waits_for_nothing(site: FirstSync) -> None:
    site.declare("projects", {"docserver": {}, "good": DOCS})
    printed = up(site)
    # What it deploys is there already where another test has synchronised the same manifests.
    assert re.search(r"argo-good: OutOfSync (Missing|Healthy), [0-9a-f]{7}, after \d+ s", printed)
    assert "argo-docserver: " not in printed  # it has not changed
    assert "Comparison" not in up(site)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_argo_cd_cannot_compare_fails_the_up_with_its_words_the_cause_and_the_fix(
    site: FirstSync, wrong: str
) -> None:
    project, cause, words = WRONG[wrong]
    site.declare("projects", {"docserver": {}, "wrong": project})
    printed = failure_of(site)
    assert f"argo-wrong (protobox-cd:projects.wrong): {cause}" in printed
    assert words in printed
    assert "Traceback" not in printed
    took = re.search(r"1 of 1 Application, after (\d+) s", printed)
    assert took
    assert int(took[1]) <= 15
    assert "argo-wrong" in site.declared()
    told = site.made_status()
    (row,) = [row for row in told["applications"] if row["name"] == "argo-wrong"]
    assert (told["degraded"], row["error"]) == (True, cause)


def test_a_mended_project_passes_and_may_be_waited_for_until_it_is_healthy(site: FirstSync) -> None:
    healthy = {**DOCS, "syncPolicy": AUTOMATED, "wait": "healthy"}
    site.declare("projects", {"docserver": {}, "wrong": healthy})
    printed = up(site)
    assert re.search(r"argo-wrong: Synced Healthy, [0-9a-f]{7}, after \d+ s", printed)
    (row,) = [row for row in site.made_status()["applications"] if row["name"] == "argo-wrong"]
    assert (row["sync"], row["health"], row["error"]) == ("Synced", "Healthy", "")
    assert row["deployed"]
    assert row["since"]


def test_many_projects_are_no_lines_each(site: FirstSync) -> None:
    site.declare("projects", {"docserver": {}, **{f"p{number}": DOCS for number in range(12)}})
    printed = up(site)
    assert re.search(r"Argo CD is done with 1[0-9] of 1[0-9] after \d+ s", printed)
    assert "argo-p1:" not in printed
