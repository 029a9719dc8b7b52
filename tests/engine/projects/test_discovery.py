"""GitLab's projects are the stack's, as long as GitLab says all of it. On a stand-in of GitLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.conftest import a_site
from tests.engine.site import Site
from tests.review.gitlab.faults import Fault
from tests.review.gitlab.group import Group, Repository
from tests.review.gitlab.server import TOKEN, GitLab, serving

pytestmark = pytest.mark.engine

BASE = {"factory/CD/base/a.yaml": "a"}
OWN = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web-itself, namespace: argocd}
spec:
  project: default
  source: {repoURL: "http://git.protobox/gitlab/protobox1/web.git", targetRevision: CD, path: factory/CD/base}
  destination: {server: "https://kubernetes.default.svc", namespace: web}
"""


@pytest.fixture(scope="module")
def group() -> Group:
    return Group(repositories=[Repository(f"protobox1/{name}", BASE) for name in ("docserver", "shop")])


@pytest.fixture(scope="module")
def gitlab(group: Group) -> Iterator[GitLab]:
    with serving(GitLab(project=group)) as running:
        yield running


@pytest.fixture(scope="module")
def site(
    gitlab: GitLab, lab: object, originals: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROTOBOX_GITLAB_TOKEN", TOKEN)
        for site in a_site(lab, originals, tmp_path_factory.mktemp("discovered")):  # type: ignore[arg-type]
            site.edit("projects", None)
            site.edit("discover", {"group": "protobox1", "url": gitlab.url, "exclude": ["sandbox/*"]})
            yield site


def test_what_gitlab_has_is_declared_and_what_comes_and_goes_there_follows(site: Site, group: Group) -> None:
    group.repositories.append(Repository("protobox1/web", {**BASE, "factory/CD/argo/application.yml": OWN}))
    group.repositories.append(Repository("protobox1/sandbox/x", BASE))
    site.up()
    assert set(site.applications()) == {"argo-docserver", "argo-shop", "web-itself"}
    assert site.preview() == {}
    group.repositories.append(Repository("protobox1/billing", BASE))
    assert site.preview() == {"create": 1}
    group.repositories[0].archived = True
    assert site.preview() == {"create": 1, "delete": 1}
    site.up()
    assert set(site.applications()) == {"argo-billing", "argo-shop", "web-itself"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("GET", "", 99, drops=True), "cannot be asked"),
        (Fault("GET", "/groups/", 1, 200, "[]", {"X-Total": "3"}), "has named 0 of 3 projects"),
        (Fault("GET", "/tree", 1, 404, '{"message": "404 Project Not Found"}'), "is gone"),
    ],
    ids=["down", "half a page", "gone meanwhile"],
)
def test_an_answer_that_is_not_whole_stops_preview_and_up_and_deletes_nothing(
    site: Site, gitlab: GitLab, fault: Fault, said: str
) -> None:
    before = site.applications()
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        gitlab.faults[:] = [
            Fault(
                fault.method,
                fault.path,
                fault.times,
                fault.status,
                fault.body,
                fault.headers,
                drops=fault.drops,
            )
        ]
        printed = " ".join(site.engine.run(*command, fails=True).split())
        assert said in printed
        assert "`up` would delete their Applications" in printed
        assert TOKEN not in printed
    gitlab.faults.clear()
    assert site.applications() == before


def test_a_broken_application_file_of_one_project_is_told_with_its_line_and_nothing_goes(
    site: Site, group: Group
) -> None:
    before = site.applications()
    broken = {**BASE, "factory/CD/argo/application.yml": "kind: Application\n  spec: ["}
    group.repositories.append(Repository("protobox1/odd", broken))
    printed = " ".join(site.engine.run("preview", fails=True).split())
    assert "protobox1/odd: factory/CD/argo/application.yml, line 2" in printed
    assert site.applications() == before
    site.edit("discover", None)
    site.edit("projects", {"docserver": {}})
