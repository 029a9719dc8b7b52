"""An Application that a file declares in a team's own namespace: somebody else's stays, ours comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.engine.site import CHART, Site

pytestmark = pytest.mark.engine

OURS, THEIRS = (f"http://git.protobox/gitlab/protobox1/{name}.git" for name in ("ours", "theirs"))
ANYWHERE = {"server": "*", "namespace": "*"}
WEB = ("application", "web", "--namespace", "team-a")


def web(repository: str) -> str:
    source = {"repoURL": repository, "path": "deploy", "targetRevision": "HEAD"}
    destination = {"server": "https://kubernetes.default.svc", "namespace": "web"}
    return json.dumps(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "web", "namespace": "team-a"},
            "spec": {"project": "team", "source": source, "destination": destination},
        }
    )


@pytest.fixture
def team(deployed: Site) -> Iterator[Site]:
    """The site with a namespace of a team, and Argo CD's leave to look into it."""
    deployed.kubectl("create", "namespace", "team-a")
    deployed.folder.joinpath("web.yml").write_text(web(OURS), encoding="utf-8")
    leave = {"configs": {"params": {"application.namespaces": "team-a"}}}
    deployed.edit("argocd", {**CHART, "values": leave})
    about = {"sourceRepos": ["*"], "sourceNamespaces": ["team-a"], "destinations": [ANYWHERE]}
    deployed.edit("appProjects", {"team": about})
    deployed.edit("manifests", ["web.yml"])
    yield deployed
    deployed.kubectl("delete", "namespace", "team-a")


def repository(site: Site) -> str:
    return site.kubectl("get", *WEB, "--output=jsonpath={.spec.source.repoURL}")


def test_somebody_elses_is_refused_and_our_own_is_taken_up_and_made_again(team: Site) -> None:
    team.kubectl("apply", "--filename=-", given=web(THEIRS))
    refused = team.engine.run("preview", fails=True)
    assert "the Application 'web' is in the namespace 'team-a' already" in refused
    team.engine.run("up", "--yes", "--skip-preview", fails=True)
    assert repository(team) == THEIRS
    team.kubectl("delete", *WEB)
    team.up()
    assert team.preview() == {}
    urn = next(one["urn"] for one in team.engine.resources() if one["urn"].endswith("::web"))
    team.engine.run("state", "delete", urn, "--yes", "--target-dependents")
    assert team.preview()["import"] == 1
    team.up()
    assert team.preview() == {}
    team.kubectl("delete", *WEB)
    team.up()
    assert repository(team) == OURS
    assert team.preview() == {}
