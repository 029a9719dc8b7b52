"""Taking over what is in the cluster already, as it was tried with the real plugin.

That nothing is created anew is shown with the whole program, in tests/engine/projects/test_adoption.py.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.lab import Lab
from tests.lab.plugins.engine_stack import Stack, application, helm, helm_install, kubectl

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}
BY_ADDRESS = "http://192.168.1.7/gitlab/protobox1/docserver.git"
NAMES = ["argo-x", "argo-y", "argo-z"]
IMPORTS = {"argocd": "argocd", "release": "argocd/argocd"} | {name: f"argocd/{name}" for name in NAMES}


@pytest.fixture(autouse=True)
def left_empty(lab: Lab) -> Iterator[None]:
    """Take away, after the stack, what no stack has taken over."""
    yield
    helm(lab, "uninstall", "argocd", "--namespace", "argocd", "--ignore-not-found", "--wait")
    kubectl(lab, "delete", "application", "--all", "--namespace", "argocd")


@pytest.fixture
def by_hand(lab: Lab) -> dict[str, Any]:
    """Argo CD installed with Helm, three Applications applied with kubectl; return the program for them."""
    helm_install(lab, "--set", "global.domain=argocd.site")
    for name in NAMES:
        kubectl(lab, "apply", "-f", "-", manifest=application(name, BY_ADDRESS))
    return {
        "before": [NAMESPACE],
        "release": {"global": {"domain": "argocd.site"}},
        "objects": [application(name) for name in NAMES],
    }


def test_what_leaves_the_program_after_a_take_over_leaves_the_object(
    stack: Stack, lab: Lab, by_hand: dict[str, Any]
) -> None:
    manifest = application("argo-x", syncPolicy={"automated": {"prune": True}})
    kubectl(lab, "apply", "-f", "-", manifest=manifest)
    stack.up(**by_hand, imports=IMPORTS)
    spec = kubectl(lab, "get", "application", "-n", "argocd", "argo-x", "-o", "jsonpath={.spec}")
    assert "syncPolicy" not in json.loads(spec)


def test_an_imported_release_gets_the_programs_values(
    stack: Stack, lab: Lab, by_hand: dict[str, Any]
) -> None:
    changed = {"release": {"global": {"domain": "new.site"}}}
    preview = stack.preview(**changed, imports={"release": "argocd/argocd"})
    assert "= 1 to import" in preview
    assert '~ domain: "argocd.site" => "new.site"' in preview
    stack.up(**changed, imports={"release": "argocd/argocd"})
    assert (
        json.loads(helm(lab, "get", "values", "argocd", "-n", "argocd", "-o", "json")) == changed["release"]
    )
    assert stack.is_up_to_date(**changed)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"release": {}}, ["cannot re-use a name that is still in use", 'import_="argocd/argocd"']),
        ({"objects": [application("argo-x")]}, ['"argo-x" already exists', 'import_="argocd/argo-x"']),
    ],
    ids=["release", "application"],
)
def test_without_the_option_a_preview_shows_a_create_and_up_refuses_it_and_changes_nothing(
    stack: Stack, lab: Lab, by_hand: dict[str, Any], declared: dict[str, Any], words: list[str]
) -> None:
    seen = (
        "get",
        "deploy,application",
        "-n",
        "argocd",
        "-o",
        "jsonpath={.items[*].metadata.resourceVersion}",
    )
    before = kubectl(lab, *seen)
    assert "+ 3 to create" in stack.preview(**declared)
    refused = stack.run("up", "--yes", "--skip-preview", ok=False, **declared)
    assert [word for word in words if word not in refused] == []
    assert kubectl(lab, *seen) == before


@pytest.mark.usefixtures("crds")
def test_the_import_of_something_that_is_not_there_is_refused_by_its_id(stack: Stack) -> None:
    declared: dict[str, Any] = {"objects": [application("argo-none")]}
    refused = stack.run("preview", ok=False, imports={"argo-none": "argocd/argo-none"}, **declared)
    assert "'argocd/argo-none' does not exist" in refused
