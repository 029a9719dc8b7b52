"""ApplicationSets of `manifests`: declared as they are, with names for addresses and their hosts known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.checks.applications import problems_of_sets
from components.dns.coverage import coverage
from components.projects.application import hosts_in_use
from components.projects.file_form import set_problems, set_warnings
from components.settings import Settings
from components.stackfile.merging import deep_merge
from components.stackfile.problems import SettingsError
from tests.site import SITE, settings

GIT = "http://192.168.1.7/gitlab"
TEMPLATE = {
    "metadata": {"name": "argo-{{path.basename}}"},
    "spec": {
        "project": "default",
        "source": {"repoURL": f"{GIT}/protobox1/fleet.git", "targetRevision": "CD", "path": "{{path}}"},
        "destination": {"server": "https://kubernetes.default.svc"},
    },
}
DIRECTORIES = {"git": {"repoURL": f"{GIT}/protobox1/fleet.git", "directories": [{"path": "apps/*"}]}}
GITLAB = {"scmProvider": {"gitlab": {"group": "protobox1", "api": f"{GIT}/api/v4/"}}}


def written(folder: Path, *, name: str = "fleet", namespace: str = "", **spec: Any) -> str:
    """Write an ApplicationSet, and return its file."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    usual = {"generators": [DIRECTORIES], "template": TEMPLATE}
    content = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": metadata,
        "spec": deep_merge(usual, spec),
    }
    file = folder / f"{name}-{namespace}.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(file)


def stack(*files: str) -> Settings:
    git = {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}}
    return settings(git=git, projects={}, manifests=list(files))


def test_it_is_declared_as_it_is_with_names_for_addresses_everywhere(tmp_path: Path) -> None:
    file = written(tmp_path, generators=[{"matrix": {"generators": [DIRECTORIES, GITLAB]}}])
    (found,) = stack(file).application_sets
    before = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    as_text = yaml.safe_dump(before["spec"]).replace("192.168.1.7", "git.protobox")
    assert found.manifest == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "fleet", "namespace": "argocd"},
        "spec": yaml.safe_load(as_text),
    }
    assert stack(file).applications == []


def test_its_hosts_have_to_resolve_and_those_that_it_makes_are_not_known(tmp_path: Path) -> None:
    template = {"spec": {"source": {"repoURL": "{{url}}"}}}
    file = written(
        tmp_path, generators=[GITLAB, {"git": {"repoURL": "http://{{a}}/b.git"}}], template=template
    )
    assert list(hosts_in_use(stack(file).application_sets)) == ["git.protobox"]


def test_what_has_still_to_be_filled_in_is_read_by_nobody(tmp_path: Path) -> None:
    template = {"spec": {"source": {"repoURL": f"{GIT}/protobox1/{{{{path.basename}}}}.git"}}}
    (found,) = stack(written(tmp_path, template=template)).application_sets
    assert [(each.url.rpartition("/")[2], each.is_chart) for each in found.repositories] == [
        ("fleet.git", False),
        ("{{path.basename}}.git", True),
    ]


@pytest.mark.parametrize(
    ("generators", "policy", "warned"),
    [
        ([GITLAB], {}, True),
        ([{"pullRequest": {"gitlab": {"project": "1"}}}], {}, True),
        ([{"merge": {"generators": [DIRECTORIES, GITLAB]}}], {}, True),
        ([GITLAB], {"applicationsSync": "create-delete"}, True),
        ([GITLAB], {"applicationsSync": "create-update"}, False),
        ([GITLAB], [{"applicationsSync": "create-update"}], True),  # no mapping, which Kubernetes refuses
        ([DIRECTORIES, {"list": {"elements": [{"a": "b"}]}}], {}, False),
        ([{"scmProvider": {"github": {}}}], {}, False),
    ],
)
def test_a_generator_that_asks_gitlab_is_warned_of_what_it_deletes(
    tmp_path: Path, generators: list[Any], policy: Any, *, warned: bool
) -> None:
    found = stack(written(tmp_path, generators=generators, syncPolicy=policy))
    warnings = list(set_warnings(found.application_sets))
    assert len(warnings) == warned
    assert all("applicationsSync: create-update" in warning for warning in warnings)


def test_names_that_cannot_be_and_another_namespace_are_told_with_their_line(tmp_path: Path) -> None:
    files = [written(tmp_path), written(tmp_path, namespace="team"), written(tmp_path, name="A_b")]
    found = set_problems(stack(*files).application_sets, stack(*files).argocd)
    assert [problem.what for problem in found] == [
        f"the ApplicationSet 'fleet' is declared already, by fleet ({files[0]})",
        "'A_b' is no name for an ApplicationSet",
        "the ApplicationSet is in the namespace 'team', Argo CD in 'argocd'",
    ]
    assert all(problem.line for problem in found)


def test_a_cascade_of_the_defaults_is_for_applications_only(tmp_path: Path) -> None:
    found = settings(projects={}, manifests=[written(tmp_path)], defaults={"cascade": "foreground"})
    assert "finalizers" not in found.application_sets[0].manifest["metadata"]


def test_a_host_that_nothing_makes_resolve_is_a_mistake_as_an_applications(tmp_path: Path) -> None:
    template = {"spec": {"source": {"repoURL": "http://git.elsewhere/a.git"}}}
    found = stack(written(tmp_path, template=template))
    (problem,) = coverage(found.dns, found.git.public_hosts, found.application_sets).problems
    assert "git.elsewhere" in problem.what
    assert problem.file


def test_a_file_with_something_else_is_still_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret.yml"
    file.write_text("{apiVersion: v1, kind: Secret, metadata: {name: a}}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="not an Argo CD Application"):
        stack(str(file))


def test_metadata_of_another_shape_is_told_as_an_applications(tmp_path: Path) -> None:
    file = Path(written(tmp_path))
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["metadata"]["annotations"] = "none"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    found = stack(str(file))
    (problem,) = set_problems(found.application_sets, found.argocd)
    assert problem.what == "metadata.annotations is text; a mapping (key: value) is expected"
    assert problem.why == "Kubernetes would refuse the ApplicationSet"


def test_labels_and_finalizers_are_those_that_kubernetes_takes(tmp_path: Path) -> None:
    file = Path(written(tmp_path))
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["metadata"] |= {"labels": {"team": "a b"}, "finalizers": ["x y"]}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    told = " ".join(str(problem) for problem in problems_of_sets(stack(str(file))))
    assert "'a b'" in told
    assert "'x y' cannot be a finalizer" in told
    assert "Kubernetes would refuse the ApplicationSet" in told
