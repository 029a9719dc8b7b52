"""The names and metadata of Applications: what Kubernetes takes, and which name is better."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from components.projects.application import Application
from components.projects.cascade import OF_ARGO_CD
from components.stackfile.host_names import is_host_name
from components.stackfile.object_names import is_qualified, refused_metadata, suggested_name
from components.stackfile.problems import Key, Problem, key_path, nearest

_LONGEST = 63
"""Argo CD puts the name into the label `app.kubernetes.io/instance` of what it creates, and Kubernetes
takes no longer value (RFC 1123 label)."""
_SHORT = 8
"""How many characters a destination's key may always have."""


def name_problems(application: Application) -> Iterator[Problem]:
    """Yield a problem for each part of the Application's name that has to be another one."""
    name = application.name
    if is_host_name(name) and len(name) <= _LONGEST:
        return
    what = f"{name!r} is no name for an Application" if name else "the Application has no name"
    if len(name) > _LONGEST:
        what = f"the Application's name {name!r} has {len(name)} characters"
    why = (
        f"Kubernetes takes at most {_LONGEST} lower-case letters, digits, '-' and '.', with a letter or "
        "digit at both ends, since Argo CD labels the project's objects with it"
    )
    for keys, fix in _better_names(application):
        yield application.problem(["metadata", "name"], keys, what, why, fix)


def _better_names(application: Application) -> Iterator[tuple[list[Key], str]]:
    """Yield where to write a name that can be, and what: of `<application>-<key>` the part that is wrong."""
    name, target = application.name, application.target
    if application.document:
        yield [], f"write {suggested_name(name, _LONGEST) or 'docserver'}"
        return
    base, room = name, _LONGEST
    if target is not None:
        base, key = name.removesuffix(f"-{target}"), target
        if not is_host_name(f"x-{target}") or len(target) > _LONGEST // 2:
            key = suggested_name(target, max(_LONGEST - len(base) - 1, _SHORT)) or "edge"
            named = f", with name: {target} below it, since the key names the cluster"
            means = named if _is_cluster(application) else ""
            yield ["destinations", target], f"write {key}: in place of {target!r}:{means}"
        room -= len(key) + 1
    if len(base) > room or not is_host_name(base):
        suggestion = suggested_name(base, room) or "docserver"
        yield ["application"], f"{key_path((*application.path, 'application'))}: {suggestion}"


def _is_cluster(application: Application) -> bool:
    """Tell whether the key of one of several destinations is the only thing that names its cluster."""
    of_project = getattr(application.options, "destinations", None) or {}
    own = of_project.get(application.target)
    return own is not None and not (own.name or own.server)


def same_names(applications: Iterable[Application]) -> Iterator[Problem]:
    """Yield a problem for each Application that has the name of an earlier one."""
    first: dict[str, Application] = {}
    for application in applications:
        earlier = first.setdefault(application.name, application)
        key = "name" if application.document else "application"
        if application.name and earlier is not application:
            namespaces = {each.manifest["metadata"].get("namespace") for each in (earlier, application)}
            yield application.wrong(
                ["metadata", "name"],
                f"the Application {application.name!r} is declared already, by {_place(earlier)}",
                "one would overwrite the other"
                if len(namespaces) == 1
                else "in Pulumi's state an Application goes by its name alone, whatever its namespace is",
                f"write {key}: {application.name}-2, or take it out",
            )


def _place(application: Application) -> str:
    if application.document:
        return f"{application.document.file}, line {application.document.line_of('metadata', 'name')}"
    return key_path(application.path)


def metadata_problems(application: Application) -> Iterator[Problem]:
    """Yield what Kubernetes refuses of labels, annotations and finalizers; also of an ApplicationSet's."""
    kind, metadata = application.manifest["kind"], application.manifest["metadata"]
    for key, refused in refused_metadata(metadata):
        yield application.wrong(("metadata", key, refused.key), refused.what, refused.why, refused.fix)
    for number, finalizer in enumerate(metadata.get("finalizers", [])):
        if not is_qualified(finalizer):
            yield application.wrong(
                ("metadata", "finalizers", number),
                f"{finalizer!r} cannot be a finalizer",
                f"Kubernetes would refuse the {kind}: a finalizer is a name, perhaps with a domain and /",
                "write resources-finalizer.argocd.argoproj.io, or take it out",
            )
        elif ".argocd.argoproj.io" in finalizer and finalizer not in OF_ARGO_CD:
            yield application.wrong(
                ("metadata", "finalizers", number),
                f"{finalizer!r} is no finalizer of Argo CD's",
                f"nobody would ever take it off, and the {kind} could not be deleted",
                nearest(finalizer, sorted(OF_ARGO_CD)),
            )
