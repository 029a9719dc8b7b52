"""The row that looks for Argo CD's chart: in a repository, in an OCI registry, or on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2

from components.argocd.chart_file import ChartFileError, read_chart_yaml
from components.settings import ChartSettings
from components.settings.argocd_chart import DEFAULT_REPOSITORY
from review.preflight.chart_index import nearest_versions, same_version, versions_in
from review.preflight.looking import Check
from review.preflight.rows import Mark, Row

CHART = "chart"
_NAME = "argo-cd"
_LARGEST_INDEX = 64 * 1024 * 1024
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json"
_NO_WAY_IN = (401, 403)
_NOT_FOUND = 404
_KEY = "protobox-cd:argocd.chart"


class _NotResolvedError(Exception):
    """The chart cannot be had; carries the row that says so."""

    def __init__(self, seen: str, fix: str, mark: Mark = Mark.FAILED) -> None:
        super().__init__(seen)
        self.row = Row(mark, CHART, seen, fix)


def chart_check(chart: ChartSettings, seconds: float, oci_scheme: str = "https") -> Check:
    """Return the check that `chart` can be had, in the version that the stack file names.

    Args:
        chart: the stack file's `argocd.chart`.
        seconds: how long it may take.
        oci_scheme: how OCI registries are spoken to; Helm speaks HTTPS.
    """
    place = chart.path or shown(chart.oci or chart.repository or DEFAULT_REPOSITORY)
    late = Row(
        Mark.FAILED,
        CHART,
        f"{place} did not answer within {seconds:g} s",
        "make it reachable from here, or package the chart and name its file: "
        f"{_KEY}.path: charts/argo-cd-{chart.version}.tgz",
    )
    return Check(CHART, lambda: _row(chart, place, seconds, oci_scheme), seconds, late)


def _row(chart: ChartSettings, place: str, seconds: float, oci_scheme: str) -> Row:
    try:
        if chart.path:
            return _on_this_machine(chart.path)
        with httpx2.Client(timeout=seconds, follow_redirects=True) as client:
            if chart.oci:
                return _in_registry(client, chart.oci, chart.version, oci_scheme)
            return _in_repository(client, chart)
    except _NotResolvedError as error:
        return error.row
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        reason = str(error) or type(error).__name__
        return Row(
            Mark.FAILED, CHART, f"{place} cannot be read: {reason}", f"correct the address under {_KEY}"
        )


def _on_this_machine(path: str) -> Row:
    try:
        content = read_chart_yaml(Path(path))
    except ChartFileError as error:
        raise _NotResolvedError(
            f"the chart {path} {error}", f"write the chart's place, seen from the project's root: {_KEY}.path"
        ) from None
    return Row(Mark.OK, CHART, f"{content['name']} {content.get('version')} in {path}")


def is_chart(path: str) -> bool:
    """Tell whether there is a chart at `path` of this machine."""
    try:
        return bool(read_chart_yaml(Path(path)))
    except ChartFileError:
        return False


def _in_repository(client: httpx2.Client, chart: ChartSettings) -> Row:
    repository, version = chart.repository or DEFAULT_REPOSITORY, chart.version
    url = f"{repository.rstrip('/')}/index.yaml"
    place = shown(repository)
    with client.stream("GET", url) as answer:
        if answer.status_code in _NO_WAY_IN and chart.password:
            raise _NotResolvedError(
                f"{place} wants to know who asks; the stack file has a password for it, which is encrypted, "
                "so that it was not tried here",
                "",
                Mark.WARNING,
            )
        _require_success(answer, f"{place}/index.yaml")
        index = bytearray()
        for piece in answer.iter_bytes():
            index += piece
            if len(index) > _LARGEST_INDEX:
                raise _NotResolvedError(
                    f"{place}/index.yaml has more than {_LARGEST_INDEX >> 20} MiB",
                    f"correct {_KEY}.repository",
                )
    try:
        versions = versions_in(bytes(index), _NAME)
    except ValueError as error:
        raise _NotResolvedError(f"{place}/index.yaml: {error}", f"correct {_KEY}.repository") from None
    if versions is None:
        raise _NotResolvedError(
            f"the repository {place} has no chart {_NAME}",
            f"name a repository that has it under {_KEY}.repository; the default is {DEFAULT_REPOSITORY}",
        )
    if not any(same_version(version, one) for one in versions):
        raise _no_such_version(place, version, versions)
    return Row(Mark.OK, CHART, f"{_NAME} {version} in {place}")


def _in_registry(client: httpx2.Client, reference: str, version: str, scheme: str) -> Row:
    registry, _, name = reference.removeprefix("oci://").rstrip("/").partition("/")
    base = f"{scheme}://{registry}/v2/{name}"
    tag = version.replace("+", "_")  # what Helm makes of it, since a tag has no plus
    ask = _anonymous(client)
    answer = ask(f"{base}/manifests/{tag}")
    if answer.status_code in _NO_WAY_IN:
        raise _NotResolvedError(
            f"the registry {registry} wants credentials for {name}; the Kubernetes plugin takes them from "
            "`helm registry login`, and they were not tried here",
            "",
            Mark.WARNING,
        )
    if answer.status_code == _NOT_FOUND:
        raise _no_such_version(reference, version, _tags(ask(f"{base}/tags/list")))
    _require_success(answer, reference)
    return Row(Mark.OK, CHART, f"{reference} {version}")


def _anonymous(client: httpx2.Client) -> Callable[[str], httpx2.Response]:
    """Return how to ask a registry as nobody in particular, with a token where it wants one for that."""

    def ask(url: str) -> httpx2.Response:
        headers = {"Accept": f"{_MANIFESTS}, application/json"}
        answer = client.get(url, headers=headers)
        challenge = answer.headers.get("WWW-Authenticate", "")
        if answer.status_code in _NO_WAY_IN and challenge.lower().startswith("bearer "):
            asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
            if realm := asked.pop("realm", ""):
                given = _json(client.get(realm, params=asked))
                token = given.get("token") or given.get("access_token")
                if token:
                    return client.get(url, headers={**headers, "Authorization": f"Bearer {token}"})
        return answer

    return ask


def _tags(answer: httpx2.Response) -> list[str]:
    tags = _json(answer).get("tags") or []
    return [str(tag).replace("_", "+") for tag in tags] if isinstance(tags, list) else []


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _no_such_version(place: str, version: str, versions: Iterable[str]) -> _NotResolvedError:
    near = nearest_versions(version, versions)
    return _NotResolvedError(
        f"{place} has no {_NAME} {version}" + (f"; the nearest are {', '.join(near)}" if near else ""),
        f"set {_KEY}.version to one that it has" + (f", for example {near[-1]}" if near else ""),
    )


def _require_success(answer: httpx2.Response, place: str) -> None:
    if answer.is_error:
        raise _NotResolvedError(
            f"{place} answers {answer.status_code} {answer.reason_phrase}",
            f"correct the address under {_KEY}",
        )


def shown(url: str) -> str:
    """Return `url` without what could be secret in it: user, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
