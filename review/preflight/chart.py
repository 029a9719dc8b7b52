"""The row that looks for Argo CD's chart: in a repository, in an OCI registry, or on this machine."""

from __future__ import annotations

from pathlib import Path

import httpx2
import yaml

from components.argocd.chart_file import read_chart_yaml
from components.settings import ChartSettings
from components.settings.argocd_chart import DEFAULT_REPOSITORY
from review.preflight.rows import Mark, Row

_CHART, _NAME, _KEY = "chart", "argo-cd", "protobox-cd:argocd.chart"
_MANIFESTS = {"Accept": "application/vnd.oci.image.manifest.v1+json, application/json"}
_NO_WAY_IN, _NOT_FOUND, _NAMED = (401, 403), 404, 3
# The parser of libyaml reads an index of several megabytes in seconds, PyYAML's own in half a minute.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Seen = tuple[Mark, str, str]
"""How it went, what the place of the chart has or does, and the fix."""


def chart_row(chart: ChartSettings, seconds: float, oci_scheme: str = "https") -> Row:
    """Return whether `chart` can be had, in the version that the stack file names."""
    if chart.path:
        content = read_chart_yaml(Path(chart.path))  # what cannot be read, the check of the file has told
        return Row(Mark.OK, _CHART, f"{content['name']} {content.get('version')} in {chart.path}")
    given = (chart.oci or chart.repository or "").partition("?")[0]
    place = given or f"{DEFAULT_REPOSITORY} (the default, since the stack file names no place for the chart)"
    try:
        with httpx2.Client(timeout=seconds / 2, follow_redirects=True) as client:
            found = _in_registry(client, chart, oci_scheme) if chart.oci else _in_repository(client, chart)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        reason = str(error) or type(error).__name__
        found = _elsewhere(chart, f"cannot be reached from here: {reason}")
    mark, seen, fix = found
    return Row(mark, _CHART, f"{place} {seen}", fix)


def _in_repository(client: httpx2.Client, chart: ChartSettings) -> _Seen:
    answer = client.get(f"{(chart.repository or DEFAULT_REPOSITORY).rstrip('/')}/index.yaml")
    if answer.status_code in _NO_WAY_IN and chart.password:
        seen = "wants to know who asks; the stack file has a password for it, which is encrypted"
        return Mark.WARNING, f"{seen}, so that it was not tried here", ""
    if answer.is_error:
        return _refused(answer)
    try:
        index = yaml.load(answer.content, Loader=_LOADER)  # noqa: S506  # a safe loader, either way
        found = index["entries"].get(_NAME)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        return _elsewhere(chart, "has no index of a chart repository")
    if not isinstance(found, list):
        return _elsewhere(chart, f"has no chart {_NAME}")
    versions = [str(one.get("version")) for one in found if isinstance(one, dict)]
    if chart.version.removeprefix("v") not in {one.removeprefix("v") for one in versions}:
        return _too_old_or_new(chart, f"; it has {', '.join(versions[:_NAMED])} …" if versions else "")
    return Mark.OK, f"has {_NAME} {chart.version}", ""


def _in_registry(client: httpx2.Client, chart: ChartSettings, scheme: str) -> _Seen:
    registry, _, name = str(chart.oci).removeprefix("oci://").rstrip("/").partition("/")
    tag = chart.version.replace("+", "_")  # what Helm makes of it, since a tag has no plus
    answer = client.get(f"{scheme}://{registry}/v2/{name}/manifests/{tag}", headers=_MANIFESTS)
    if answer.status_code in _NO_WAY_IN:
        seen = "wants to know who asks; the Kubernetes plugin tells it as Helm does (`helm registry login`)"
        return Mark.WARNING, f"{seen}, which was not tried here", ""
    if answer.status_code == _NOT_FOUND:
        return _too_old_or_new(chart, "")
    return _refused(answer) if answer.is_error else (Mark.OK, f"has {_NAME} {chart.version}", "")


def _refused(answer: httpx2.Response) -> _Seen:
    seen = f"answers {answer.status_code} {answer.reason_phrase}"
    return Mark.FAILED, seen, f"correct the address under {_KEY}"


def _too_old_or_new(chart: ChartSettings, known: str) -> _Seen:
    fix = f"set {_KEY}.version to one that it has"
    return Mark.FAILED, f"has no {_NAME} {chart.version}{known}", fix


def _elsewhere(chart: ChartSettings, seen: str) -> _Seen:
    """Return what was seen of a place without the chart, and the ways to one."""
    ways = (
        f"name a mirror that this machine reaches ({_KEY}.repository or .oci), or the proxy on the way "
        "(HTTPS_PROXY, and NO_PROXY for what is near), or package the chart and name its file "
        f"({_KEY}.path: charts/{_NAME}-{chart.version}.tgz)"
    )
    return Mark.FAILED, seen, ways
