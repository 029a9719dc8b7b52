"""One mistake is told once: what was not read because of it is no mistake of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.checks.access_sections import access_problems
from components.checks.applications import application_problems
from components.settings import load_settings
from components.stackfile.problems import SettingsError
from tests.settings.test_loader import problems
from tests.site import SITE, with_value


@pytest.mark.parametrize(
    "entry", [{"server": "https://10.0.0.5:6443", "colour": "red"}, {"colour": "red"}, 5]
)
def test_an_entry_with_a_mistake_is_no_unknown_one(entry: Any) -> None:
    site = with_value(
        SITE, ["projects", "docserver"], {"destination": {"name": "edge"}, "appProject": "shop"}
    )
    site |= {"clusters": {"edge": entry}, "appProjects": {"shop": entry}}
    with pytest.raises(SettingsError) as caught:
        load_settings(site, checks=[application_problems, access_problems])
    assert not [one.what for one in caught.value.problems if one.what.startswith("there is no cluster")]
    assert not [one.what for one in caught.value.problems if one.what.startswith("there is no AppProject")]


def test_a_server_of_a_cluster_with_a_mistake_is_known_too() -> None:
    server = "https://10.0.0.5:6443"
    site = with_value(SITE, ["projects", "docserver"], {"destination": {"server": server}})
    site |= {"clusters": {"edge": {"server": server, "colour": "red"}}}
    assert [what for _, what, _ in problems(site, [application_problems])] == [
        "there is no key 'colour' here"
    ]


def test_entries_keep_their_order_in_what_is_known() -> None:
    site = with_value(SITE, ["projects", "docserver"], {"destination": {"name": "edgy"}})
    names = ["north", "east", "south", "west"]
    entries = {
        name: {"declare": False, **({"colour": "red"} if number % 2 else {})}
        for number, name in enumerate(names)
    }
    told = [what for _, what, _ in problems(site | {"clusters": entries}, [application_problems])]
    assert "there is no cluster 'edgy'; known here: in-cluster, north, east, south, west" in told


def test_a_name_that_is_itself_the_mistake_stays_unknown() -> None:
    site = with_value(SITE, ["projects", "docserver"], {"appProject": "My Shop"})
    told = problems(site | {"appProjects": {"My Shop": {}}}, [application_problems])
    assert [where for where, _, _ in told] == [
        'protobox-cd:appProjects["My Shop"]',
        "protobox-cd:projects.docserver.appProject",
    ]


@pytest.mark.parametrize(
    ("argocd", "told"),
    [
        ({"namespace": "gitops", "adpot": True}, ["there is no key 'adpot' here"]),
        ({"namespace": "gitops"}, []),
        ({}, ["the Application is in the namespace 'gitops', Argo CD in 'argocd'"]),
    ],
)
def test_argo_cds_namespace_is_compared_only_where_it_is_known(
    argocd: dict[str, Any], told: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "application.yml"
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "a", "namespace": "gitops"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "http://git.protobox/gitlab/a.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc"},
        },
    }
    file.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    site = {**SITE, "argocd": argocd, "manifests": [str(file)]}
    found: list[str] = []
    try:
        load_settings(site, checks=[application_problems])
    except SettingsError as error:
        found = [problem.what for problem in error.problems]
    assert found == told


def test_entries_behind_one_with_a_mistake_keep_their_number(tmp_path: Path) -> None:
    content = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"}}
    last = tmp_path / "last.yml"
    last.write_text(yaml.safe_dump({**content, "spec": {}}), encoding="utf-8")
    manifests = [5, str(tmp_path / "nowhere.yml"), str(last)]
    told = [where for where, _, _ in problems({**SITE, "manifests": manifests}, [application_problems])]
    assert list(dict.fromkeys(told)) == [f"protobox-cd:manifests[{number}]" for number in (0, 1, 2)]
