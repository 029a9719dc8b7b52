"""Applications that files declare in other namespaces than Argo CD's: not overwritten, and not adopted."""

from __future__ import annotations

from pathlib import Path

from components.adoption import Declared, adoption, adoption_problems, declared_objects
from components.cluster.objects import LiveObject
from components.cluster.ownership import Remembered
from tests.site import settings
from tests.test_adoption import OUR_MARK, OURS, RELEASE, application, live

TEAM_A = ("team-a", "web")


def elsewhere(folder: Path) -> list[Declared]:
    """Return a stack's objects, among them an Application in a team's own namespace."""
    file = folder / "application.yml"
    source = "{repoURL: 'http://git.protobox/gitlab/g/web.git', path: deploy}"
    file.write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: team-a}\n"
        f"spec: {{project: default, source: {source}, destination: {{name: in-cluster, namespace: web}}}}\n"
    )
    read = settings(manifests=[str(file)], projects={}, defaults={"adopt": True})
    return declared_objects(read, read.applications, [])


def test_one_of_the_same_name_in_argo_cds_namespace_is_not_the_one_that_a_file_has_elsewhere(
    tmp_path: Path,
) -> None:
    declared, there = elsewhere(tmp_path), live(namespace=OURS, objects=application("web"), releases=RELEASE)
    assert not adoption_problems(settings(), declared, there, {}, OUR_MARK)
    found = adoption(declared, "argocd", there, {}, OUR_MARK)
    assert ("Application", "web") not in {*found.imported, *found.forced, *found.taken}


def test_somebody_elses_in_another_namespace_is_not_overwritten_and_not_adopted(tmp_path: Path) -> None:
    declared = elsewhere(tmp_path)
    there = live(namespace=OURS, releases=RELEASE, elsewhere={TEAM_A: LiveObject("web")})
    (problem,) = adoption_problems(settings(), declared, there, {}, OUR_MARK)
    assert "the Application 'web' is in the namespace 'team-a' already" in problem.what
    assert "give it another name" in problem.fix


def test_our_own_in_another_namespace_is_taken_up_or_made_again(tmp_path: Path) -> None:
    declared, name = elsewhere(tmp_path), ("Application", "web")
    there = live(
        namespace=OURS, releases=RELEASE, elsewhere={TEAM_A: LiveObject("web", OUR_MARK.annotations)}
    )
    assert not adoption_problems(settings(), declared, there, {}, OUR_MARK)
    assert adoption(declared, "argocd", there, {}, OUR_MARK).imported[name] == "team-a/web"
    state = {name: Remembered("urn:w", "team-a", "7")}
    assert name not in adoption(declared, "argocd", there, state, OUR_MARK).imported
    gone = live(namespace=OURS, releases=RELEASE)
    assert adoption(declared, "argocd", gone, state, OUR_MARK).lost[name] == "7"
