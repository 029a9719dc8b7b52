"""What is in the cluster already: taken over when the stack file says so, never overwritten otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.live import RELEASE, Live, LiveObject
from components.projects.declared import DeclaredApplication
from components.projects.finalizers import NO_CONTROLLER, way_out
from components.settings import Problem, Settings
from components.settings.base import PROJECT

_ADOPT = f"{PROJECT}:argocd.adopt: true"
_NOTHING_IS_OVERWRITTEN = "this program overwrites nothing that it has not made"


@dataclass(frozen=True)
class Adoption:
    """What the engine has to import instead of creating it. Import is no work where it was done before."""

    namespace: str = ""
    """The import id of Argo CD's namespace, "" for none."""
    release: str = ""
    """The import id of its Helm release, "" for none."""
    applications: frozenset[str] = frozenset()
    """The names of the Applications to import."""
    foreign: frozenset[str] = frozenset()
    """Those of them that somebody else has applied and that are not this stack's yet."""


def adoption(
    settings: Settings, applications: Sequence[DeclaredApplication], live: Live, stack: str
) -> Adoption:
    """Return what the stack called `stack` has to import of what is there, where its file allows it."""
    namespace, adopt = settings.argocd.namespace, settings.argocd.adopt
    there = {one.name: live.applications.get(one.name) for one in applications if one.options.adopt}
    return Adoption(
        namespace if adopt and live.namespace else "",
        f"{namespace}/{RELEASE}" if adopt and RELEASE in live.releases else "",
        frozenset(name for name, found in there.items() if found),
        frozenset(name for name, found in there.items() if found and found.stack != stack),
    )


def adoption_problems(
    settings: Settings, applications: Sequence[DeclaredApplication], live: Live, stack: str
) -> list[Problem]:
    """Return what stands in the way: what would be overwritten, or cannot be taken over or deleted.

    Args:
        settings: the stack's settings.
        applications: the stack's Applications.
        live: what the cluster has.
        stack: the stack's name, by which its own objects are known.
    """
    return [
        *_argocd_problems(settings, live, stack),
        *_application_problems(applications, live, stack),
        *_stuck(applications, live, stack),
    ]


def _argocd_problems(settings: Settings, live: Live, stack: str) -> Iterator[Problem]:
    namespace = settings.argocd.namespace
    if live.namespace is None or live.namespace.stack == stack:
        return
    without = sorted(name for name, release in live.workloads.items() if not release)
    other = sorted({release for release in live.workloads.values() if release not in {"", RELEASE}})
    place = ("argocd", "adopt")
    if without:
        yield _plain_manifests(namespace, without)
    elif other:
        yield Problem(
            place,
            f"the namespace {namespace!r} has an Argo CD that Helm installed as {', '.join(other)}, "
            f"not as {RELEASE}",
            "a Helm release cannot be renamed, and a second Argo CD in the namespace would fight with it "
            "for the same Applications",
            f"uninstall it and keep what it declares (helm --namespace {namespace} uninstall {other[0]}; the "
            f"CRDs and with them the Applications stay), or choose another {PROJECT}:argocd.namespace",
        )
    elif not settings.argocd.adopt:
        found = f"a Helm release {RELEASE!r}" if RELEASE in live.releases else "nothing of Argo CD"
        yield Problem(
            place,
            f"the namespace {namespace!r} exists already, with {found} in it{_of(live.namespace)}",
            _NOTHING_IS_OVERWRITTEN,
            f"to take it over, write {_ADOPT} (`destroy` then leaves the namespace); otherwise choose "
            f"another {PROJECT}:argocd.namespace",
        )


def _plain_manifests(namespace: str, workloads: Sequence[str]) -> Problem:
    kinds = "deployments,statefulsets,services,networkpolicies,roles,rolebindings,serviceaccounts"
    selector = "-l app.kubernetes.io/part-of=argocd"
    return Problem(
        ("argocd", "adopt"),
        f"the namespace {namespace!r} has an Argo CD that was installed from plain manifests, not by Helm "
        f"({', '.join(workloads)})",
        "the chart cannot take it over: the selectors of its Deployments differ, and Kubernetes does not let "
        "anybody change a selector",
        "move once, in this order; the Applications and what they have deployed stay:\n"
        f"  kubectl -n {namespace} get applications,appprojects,configmaps,secrets -o yaml > before.yaml\n"
        f"  kubectl -n {namespace} delete {kinds} {selector}\n"
        f"  kubectl -n {namespace} delete configmaps,secrets {selector}\n"
        f"  kubectl delete clusterroles,clusterrolebindings {selector}\n"
        f"  kubectl annotate crd {selector} meta.helm.sh/release-name={RELEASE} "
        f"meta.helm.sh/release-namespace={namespace}\n"
        f"  kubectl label crd {selector} app.kubernetes.io/managed-by=Helm\n"
        f"then write {_ADOPT} and {PROJECT}:defaults.adopt: true, carry settings over from before.yaml "
        f"into {PROJECT}:argocd, and run `pulumi up`",
    )


def _application_problems(
    applications: Sequence[DeclaredApplication], live: Live, stack: str
) -> Iterator[Problem]:
    others = [
        (application, found)
        for application in applications
        if (found := live.applications.get(application.name))
        and found.stack != stack
        and not application.options.adopt
    ]
    if len(others) > 1:  # told once: one line takes them all over
        names = [f"{application.name!r}{_of(found)}" for application, found in others]
        yield Problem(
            ("defaults", "adopt"),
            f"{len(others)} Applications are in the cluster already: {', '.join(names)}",
            _NOTHING_IS_OVERWRITTEN,
            "to take them over without deleting them, write (or adopt: true in some of the projects alone):\n"
            f"  {PROJECT}:defaults:\n    adopt: true",
        )
        return
    for application, found in others:
        key = f"{application.path[0]}.{application.path[1]}" if not application.source else "defaults"
        yield application.problem(
            ["metadata", "name"],
            [],
            f"the Application {application.name!r} is in the cluster already{_of(found)}",
            _NOTHING_IS_OVERWRITTEN,
            f"to take it over without deleting it, write {PROJECT}:{key}.adopt: true",
        )


def _stuck(applications: Sequence[DeclaredApplication], live: Live, stack: str) -> Iterator[Problem]:
    """Tell of deletions that would wait for a controller that is not there."""
    if live.controller_runs:
        return
    declared = {application.name for application in applications}
    for found in live.applications.values():
        if found.stack == stack and found.finalizers and found.name not in declared:
            yield Problem(
                ("projects",),
                f"the Application {found.name!r} is no longer in the stack, but cannot be deleted",
                NO_CONTROLLER,
                way_out([found.name], live.namespace.name if live.namespace else RELEASE),
            )


def _of(found: LiveObject) -> str:
    return f"; it belongs to the stack {found.stack!r}" if found.stack else ""
