"""The row that looks for Argo CD's chart: in a repository, in an OCI registry, or on this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx2
import yaml

from components.argocd.chart_file import ChartFileError, read_chart_yaml
from components.settings import ChartSettings
from components.settings.argocd_chart import DEFAULT_REPOSITORY
from review.preflight.rows import Mark, Row

CHART = "chart"
_NAME, _KEY = "argo-cd", "protobox-cd:argocd.chart"
_MANIFESTS = "application/vnd.oci.image.manifest.v1+json, application/json"
_NO_WAY_IN, _NOT_FOUND, _NAMED = (401, 403), 404, 3
# The parser of libyaml reads an index of several megabytes in seconds, PyYAML's own in half a minute.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _NotFoundError(Exception):
    """The chart cannot be had: what was seen, and the fix."""


def chart_row(chart: ChartSettings, seconds: float, oci_scheme: str = "https") -> Row:
    """Return whether `chart` can be had, in the version that the stack file names."""
    try:
        if chart.path:
            content = read_chart_yaml(Path(chart.path))
            return Row(Mark.OK, CHART, f"{content['name']} {content.get('version')} in {chart.path}")
        with httpx2.Client(timeout=seconds / 2, follow_redirects=True) as client:
            look = _in_registry if chart.oci else _in_repository
            return look(client, chart, oci_scheme)
    except ChartFileError as error:
        fix = f"write the chart's place, seen from the project's root: {_KEY}.path"
        return Row(Mark.FAILED, CHART, f"the chart {chart.path} {error}", fix)
    except _NotFoundError as error:
        return Row(Mark.FAILED, CHART, *error.args)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        reason = str(error) or type(error).__name__
        seen = f"{_place(chart)} cannot be reached from here: {reason}"
        return Row(Mark.FAILED, CHART, seen, _ways(chart))


def is_chart(path: str) -> bool:
    """Tell whether there is a chart at `path` of this machine."""
    try:
        return bool(read_chart_yaml(Path(path)))
    except ChartFileError:
        return False


def _place(chart: ChartSettings) -> str:
    """Return where the chart is looked for, and who has said so."""
    if given := chart.oci or chart.repository:
        return shown(given)
    return f"{DEFAULT_REPOSITORY} (the default, since the stack file names no place for the chart)"


def _ways(chart: ChartSettings) -> str:
    """Return the ways to a chart for a machine that does not reach it."""
    return (
        f"name a mirror that this machine reaches ({_KEY}.repository or .oci), or the proxy on the way "
        "(HTTPS_PROXY, and NO_PROXY for what is near), or package the chart and name its file "
        f"({_KEY}.path: charts/{_NAME}-{chart.version}.tgz)"
    )


def _in_repository(client: httpx2.Client, chart: ChartSettings, _scheme: str) -> Row:
    place, version = _place(chart), chart.version
    answer = client.get(f"{(chart.repository or DEFAULT_REPOSITORY).rstrip('/')}/index.yaml")
    if answer.status_code in _NO_WAY_IN and chart.password:
        seen = f"{place} wants to know who asks; the stack file has a password for it, which is encrypted"
        return Row(Mark.WARNING, CHART, f"{seen}, so that it was not tried here")
    _require_success(answer, place)
    try:
        index = yaml.load(answer.content, Loader=_LOADER)  # noqa: S506  # a safe loader, either way
        found = index["entries"].get(_NAME)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        raise _NotFoundError(f"{place} has no index of a chart repository", _ways(chart)) from None
    if not isinstance(found, list):
        raise _NotFoundError(f"the repository {place} has no chart {_NAME}", _ways(chart))
    versions = [str(one.get("version")) for one in found if isinstance(one, dict)]
    if version.removeprefix("v") not in {one.removeprefix("v") for one in versions}:
        raise _no_such_version(place, version, versions)
    return Row(Mark.OK, CHART, f"{_NAME} {version} in {place}")


def _in_registry(client: httpx2.Client, chart: ChartSettings, scheme: str) -> Row:
    registry, _, name = str(chart.oci).removeprefix("oci://").rstrip("/").partition("/")
    base, version = f"{scheme}://{registry}/v2/{name}", chart.version
    tag = version.replace("+", "_")  # what Helm makes of it, since a tag has no plus
    answer = _anonymously(client, f"{base}/manifests/{tag}")
    if answer.status_code in _NO_WAY_IN:
        seen = f"the registry {registry} wants credentials for {name}; the Kubernetes plugin takes them from"
        return Row(Mark.WARNING, CHART, f"{seen} `helm registry login`, and they were not tried here")
    if answer.status_code == _NOT_FOUND:
        tags = _json(_anonymously(client, f"{base}/tags/list")).get("tags") or []
        raise _no_such_version(_place(chart), version, [str(one).replace("_", "+") for one in tags])
    _require_success(answer, _place(chart))
    return Row(Mark.OK, CHART, f"{chart.oci} {version}")


def _anonymously(client: httpx2.Client, url: str) -> httpx2.Response:
    """Ask a registry as nobody in particular, with a token where it wants one for that."""
    headers = {"Accept": _MANIFESTS}
    answer = client.get(url, headers=headers)
    asked = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers.get("WWW-Authenticate", "")))
    if answer.status_code not in _NO_WAY_IN or "realm" not in asked:
        return answer
    given = _json(client.get(asked.pop("realm"), params=asked))
    token = given.get("token") or given.get("access_token")
    return client.get(url, headers={**headers, "Authorization": f"Bearer {token}"}) if token else answer


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _no_such_version(place: str, version: str, versions: Sequence[str]) -> _NotFoundError:
    known = f"; it has {', '.join(versions[:_NAMED])} …" if versions else ""
    fix = f"set {_KEY}.version to one that it has"
    return _NotFoundError(f"{place} has no {_NAME} {version}{known}", fix)


def _require_success(answer: httpx2.Response, place: str) -> None:
    if answer.is_error:
        seen = f"{place} answers {answer.status_code} {answer.reason_phrase}"
        raise _NotFoundError(seen, f"correct the address under {_KEY}")


def shown(url: str) -> str:
    """Return `url` without what could be secret in it: user, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
