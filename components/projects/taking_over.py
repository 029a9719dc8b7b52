"""Applications that are taken over: what is in them stays, or the preview stops; links get names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

from components.argocd.values import value_at
from components.cluster.api import Reader
from components.cluster.losses import Loss, as_yaml, losses
from components.cluster.objects import OURS, applications
from components.projects.application import Application, sources
from components.projects.cascade import cascade_of
from components.projects.file_form import WRITTEN_BY_ARGO_CD
from components.stackfile.problems import PROJECT, Problem, key_path, without_login

_OF_OTHERS = (*OURS, "notified.notifications.argoproj.io")
"""How annotations begin that are from this program, or from controllers."""


def read_applications(context: str, namespace: str) -> dict[str, Mapping[str, Any]]:
    """Return the Applications of Argo CD's namespace, whole, by name.

    Raises:
        ClusterError: the API server does not answer, or forbids it.
    """
    with Reader(context) as reader:
        return {item["metadata"]["name"]: item for item in applications(reader, namespace)}


def application_problems(application: Application, live: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield why the Application `live` cannot be taken over as it is declared.

    A link to the same repository by another host is no reason: to change it is what this is for.
    """
    place, name = ["metadata", "name"], application.name
    if live["metadata"].get("deletionTimestamp"):
        waits = ", ".join(live["metadata"].get("finalizers") or []) or "nothing"
        yield application.problem(
            place,
            [],
            f"the Application {name!r} is being deleted; it waits for its finalizers: {waits}",
            "what is taken over now would be gone a moment later",
            "wait until it is gone, and declare it anew; or see why Argo CD does not end the deletion",
        )
        return
    if lost := losses(as_written(live), _declared(application, live), application.options.drop):
        listed = "\n".join(f"    {loss}" for loss in lost)
        yield application.problem(
            place,
            [],
            f"the Application {name!r} has what this stack would change or drop:\n{listed}",
            "an adoption keeps what is there, and Argo CD may act on each of these fields at once",
            "\n".join(_ways_out(application, lost)),
        )


def lines(application: Application, live: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the adoption changes in an Application, line by line: links, and what is added."""
    there = deepcopy(dict(live))
    for place, source in sources(application.spec):
        old, new = value_at(live, *place, "repoURL"), source.get("repoURL")
        if old and old != new:
            yield f"{application.name}: {without_login(str(old))} → {new}"
            value_at(there, *place)["repoURL"] = new
    for added in losses({"spec": application.spec}, {"spec": there.get("spec")}):
        if value_at(live, *added.path) is None:
            yield f"{application.name}: {added.named} is new: {added.shown}"


def own_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the labels of an object, and the annotations that its owner has written."""
    annotations = {
        key: value
        for key, value in (metadata.get("annotations") or {}).items()
        if key not in WRITTEN_BY_ARGO_CD and not key.startswith(_OF_OTHERS)
    }
    return {"labels": metadata.get("labels") or {}, "annotations": annotations}


def as_written(live: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an Application its owner has written, not Argo CD and not this program."""
    metadata = live["metadata"]
    cascade = cascade_of(metadata.get("finalizers") or ())
    finalizers = {"finalizers": cascade} if cascade != "none" else {}
    about = {**own_metadata(metadata), **finalizers}
    return {"metadata": about, "spec": live.get("spec") or {}}


def _declared(application: Application, live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same of what is declared, with the links of `live` where only the host is another one."""
    metadata, spec = application.manifest["metadata"], deepcopy(dict(application.spec))
    for place, source in sources(spec):
        old = value_at(live, *place, "repoURL")
        if _repository(old) == _repository(source.get("repoURL")):
            source["repoURL"] = old
    about = {key: metadata.get(key, {}) for key in ("labels", "annotations")}
    about["finalizers"] = cascade_of(metadata.get("finalizers", ()))
    return {"metadata": about, "spec": spec}


def _repository(url: Any) -> str:
    """Return what is left of a repository's address without its host."""
    return urlsplit(str(url)).path.removesuffix(".git")


def _ways_out(application: Application, lost: Sequence[Loss]) -> Iterator[str]:
    if application.document:
        yield f"to keep them, write them into {application.document.file}"
    else:
        yield f"to keep them, write below {key_path(application.path)}:"
        yield as_yaml([_in_the_stack(loss) for loss in lost], {}, 4)
    key = "defaults" if application.document else key_path(application.path).partition(":")[2]
    yield f"to let one of them go on purpose, name it: {PROJECT}:{key}.drop: [{lost[0].named}]"


def _in_the_stack(loss: Loss) -> Loss:
    """Return it as the stack file says it."""
    above, *below = loss.path
    if above == "spec":
        return loss
    return Loss(("cascade",) if below == ["finalizers"] else tuple(below), loss.old, loss.new)
