"""Argo CD's objects, as data."""

from __future__ import annotations

import pytest

from components.projects.manifests import application_manifests, repository_hosts
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


def test_docserver_becomes_the_application_of_the_page_field_by_field() -> None:
    assert application_manifests(settings()) == {"docserver": PAGE}


def test_a_project_overrides_what_it_names_and_nothing_else() -> None:
    billing = {
        "application": "billing",
        "repository": "https://git.example.org/billing.git",
        "revision": "main",
        "path": "deploy",
        "appProject": "shop",
        "destination": {"name": "production", "namespace": "billing"},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": []},
    }
    (manifest,) = application_manifests(settings(projects={"billing": billing})).values()
    assert manifest["metadata"]["name"] == "billing"
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
    ],
)
def test_a_repository_is_found_below_the_group(git: dict[str, str], url: str) -> None:
    (manifest,) = application_manifests(settings(git=git, projects={"x": {}})).values()
    assert manifest["spec"]["source"]["repoURL"] == url


def test_the_hosts_that_have_to_resolve_are_those_of_the_repositories() -> None:
    projects = {"docserver": {}, "other": {"repository": "git@git.example.org:a/b.git"}}
    assert repository_hosts(settings(projects=projects)) == {
        "docserver": "git.protobox",
        "other": "git.example.org",
    }
