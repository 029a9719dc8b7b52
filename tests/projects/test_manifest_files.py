"""Application files are read as kubectl would read them, and every mistake in one has its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from components.checks.applications import application_warnings
from components.projects.manifest_files import read_manifests
from components.stackfile.problems import Problem, SettingsError
from tests.site import SITE, settings

# The page's own file, as the project carries it: the address in place of the name.
PAGE = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: argo-docserver
  namespace: argocd
spec:
  project: default
  source:
    repoURL: http://192.168.1.7/gitlab/protobox1/docserver.git
    targetRevision: CD
    path: factory/CD/base
  destination:
    server: https://kubernetes.default.svc
  syncPolicy:
    syncOptions:
    - CreateNamespace=true
    # automated:
    #   selfHeal: true
"""

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


def declared(*patterns: str, **sections: Any) -> list[dict[str, Any]]:
    git = {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}}
    found = settings(git=git, projects={}, manifests=list(patterns), **sections).applications
    return [dict(one.manifest) for one in found]


def wrong(pattern: Path) -> list[Problem]:
    with pytest.raises(SettingsError) as caught:
        settings(manifests=[str(pattern)])
    assert all(problem.why and problem.fix for problem in caught.value.problems)
    assert {problem.where for problem in caught.value.problems} == {"protobox-cd:manifests[0]"}
    return list(caught.value.problems)


def test_the_pages_own_file_is_declared_with_the_name_in_place_of_the_address(tmp_path: Path) -> None:
    file = tmp_path / "application.yml"
    file.write_text(PAGE, encoding="utf-8")
    (manifest,) = declared(str(file))
    assert manifest == yaml.safe_load(PAGE.replace("192.168.1.7", "git.protobox"))


def test_globs_documents_and_lists_are_read_in_order(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name / "factory"
        folder.mkdir(parents=True)
        text = PAGE.replace("argo-docserver", name)
        (folder / "application.yml").write_text(
            f"---\n{text}---\n---\n{text.replace(f'name: {name}', f'name: {name}2', 1)}"
        )
    items = [yaml.safe_load(PAGE.replace("argo-docserver", name)) for name in ("c", "d")]
    (tmp_path / "list.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}))
    found = declared(str(tmp_path / "*" / "factory" / "*.yml"), str(tmp_path / "list.yaml"))
    assert [one["metadata"]["name"] for one in found] == ["a", "a2", "b", "b2", "c", "d"]


def test_what_the_cluster_has_written_into_an_exported_application_is_left_out(tmp_path: Path) -> None:
    content = yaml.safe_load(PAGE)
    content["metadata"] |= {
        "uid": "1",
        "resourceVersion": "5",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"team": "docs"},
        "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "mine": "yes"},
    }
    content |= {"status": {"sync": {}}, "operation": {"sync": {}}}
    file = tmp_path / "a.yaml"
    file.write_text(yaml.safe_dump(content))
    (manifest,) = declared(str(file))
    assert manifest["metadata"] == {
        "name": "argo-docserver",
        "namespace": "argocd",
        "labels": {"team": "docs"},
        "annotations": {"mine": "yes"},
        "finalizers": ["resources-finalizer.argocd.argoproj.io"],
    }
    assert manifest.keys() == {"apiVersion", "kind", "metadata", "spec"}


CASCADE = "resources-finalizer.argocd.argoproj.io"
OTHER = "pre-delete-finalizer.argocd.argoproj.io"


@pytest.mark.parametrize(
    ("defaults", "finalizers", "is_told"),
    [
        ({}, [OTHER, CASCADE], True),
        ({"cascade": "none"}, [OTHER], False),
        ({"cascade": "foreground"}, [OTHER, CASCADE], False),
        ({"cascade": "background"}, [OTHER, f"{CASCADE}/background"], False),
    ],
)
def test_a_cascade_in_a_file_is_told_until_the_stack_file_keeps_or_drops_it(
    tmp_path: Path, defaults: dict[str, str], finalizers: list[str], is_told: bool
) -> None:
    content = yaml.safe_load(PAGE)
    content["metadata"]["finalizers"] = [OTHER, CASCADE]
    file = tmp_path / "a.yaml"
    file.write_text(yaml.safe_dump(content))
    read = settings(projects={}, manifests=[str(file)], defaults=defaults)
    applications = read.applications
    assert applications[0].manifest["metadata"]["finalizers"] == finalizers
    warnings = application_warnings(read)
    assert any("its finalizer lets Argo CD delete the workload too" in one for one in warnings) is is_told


def test_the_defaults_for_deletion_hold_for_manifests_too(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(PAGE)
    (manifest,) = declared(str(file), defaults={"cascade": "background", "revision": "other"})
    assert manifest["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io/background"]
    assert manifest["spec"]["source"]["targetRevision"] == "CD"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("kind: ConfigMap\napiVersion: v1\n", 1, "not an Argo CD Application, but ConfigMap of v1"),
        ("kind: Application\napiVersion: app.k8s.io/v1beta1\n", 1, "Application of app.k8s.io/v1beta1"),
        (f"{PAGE}---\na: 1\n", 20, "a document without kind and apiVersion"),
        ("just text", 1, "something without any key"),
        ("- a\n", 1, "something without any key"),
        (PAGE.replace("  project", "  project: a\n  project"), 8, "'project' stands twice here"),
        (PAGE.replace("  source", "\tsource"), 8, "a tab stands where YAML wants spaces"),
        ("a: [1\n", 2, "the file is not YAML"),
        ("a: *nothing\n", 1, "undefined alias"),
        ("a: &a [*a]\n", 1, "an alias stands inside of what it stands for"),
        ("[" * 3000, 1, "nested more than 100 levels deep"),
        ("[" * 500_000, 1, "nested more than 100 levels deep"),
        ("[" * 150 + "]" * 150, 1, "nested more than 100 levels deep"),
        (BOMB, 1, "more than 100,000 values once its aliases are written out"),
        ("kind: [Application]\napiVersion: argoproj.io/v1alpha1\n", 1, "not an Argo CD Application"),
        ("kind: List\napiVersion: v1\nitems: {a: b}\n", 1, "but List of v1"),
    ],
)
def test_a_file_that_cannot_be_declared_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    file = tmp_path / "application.yml"
    file.write_text(text, encoding="utf-8")
    (problem,) = wrong(file)
    assert (problem.file, problem.line) == (str(file), line)
    assert what in problem.what


def test_mistakes_in_several_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("kind: ConfigMap\napiVersion: v1\n---\na: {b: 1, b: 2}\n")
    (tmp_path / "b.yml").write_bytes(b"a: \xff")
    (tmp_path / "c.yml").write_text("#" * 1_100_000)
    told = {
        (Path(problem.file).name, problem.what.partition(":")[0]) for problem in wrong(tmp_path / "*.yml")
    }
    assert told == {
        ("a.yml", "this is not an Argo CD Application, but ConfigMap of v1"),
        ("a.yml", "'b' stands twice here, first on line 4"),
        ("a.yml", "this is not an Argo CD Application, but a document without kind and apiVersion"),
        ("b.yml", "the file cannot be read"),
        ("c.yml", "the file cannot be read"),
    }


def test_a_glob_that_matches_nothing_would_delete_applications_and_is_refused(tmp_path: Path) -> None:
    (problem,) = wrong(tmp_path / ".." / "nowhere" / "*.yml")
    assert "matches no file" in problem.what
    assert "delete them" in problem.why


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (problem,) = wrong(tmp_path)
    assert f"{tmp_path}/*.yml" in problem.fix


def test_dates_stay_text_as_kubectl_has_them(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(PAGE.replace("targetRevision: CD", "targetRevision: 2026-01-31"))
    (manifest,) = declared(str(file))
    assert manifest["spec"]["source"]["targetRevision"] == "2026-01-31"


@given(st.text(alphabet="abk:{}[]- \t\n\"'&*!|>#%@`,?0~", max_size=40))
def test_whatever_stands_in_a_file_is_read_or_told_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yml"
    file.write_text(text, encoding="utf-8")
    try:
        assert read_manifests(str(file)).applications == ()
    except PydanticCustomError as error:
        assert error.type == "mistakes"  # noqa: PT017 - both ends are right


KEYS = st.sampled_from(["name", "labels", "project", "extra"])
# PyYAML writes y and n without quotes, which kubectl, and so this program, reads as true and false.
TREES = st.recursive(
    st.text(max_size=4).filter(lambda text: text not in {*"yYnN"}) | st.integers(0, 9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_every_field_of_a_spec_survives(
    tmp_path_factory: pytest.TempPathFactory, spec: dict[str, Any]
) -> None:
    content = yaml.safe_load(PAGE)
    content["spec"] |= spec | {"project": str(spec.get("project", "default"))}
    content["spec"]["source"]["repoURL"] = "http://git.protobox/a.git"
    file = tmp_path_factory.getbasetemp() / "spec.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    (manifest,) = declared(str(file))
    assert manifest["spec"] == content["spec"]
