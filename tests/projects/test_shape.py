"""Whatever stands in a manifest or in a raw `spec` is declared or told, never a crash."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from components.access.app_projects import app_project_manifests
from components.checks.access_sections import access_problems, access_warnings
from components.checks.applications import application_problems, application_warnings
from components.projects.application import hosts_in_use
from components.settings import Settings, load_settings
from components.stackfile.problems import SettingsError
from tests.site import SITE
from tests.site import settings as site

MANIFEST: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {
        "name": "argo-billing",
        "namespace": "argocd",
        "labels": {"team": "shop"},
        "annotations": {"note": "x"},
        "finalizers": ["resources-finalizer.argocd.argoproj.io"],
    },
    "spec": {
        "project": "shop",
        "source": {
            "repoURL": "http://192.168.1.7/gitlab/protobox1/billing.git",
            "path": "factory/CD/base",
            "targetRevision": "CD",
        },
        "sources": [
            {"repoURL": "http://git.protobox/gitlab/protobox1/billing.git", "path": "deploy"},
            {"repoURL": "https://charts.protobox", "chart": "extra", "targetRevision": "1.0.0"},
        ],
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        "syncPolicy": {
            "automated": {"prune": True},
            "syncOptions": ["CreateNamespace=true"],
            "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "managedNamespaceMetadata": {"labels": {"team": "shop"}},
        },
    },
}
ACCESS: dict[str, Any] = {
    "git": {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}},
    "appProjects": {"shop": {"sourceRepos": ["http://git.protobox/gitlab/*"]}},
}


def of_manifest(file: Path, content: Any) -> dict[str, Any]:
    """Return the site with one manifest, which is written into `file`."""
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return {**SITE, **ACCESS, "projects": {}, "manifests": [str(file)]}


def of_spec(spec: Any) -> dict[str, Any]:
    """Return the site with one project that has a raw `spec`."""
    return {**SITE, **ACCESS, "projects": {"billing": {"spec": spec}}}


def told(values: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(SettingsError) as caught:
        load_settings(values, checks=[application_problems, access_problems])
    assert all(problem.why and problem.fix for problem in caught.value.problems)
    return [(problem.where.partition(":")[2], problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("place", "value", "what"),
    [
        (["metadata"], "x", "text; a mapping (key: value) is expected"),
        (["metadata", "name"], 123, "the number 123; text is expected"),
        (["metadata", "namespace"], ["a"], "a list; text is expected"),
        (["metadata", "labels"], {"a": 5}, "the number 5; text is expected"),
        (["metadata", "labels"], {"a": None}, "nothing; text is expected"),
        (["metadata", "annotations"], "text", "text; a mapping (key: value) is expected"),
        (["metadata", "finalizers"], "x", "text; a list is expected"),
        (["metadata", "finalizers"], [{}], "a mapping; text is expected"),
        (["spec"], [], "a list; a mapping (key: value) is expected"),
        (["spec", "syncPolicy", "syncOptions"], 5, "the number 5; a list is expected"),
    ],
)
def test_another_shape_in_a_manifest_is_told(tmp_path: Path, place: list[str], value: Any, what: str) -> None:
    content = with_value(MANIFEST, place, value)
    ((where, said),) = told(of_manifest(tmp_path / "a.yml", content))
    assert where == "manifests[0]"
    assert said.startswith(".".join(place))
    assert said.endswith(f" is {what}")


@pytest.mark.parametrize(
    ("spec", "where", "what"),
    [
        ({"project": ["a"]}, "spec.project", "a list; text is expected"),
        ({"source": "a"}, "spec.source", "text; a mapping (key: value) is expected"),
        ({"sources": [None]}, "spec.sources[0]", "nothing; a mapping (key: value) is expected"),
        ({"destination": ["a"]}, "spec.destination", "a list; a mapping (key: value) is expected"),
        ({"destination": {"name": ["a"]}}, "spec.destination.name", "a list; text is expected"),
        ({"destination": {"server": True}}, "spec.destination.server", "true; text is expected"),
        (
            {"syncPolicy": {"syncOptions": 5}},
            "spec.syncPolicy.syncOptions",
            "the number 5; a list is expected",
        ),
    ],
)
def test_another_shape_in_a_raw_spec_is_told_at_its_key(spec: Any, where: str, what: str) -> None:
    assert told(of_spec(spec)) == [(f"projects.billing.{where}", f"{where} is {what}")]


@pytest.mark.parametrize("written", ["1.10", "1.0", "012", "0x1F", "1_000", "1e3", "yes", "True"])
def test_what_is_no_text_in_a_manifest_is_to_be_quoted_as_it_is_written(tmp_path: Path, written: str) -> None:
    file = tmp_path / "a.yml"
    text = yaml.safe_dump(MANIFEST | {"spec": MANIFEST["spec"] | {"project": "PROJECT"}})
    file.write_text(text.replace("PROJECT", written), encoding="utf-8")
    values = {**SITE, **ACCESS, "projects": {}, "manifests": [str(file)]}
    (problem,) = application_problems(load_settings(values))
    assert problem.fix == f'put it in quotes: "{written}"'


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (1.1, "put it in quotes, with every digit that it has"),
        (10, "put it in quotes, with every digit that it has"),
        (True, "put it in quotes, as it stands there"),
        (["a"], "write text, for example docserver"),
    ],
)
def test_of_a_raw_spec_the_value_is_known_but_not_how_it_is_written(value: Any, fix: str) -> None:
    (problem,) = application_problems(load_settings(of_spec({"source": {"targetRevision": value}})))
    assert problem.fix == fix


def test_what_a_misplaced_text_says_is_not_told() -> None:
    ((_, said),) = told(of_spec({"destination": "s3cret"}))
    assert "s3cret" not in said


@pytest.mark.parametrize("part", ["finalizers", "labels", "annotations"])
def test_a_field_without_value_is_none_at_all(tmp_path: Path, part: str) -> None:
    values = of_manifest(tmp_path / "a.yml", with_value(MANIFEST, ["metadata", part], None))
    (application,) = load_settings(values, checks=[application_problems]).applications
    assert part not in application.manifest["metadata"]


def test_chart_values_of_another_shape_are_not_asked_for_namespaces() -> None:
    for configs in (["a"], {"params": 5}, {"params": {"application.namespaces": "*"}}):
        assert application_problems(site(argocd={"values": {"configs": configs}})) == []


def with_value(content: Any, place: list[Any], value: Any) -> Any:
    """Return a copy of `content` with `value` at `place`."""
    changed = copy.deepcopy(content)
    held = changed
    for key in place[:-1]:
        held = held[key]
    held[place[-1]] = value
    return changed


def places(content: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the place of every value in `content`."""
    items = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    return [found for key, value in items for found in ((*place, key), *places(value, (*place, key)))]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 9)
    | st.floats()
    | st.sampled_from(["", "x", "/", "a b", "1h"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["", "x", "name"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def ask_everything(values: dict[str, Any]) -> None:
    """Ask all that is asked of a stack; the checks also where earlier ones have found something."""
    try:
        read: Settings = load_settings(values)
    except SettingsError:
        return
    applications = read.applications
    found = [*application_problems(read), *access_problems(read)]
    warnings = [*application_warnings(read), *access_warnings(read)]
    assert all(one.what and one.why and one.fix for one in found)
    assert all(warnings)
    if not found:
        app_project_manifests(read.app_projects, applications, read.git.hosts, read.argocd.namespace)
        hosts_in_use(applications)
        for one in applications:  # what the component relies on
            assert isinstance(one.manifest["metadata"].get("annotations", {}), dict)


@given(place=st.sampled_from(places(MANIFEST)), value=VALUES)
def test_any_value_anywhere_in_a_manifest_is_declared_or_told(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[Any, ...], value: Any
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yml"
    ask_everything(of_manifest(file, with_value(MANIFEST, list(place), value)))


@given(place=st.sampled_from(places(MANIFEST["spec"])), value=VALUES)
@example(place=("sources",), value=[None, {}])
def test_any_value_anywhere_in_a_raw_spec_is_declared_or_told(place: tuple[Any, ...], value: Any) -> None:
    ask_everything(of_spec(with_value(MANIFEST["spec"], list(place), value)))
