"""Argo CD's objects, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.projects.application import hosts_in_use
from tests.site import settings

# The page's own example, with the name in place of the address in repoURL.
PAGE = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "argo-docserver", "namespace": "argocd"},
    "spec": {
        "project": "default",
        "source": {
            "repoURL": "http://git.protobox/gitlab/protobox1/docserver.git",
            "targetRevision": "CD",
            "path": "factory/CD/base",
        },
        "destination": {"server": "https://kubernetes.default.svc"},
        "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
    },
}

CHART = {"repository": "https://charts.protobox", "chart": "c", "revision": "1.0.0"}


def manifests(**sections: Any) -> list[Mapping[str, Any]]:
    """Return the Applications of the page's site with these sections of the stack file."""
    return [one.manifest for one in settings(**sections).applications]


def of_project(**own: Any) -> Mapping[str, Any]:
    """Return the one Application of a project `billing` that says `own`."""
    (manifest,) = manifests(projects={"billing": own})
    return manifest


def test_docserver_becomes_the_application_of_the_page_field_by_field() -> None:
    assert manifests() == [PAGE]


def test_a_project_overrides_what_it_names_and_nothing_else() -> None:
    manifest = of_project(
        application="billing",
        repository="https://git.example.org/billing.git",
        revision="main",
        path="deploy",
        appProject="shop",
        destination={"name": "production", "namespace": "billing"},
        syncPolicy={"automated": {"prune": True, "selfHeal": True}, "syncOptions": []},
    )
    assert manifest["metadata"] == {"name": "billing", "namespace": "argocd"}
    assert manifest["spec"] == {
        "project": "shop",
        "source": {
            "repoURL": "https://git.example.org/billing.git",
            "targetRevision": "main",
            "path": "deploy",
        },
        "destination": {"name": "production", "namespace": "billing"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": []},
    }


@pytest.mark.parametrize(
    ("git", "url"),
    [
        ({"baseUrl": "http://git.protobox/gitlab/", "group": "a/b"}, "http://git.protobox/gitlab/a/b/x.git"),
        ({"baseUrl": "http://git.protobox"}, "http://git.protobox/x.git"),
        ({"baseUrl": "ssh://git@git.protobox:2222", "group": "a"}, "ssh://git@git.protobox:2222/a/x.git"),
        (
            {"baseUrl": "http://192.168.1.7", "hosts": {"192.168.1.7": "git.protobox"}},
            "http://git.protobox/x.git",
        ),
    ],
)
def test_a_repository_is_found_below_the_group(git: dict[str, Any], url: str) -> None:
    (manifest,) = manifests(git=git, projects={"x": {}})
    assert manifest["spec"]["source"]["repoURL"] == url


def test_the_overrides_of_a_tool_stand_in_the_source_by_argo_cds_own_names() -> None:
    kustomize = {"namePrefix": "a-", "images": ["b:1"], "replicas": [{"name": "c", "count": 2}]}
    assert of_project(kustomize=kustomize)["spec"]["source"]["kustomize"] == kustomize
    helm = {"valueFiles": ["v.yaml"], "parameters": [{"name": "a", "value": "1", "forceString": True}]}
    assert of_project(helm=helm)["spec"]["source"]["helm"] == helm
    directory = {"recurse": True, "jsonnet": {"tlas": [{"name": "a", "value": "b"}]}}
    assert of_project(directory=directory)["spec"]["source"]["directory"] == directory
    assert of_project(plugin={"name": "sops"})["spec"]["source"]["plugin"] == {"name": "sops"}


def test_a_chart_has_its_version_and_no_path() -> None:
    source = of_project(repository="https://charts.protobox/stable", chart="billing", revision="1.2.3")
    assert source["spec"]["source"] == {
        "repoURL": "https://charts.protobox/stable",
        "targetRevision": "1.2.3",
        "chart": "billing",
    }


def test_of_several_sources_each_says_its_own_and_the_rest_comes_from_git() -> None:
    manifest = of_project(
        sources=[
            {"helm": {"valueFiles": ["$values/billing.yaml"]}},
            {"repository": "http://git.protobox/gitlab/protobox1/values.git", "ref": "values"},
            {"repository": "https://charts.protobox", "chart": "extra", "revision": "1.0.0", "name": "extra"},
        ]
    )
    assert "source" not in manifest["spec"]
    assert manifest["spec"]["sources"] == [
        {
            "repoURL": "http://git.protobox/gitlab/protobox1/billing.git",
            "targetRevision": "CD",
            "path": "factory/CD/base",
            "helm": {"valueFiles": ["$values/billing.yaml"]},
        },
        {
            "repoURL": "http://git.protobox/gitlab/protobox1/values.git",
            "targetRevision": "CD",
            "ref": "values",
        },
        {
            "repoURL": "https://charts.protobox",
            "targetRevision": "1.0.0",
            "chart": "extra",
            "name": "extra",
        },
    ]


def test_several_destinations_are_several_applications_with_predictable_names() -> None:
    destinations = {
        "edge": {"namespace": "shop"},
        "main": {"name": "in-cluster", "revision": "stable", "path": "deploy/main"},
    }
    found = manifests(
        projects={"billing": {"destination": {"namespace": "billing"}, "destinations": destinations}}
    )
    assert [
        (one["metadata"]["name"], one["spec"]["destination"], one["spec"]["source"]["targetRevision"])
        for one in found
    ] == [
        ("argo-billing-edge", {"name": "edge", "namespace": "shop"}, "CD"),
        ("argo-billing-main", {"name": "in-cluster", "namespace": "billing"}, "stable"),
    ]
    assert found[1]["spec"]["source"]["path"] == "deploy/main"


def test_labels_annotations_and_subscriptions_are_the_applications() -> None:
    metadata = of_project(
        labels={"team": "docs"},
        annotations={"a": "b"},
        notifications={"on-sync-failed.email": "docs@protobox"},
    )["metadata"]
    assert metadata["labels"] == {"team": "docs"}
    assert metadata["annotations"] == {
        "a": "b",
        "notifications.argoproj.io/subscribe.on-sync-failed.email": "docs@protobox",
    }


@pytest.mark.parametrize(
    ("cascade", "finalizers"),
    [
        ("none", None),
        ("foreground", ["resources-finalizer.argocd.argoproj.io"]),
        ("background", ["resources-finalizer.argocd.argoproj.io/background"]),
    ],
)
def test_only_a_cascade_that_is_asked_for_is_a_finalizer(cascade: str, finalizers: list[str] | None) -> None:
    assert of_project(cascade=cascade)["metadata"].get("finalizers") == finalizers


def test_what_else_argo_cd_knows_has_its_place_or_goes_through_spec() -> None:
    manifest = of_project(
        revisionHistoryLimit=0,
        info=[{"name": "Team", "value": "docs"}],
        ignoreDifferences=[{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}],
        syncPolicy={
            "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "managedNamespaceMetadata": {"labels": {"team": "docs"}},
        },
        spec={"source": {"tagPrefix": "v"}, "sourceHydrator": {"a": 1}},
    )
    spec = manifest["spec"]
    assert spec["revisionHistoryLimit"] == 0
    assert spec["info"] == [{"name": "Team", "value": "docs"}]
    assert spec["ignoreDifferences"] == [
        {"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}
    ]
    assert spec["syncPolicy"] == {
        "syncOptions": ["CreateNamespace=true"],
        "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
        "managedNamespaceMetadata": {"labels": {"team": "docs"}},
    }
    assert spec["sourceHydrator"] == {"a": 1}
    assert spec["source"]["tagPrefix"] == "v"
    assert spec["source"]["path"] == "factory/CD/base"


def test_defaults_hold_where_a_project_is_silent() -> None:
    defaults = {"revision": "main", "labels": {"site": "a"}, "syncPolicy": {"automated": {"prune": True}}}
    projects = {"a": {}, "b": {"labels": {"team": "b"}, "syncPolicy": {"automated": {"selfHeal": True}}}}
    first, second = manifests(defaults=defaults, projects=projects)
    assert first["spec"]["source"]["targetRevision"] == "main"
    assert first["metadata"]["labels"] == {"site": "a"}
    assert second["metadata"]["labels"] == {"site": "a", "team": "b"}
    assert second["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}


@pytest.mark.parametrize(
    ("defaults", "own", "expected"),
    [
        ({"destination": {"server": "https://a"}}, {"destination": {"name": "in-cluster"}}, "in-cluster"),
        ({"destination": {"name": "in-cluster"}}, {"destinations": {"edge": {}}}, "edge"),
    ],
)
def test_a_cluster_of_the_projects_own_takes_the_place_of_the_default(
    defaults: dict[str, Any], own: dict[str, Any], expected: str
) -> None:
    (manifest,) = manifests(defaults=defaults, projects={"a": own})
    assert manifest["spec"]["destination"] == {"name": expected}


def test_a_source_of_the_projects_own_kind_takes_the_place_of_the_default() -> None:
    defaults = {"kustomize": {"namePrefix": "a-"}, "path": "deploy"}
    (helm,) = manifests(defaults=defaults, projects={"a": {"helm": {"releaseName": "a"}}})
    assert helm["spec"]["source"].keys() == {"repoURL", "targetRevision", "path", "helm"}
    (several,) = manifests(defaults=defaults, projects={"a": {"sources": [{"path": "x"}]}})
    assert several["spec"]["sources"][0].keys() == {"repoURL", "targetRevision", "path"}
    (chart,) = manifests(defaults=defaults, projects={"a": CHART})
    assert "path" not in chart["spec"]["source"]


def test_the_hosts_that_have_to_resolve_are_those_of_all_sources() -> None:
    projects = {
        "docserver": {},
        "other": {"repository": "git@git.example.org:a/b.git"},
        "charts": {
            "sources": [
                {"repository": "https://charts.protobox", "chart": "a", "revision": "1.0.0"},
                {"path": "x"},
            ]
        },
    }
    hosts = hosts_in_use(settings(projects=projects).applications)
    assert {host: [use.application.name for use in uses] for host, uses in hosts.items()} == {
        "git.protobox": ["argo-docserver", "argo-charts"],
        "git.example.org": ["argo-other"],
        "charts.protobox": ["argo-charts"],
    }
