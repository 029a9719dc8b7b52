"""The rules for an Application's `spec`: an AppProject, a destination, and sources that Argo CD can render.

Source: Argo CD v3.1.9, `util/argo/argo.go` (validateSourcePermissions, GetRefSources), `v1alpha1/types.go`
(ExplicitType) and `reposerver/repository/repository.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.projects.application import Application, sources
from components.projects.section import IN_CLUSTER, TOOLS
from components.stackfile.host_names import is_host_name
from components.stackfile.object_names import is_namespace, suggested_name, suggested_namespace
from components.stackfile.problems import Key, Problem
from components.stackfile.stack_yaml import values_in
from components.stackfile.urls import require_folder

_SOURCES = ("source", "sources", "sourceHydrator")
_REF = re.compile(r"[A-Za-z0-9_-]+")
_REF_IN_PATH = re.compile(r"\$([A-Za-z0-9_-]+)(/|$)")
_OF_ARGO_CD = re.compile(r"ARGOCD_.*|KUBE_VERSION|KUBE_API_VERSIONS")
"""Variables that Argo CD fills in itself."""
_LONGEST_RELEASE = 53
"""Source: Helm v3.19, `pkg/chart/common/util/validate_name.go`, ValidateReleaseName."""
Place = tuple[Key, ...]


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


def source_problems(application: Application) -> Iterator[Problem]:
    """Yield what Argo CD would refuse of the sources, each alone and all together."""
    found = list(sources(application.spec))
    several = bool(application.spec.get("sources")) and not application.spec.get("sourceHydrator")
    for place, source in found:
        yield from _one_tool(application, place, source)
        yield from _what_is_in_it(application, place, source, several=several)
        yield from _values(application, place, source)
        yield from _release_name(application, place, source)
        if source.get("path"):
            yield from application.refused((*place, "path"), require_folder)
    yield from _refs(application, found)


def _one_tool(application: Application, place: Place, source: Mapping[str, Any]) -> Iterator[Problem]:
    named = [tool for tool in TOOLS if source.get(tool) is not None]
    if len(named) > 1:
        yield application.wrong(
            (*place, named[1]),
            f"{' and '.join(named)} are set together",
            "Argo CD renders a source with one tool, and refuses the Application otherwise",
            f"take {named[1]} out, or {named[0]}",
        )


def _what_is_in_it(
    application: Application, place: Place, source: Mapping[str, Any], *, several: bool
) -> Iterator[Problem]:
    if chart := source.get("chart"):
        yield from _chart(application, place, chart, source)
    if not any(source.get(key) for key in ("path", "chart", *(["ref"] if several else []))):
        kinds = "path, chart nor ref" if several else "path nor chart"
        yield application.wrong(
            place,
            f"the source has neither {kinds}",
            "Argo CD would not know what to declare of the repository, and refuses the Application",
            "add the folder of the manifests, for example path: deploy, or path: . for the repository's root",
        )
    if source.get("ref") and source.get("chart") and several:
        yield application.wrong(
            (*place, "ref"),
            f"the source has a ref and the chart {source['chart']!r}",
            "files can only be taken from a Git repository; Argo CD refuses a ref to a chart",
            "take ref out, and give the values files a source of their own",
        )


def _chart(
    application: Application, place: Place, chart: str, source: Mapping[str, Any]
) -> Iterator[Problem]:
    """Yield what a chart lacks: what the `git` section has for all projects is a branch and a Git server."""
    keys = place if application.document else (*place, "chart")
    if not source.get("targetRevision"):
        revision = application.key("targetRevision")
        here = f" for the destination {application.target!r}" if application.target else ""
        yield application.wrong(
            keys,
            f"the chart {chart!r} has no version{here}",
            "Argo CD takes a chart with its exact version only",
            f"add {revision}: with the chart's version, for example {revision}: 1.2.3",
        )
    if application.lacks_repository(place):
        repository = application.key("repoURL")
        yield application.wrong(
            keys,
            f"the chart {chart!r} has no repository",
            "Argo CD would look for it in the project's Git repository, which has no charts to offer",
            f"add {repository}: with that of the chart, for example {repository}: https://charts.protobox/stable",
        )


def _values(application: Application, place: Place, source: Mapping[str, Any]) -> Iterator[Problem]:
    """Check `helm.values`, which is YAML in a text."""
    text = source.get("helm", {}).get("values")
    if not text:
        return
    try:
        values = values_in(text)
        is_mapping = len(values) <= 1 and isinstance(next(iter(values), None), dict | None)
        what = "" if is_mapping else "they are no mapping (key: value)"
    except ValueError as error:
        what = str(error)
    if what:
        yield application.wrong(
            (*place, "helm", "values"),
            f"the values for Helm are no YAML that it could use: {what}",
            "Helm would stop, and Argo CD could not render the chart",
            "correct the text, or write a mapping with the same values as valuesObject:",
        )


def _release_name(application: Application, place: Place, source: Mapping[str, Any]) -> Iterator[Problem]:
    """Check what Helm calls the release: as the Application, if `helm.releaseName` does not say otherwise."""
    helm = source.get("helm") or {}
    others = [tool for tool in TOOLS if tool != "helm" and source.get(tool)]
    if others or not (source.get("chart") or (helm and source.get("path"))):
        return
    said = helm.get("releaseName")
    name = said or application.name
    if not (said or is_host_name(name)) or (is_host_name(name) and len(name) <= _LONGEST_RELEASE):
        return  # the Application's own name is checked elsewhere
    better = suggested_name(name, _LONGEST_RELEASE) or "docserver"
    yield application.wrong(
        (*place, "helm", "releaseName"),
        f"the release of Helm would be called {name!r}",
        f"Helm takes at most {_LONGEST_RELEASE} lower-case letters, digits, '-' and '.', with a letter or "
        "digit at both ends, and refuses to render the chart otherwise",
        f"write releaseName: {better}",
    )


def _refs(application: Application, found: Sequence[tuple[Place, Mapping[str, Any]]]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for place, source in found:
        ref = source.get("ref")
        if not ref:
            continue
        if not _REF.fullmatch(ref):
            yield application.wrong(
                (*place, "ref"),
                f"{ref!r} cannot be a ref",
                "Argo CD takes letters, digits, '-' and '_', and refuses the Application otherwise",
                f"write {'-'.join(re.findall(r'[A-Za-z0-9_-]+', ref)) or 'values'}",
            )
        elif first.setdefault(ref, place) != place:
            yield application.wrong(
                (*place, "ref"),
                f"two sources have the ref {ref!r}",
                f"nobody could tell which of them ${ref}/… means, and Argo CD refuses the Application",
                f"write {ref}-2",
            )
    for place, source in found:
        for below, file in _files(source):
            name = _REF_IN_PATH.match(file)
            if not name or _OF_ARGO_CD.fullmatch(name[1]) or (name[1] in first and len(found) > 1):
                continue
            yield application.wrong(
                (*place, *below),
                f"no other source has the ref {name[1]!r}, which {file} asks for",
                "Argo CD would look for the file in a folder without a name, and could not render the chart",
                _ref_fix(name[1], file, list(first)),
            )


def _files(source: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    helm = source.get("helm", {})
    for number, file in enumerate(helm.get("valueFiles", [])):
        yield ("helm", "valueFiles", number), file
    for number, parameter in enumerate(helm.get("fileParameters", [])):
        if "path" in parameter:
            yield ("helm", "fileParameters", number, "path"), parameter["path"]


def _ref_fix(name: str, file: str, known: Sequence[str]) -> str:
    if known:
        return f"write ${known[0]}{file[len(name) + 1 :]}, or add ref: {name} to the source that has the file"
    return f"add ref: {name} to the source that has the file, which has to be one of several sources"
