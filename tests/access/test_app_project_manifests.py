"""Argo CD's AppProjects, as data."""

from __future__ import annotations

from typing import Any

import pytest

from components.access.app_projects import app_project_manifests
from tests.site import SITE, settings

IN_CLUSTER = "https://kubernetes.default.svc"


def manifests(app_projects: dict[str, Any], **sections: Any) -> list[dict[str, Any]]:
    read = settings(appProjects=app_projects, **sections)
    return app_project_manifests(read.app_projects, read.applications, read.git.hosts, read.argocd.namespace)


def destinations(projects: dict[str, Any]) -> list[dict[str, str]]:
    (manifest,) = manifests({"shop": {}}, projects=projects)
    found: list[dict[str, str]] = manifest["spec"]["destinations"]
    return found


def test_what_is_not_said_is_what_the_projects_of_the_app_project_use() -> None:
    shop = {"appProject": "shop", "destination": {"namespace": "shop"}}
    projects = {
        "basket": shop,
        "till": {**shop, "destination": {"name": "edge", "namespace": "till"}},
        "again": {**shop, "repository": "http://git.protobox/gitlab/protobox1/basket.git"},
        "docserver": {},
    }
    assert manifests(
        {"shop": {"description": "The shop"}, "theirs": {"declare": False}}, projects=projects
    ) == [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": "shop", "namespace": "argocd"},
            "spec": {
                "description": "The shop",
                "sourceRepos": [
                    "http://git.protobox/gitlab/protobox1/basket.git",
                    "http://git.protobox/gitlab/protobox1/till.git",
                ],
                "destinations": [
                    {"server": IN_CLUSTER, "namespace": "shop"},
                    {"name": "edge", "namespace": "till"},
                ],
            },
        }
    ]


def test_a_project_without_namespace_gets_any_but_that_of_argo_cd() -> None:
    assert destinations({"basket": {"appProject": "shop"}}) == [
        {"server": IN_CLUSTER, "namespace": "*"},
        {"server": IN_CLUSTER, "namespace": "!argocd"},
    ]


@pytest.mark.parametrize("cluster", [{}, {"name": "in-cluster"}, {"server": IN_CLUSTER}])
def test_a_project_that_names_argo_cds_namespace_gets_it(cluster: dict[str, str]) -> None:
    projects = {
        "root": {"appProject": "shop", "destination": {**cluster, "namespace": "argocd"}},
        "basket": {"appProject": "shop"},
    }
    assert destinations(projects) == [
        {"server": IN_CLUSTER, "namespace": "argocd"},
        {"server": IN_CLUSTER, "namespace": "*"},
    ]


def test_an_app_project_without_projects_permits_nothing() -> None:
    (manifest,) = manifests({"shop": {}})
    assert manifest["spec"] == {"sourceRepos": [], "destinations": []}


def test_what_is_said_takes_the_place_of_what_is_used() -> None:
    said = {
        "sourceRepos": ["http://git.protobox/gitlab/shop/*"],
        "destinations": [
            {"namespace": "shop-*"},
            {"cluster": "edge", "namespace": "*"},
            {"server": "https://10.0.0.6", "namespace": "!kube-system"},
        ],
    }
    (manifest,) = manifests({"shop": said}, projects={"basket": {"appProject": "shop"}})
    assert manifest["spec"] == {
        "sourceRepos": ["http://git.protobox/gitlab/shop/*"],
        "destinations": [
            {"server": IN_CLUSTER, "namespace": "shop-*"},
            {"name": "edge", "namespace": "*"},
            {"server": "https://10.0.0.6", "namespace": "!kube-system"},
        ],
    }


def test_a_repository_by_its_address_is_permitted_by_the_name_that_the_applications_have() -> None:
    repos = [
        "http://192.168.1.7/gitlab/*",
        "!http://192.168.1.7/gitlab/secret/*",
        "git@[fd00::7]:*",
        "http://[fd00::7]:8080/**",
        "*",
    ]
    git = {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox", "fd00::7": "git.protobox"}}
    (manifest,) = manifests({"shop": {"sourceRepos": repos}}, git=git)
    assert manifest["spec"]["sourceRepos"] == [
        "http://git.protobox/gitlab/*",
        "!http://git.protobox/gitlab/secret/*",
        "git@[fd00::7]:*",  # no form that Git knows
        "http://git.protobox:8080/**",
        "*",
    ]


def test_every_other_field_stands_as_it_is_said() -> None:
    spec = {
        "sourceNamespaces": ["shop-apps"],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": "shop-*"}],
        "clusterResourceBlacklist": [{"group": "*", "kind": "CustomResourceDefinition"}],
        "namespaceResourceWhitelist": [{"group": "apps", "kind": "*"}],
        "namespaceResourceBlacklist": [{"group": "", "kind": "ResourceQuota"}],
        "orphanedResources": {"warn": False, "ignore": [{"kind": "ConfigMap", "name": "kube-root-ca.crt"}]},
        "roles": [
            {
                "name": "dev",
                "description": "Developers",
                "policies": ["p, proj:shop:dev, applications, sync, shop/*, allow"],
                "groups": ["protobox1/developers"],
            }
        ],
        "syncWindows": [
            {
                "kind": "deny",
                "schedule": "0 8 * * 1-5",
                "duration": "10h",
                "timeZone": "Europe/Paris",
                "applications": ["*"],
                "namespaces": ["shop"],
                "clusters": ["edge"],
                "andOperator": True,
                "manualSync": False,
                "description": "Working hours",
            }
        ],
        "signatureKeys": [{"keyID": "4AEE18F83AFDEB23"}],
        "permitOnlyProjectScopedClusters": True,
        "destinationServiceAccounts": [
            {"server": "*", "namespace": "shop", "defaultServiceAccount": "shop:deployer"}
        ],
    }
    metadata = {"labels": {"team": "shop"}, "annotations": {"note": "x"}}
    (manifest,) = manifests({"shop": {**spec, **metadata}})
    assert manifest["spec"] == {"sourceRepos": [], "destinations": [], **spec}
    assert manifest["metadata"] == {"name": "shop", "namespace": "argocd", **metadata}


def test_raw_fields_win_and_are_merged_deeply() -> None:
    said = {
        "orphanedResources": {"warn": True},
        "spec": {"orphanedResources": {"new": 1}, "sourceRepos": ["*"]},
    }
    (manifest,) = manifests({"shop": said})
    assert manifest["spec"] == {
        "sourceRepos": ["*"],
        "destinations": [],
        "orphanedResources": {"warn": True, "new": 1},
    }


def test_a_key_with_nothing_behind_it_is_left_out_as_the_check_leaves_it_out() -> None:
    said = {"orphanedResources": {"warn": None, "unheardOf": None}, "spec": {"roles": None}}
    (manifest,) = manifests({"shop": said})
    assert manifest["spec"] == {"sourceRepos": [], "destinations": [], "orphanedResources": {}}
