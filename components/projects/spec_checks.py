"""The rules for what every Application needs: an AppProject, a source, and a destination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.projects.application import Application
from components.projects.section import IN_CLUSTER
from components.stackfile.object_names import is_namespace, suggested_namespace
from components.stackfile.problems import Problem

_SOURCES = ("source", "sources", "sourceHydrator")


def spec_problems(application: Application) -> Iterator[Problem]:
    """Yield what Argo CD misses in the spec, and what it or Kubernetes would refuse of the destination."""
    spec = application.spec
    for key, there, example in (
        ("project", spec.get("project") is not None, "project: default"),
        ("source", any(map(spec.get, _SOURCES)), "source: {repoURL: …, path: …}"),
        ("destination", spec.get("destination"), f"destination: {{server: {IN_CLUSTER}}}"),
    ):
        if not there:
            yield application.problem(
                ["spec", key], ["spec"], f"spec.{key} is missing", "Argo CD needs it", f"add {example}"
            )
    yield from _destination(application, spec.get("destination", {}))


def _destination(application: Application, destination: Mapping[str, Any]) -> Iterator[Problem]:
    place, namespace = ("spec", "destination"), destination.get("namespace")
    name, server = destination.get("name"), destination.get("server")
    if destination and not (name or server):
        yield application.wrong(
            place,
            "the destination names no cluster",
            "Argo CD does not know where to deploy the project to",
            f"add server: {IN_CLUSTER}",
        )
    if name and server:
        yield application.wrong(
            (*place, "name"),
            "name and server are set together",
            "Argo CD refuses an Application whose destination is named twice",
            "take name out, or server",
        )
    if namespace and not is_namespace(namespace):
        yield application.wrong(
            (*place, "namespace"),
            f"{namespace!r} cannot be the name of a namespace",
            "Kubernetes takes at most 63 lower-case letters, digits and '-', with a letter or digit at both "
            "ends, and every synchronisation would fail",
            f"write {suggested_namespace(namespace) or 'docserver'}",
        )
