"""What a run that was killed has left is waited for and told, with what ends it."""

from __future__ import annotations

from typing import Any

from components.adoption import Declared, declared_objects
from components.beforehand import going_objects, leftovers, unsettled
from components.cluster.live import Live
from components.cluster.objects import ADOPTED, MARK, LiveObject
from components.cluster.ownership import Remembered
from components.settings import Settings
from tests.site import settings
from tests.test_adoption import OUR_MARK, OURS, application, live


def about(
    found: Live, state: dict[Any, Remembered] | None = None
) -> tuple[Settings, list[Declared], Live, dict[Any, Remembered]]:
    read = settings()
    return read, declared_objects(read, read.applications, ()), found, state or {}


def test_what_is_ours_and_nobody_declares_is_told_with_the_command_that_deletes_it() -> None:
    found = live(
        namespace=OURS,
        objects=(
            *application(stack="dev"),
            *application("argo-gone", "dev"),
            LiveObject("argocd-repo-gone", OUR_MARK.annotations, kind="Secret"),
            LiveObject("argo-in-state", OUR_MARK.annotations),
            LiveObject("argo-of-others", {MARK: "prod"}),
            LiveObject("argo-of-an-earlier-version", {MARK: "dev"}),
            LiveObject("argo-going", OUR_MARK.annotations, deleting=True),
            LiveObject("argo-of-before", {**OUR_MARK.annotations, ADOPTED: "true"}),
        ),
    )
    told = leftovers(*about(found, {("Application", "argo-in-state"): Remembered("urn")}), OUR_MARK)
    assert "Application argo-gone, Secret argocd-repo-gone, Application argo-of-before." in told
    kubectl = "kubectl --context kubernetes-admin@cluster.local -n argocd"
    marks = "protobox-cd/stack- protobox-cd/identity- protobox-cd/adopted- pulumi.com/patchForce-"
    assert [line.strip() for line in told.splitlines()[1:]] == [
        f"{kubectl} delete application argo-gone",
        f"{kubectl} delete secret argocd-repo-gone",
        f"{kubectl} annotate application argo-of-before {marks}",
    ]
    assert leftovers(*about(live(namespace=OURS)), OUR_MARK) == ""


def test_what_is_being_deleted_is_waited_for_and_then_told() -> None:
    held = LiveObject("argo-docserver", OUR_MARK.annotations, ("resources-finalizer.x",), deleting=True)
    found = live(namespace=OURS, objects=(held, LiveObject("argo-other", deleting=True)))
    read, declared, *_ = about(found)
    assert going_objects(declared, found) == [held]
    error = unsettled(read, declared, found)
    assert error
    assert error.what == "the Application argo-docserver is being deleted"
    assert "patch application argo-docserver --type merge" in error.fix
