"""The row that looks for Argo CD's chart: in a repository, in an OCI registry, or on this machine."""

from __future__ import annotations

from pathlib import Path

import httpx2
import yaml

from components.argocd.chart import DEFAULT_REPOSITORY, ChartSettings, read_chart_yaml
from tools.command_line import Mark, Row

_CHART, _NAME, _KEY = "chart", "argo-cd", "protobox-cd:argocd.chart"
_MANIFESTS = {"Accept": "application/vnd.oci.image.manifest.v1+json, application/json"}
_NO_WAY_IN, _NAMED = (401, 403), 3
# The parser of libyaml reads an index of several megabytes in seconds, PyYAML's own in half a minute.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FIX = (
    f"if it lacks this version, set {_KEY}.version to one that it has; else name a mirror that is in reach "
    f"({_KEY}.repository or .oci), or the proxy on the way (HTTPS_PROXY, and NO_PROXY for what is near); or "
    f"package the chart and name its file ({_KEY}.path: charts/{_NAME}-{{}}.tgz)"
)


def chart_row(chart: ChartSettings, seconds: float, oci_scheme: str = "https") -> Row:
    """Return whether `chart` can be had, in the version that the stack file names."""
    if chart.path:
        content = read_chart_yaml(Path(chart.path))  # what cannot be read, the check of the file has told
        return Row(Mark.OK, _CHART, f"{content['name']} {content.get('version')} in {chart.path}")
    given = (chart.oci or chart.repository or "").partition("?")[0]
    place = given or f"{DEFAULT_REPOSITORY} (the default, since the stack file names no place for the chart)"
    try:
        with httpx2.Client(timeout=seconds / 2, follow_redirects=True) as client:
            look = _in_registry if chart.oci else _in_repository
            mark, seen = look(client, chart, oci_scheme)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        mark, seen = Mark.FAILED, f"cannot be reached from here: {str(error) or type(error).__name__}"
    return Row(mark, _CHART, f"{place} {seen}", _FIX.format(chart.version) if mark is Mark.FAILED else "")


def _in_repository(client: httpx2.Client, chart: ChartSettings, _scheme: str) -> tuple[Mark, str]:
    answer = client.get(f"{(chart.repository or DEFAULT_REPOSITORY).rstrip('/')}/index.yaml")
    if answer.status_code in _NO_WAY_IN and chart.password:
        seen = "wants to know who asks; the stack file has a password for it, which is encrypted"
        return Mark.WARNING, f"{seen}, so that it was not tried here"
    if answer.is_error:
        return Mark.FAILED, f"answers {answer.status_code} {answer.reason_phrase}"
    try:
        index = yaml.load(answer.content, Loader=_LOADER)  # noqa: S506  # a safe loader, either way
        found = index["entries"].get(_NAME)
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        return Mark.FAILED, "has no index of a chart repository"
    if not isinstance(found, list):
        return Mark.FAILED, f"has no chart {_NAME}"
    versions = [str(one.get("version")) for one in found if isinstance(one, dict)]
    if chart.version.removeprefix("v") not in {one.removeprefix("v") for one in versions}:
        known = f"; it has {', '.join(versions[:_NAMED])} …" if versions else ""
        return Mark.FAILED, f"has no {_NAME} {chart.version}{known}"
    return Mark.OK, f"has {_NAME} {chart.version}"


def _in_registry(client: httpx2.Client, chart: ChartSettings, scheme: str) -> tuple[Mark, str]:
    registry, _, name = str(chart.oci).removeprefix("oci://").rstrip("/").partition("/")
    tag = chart.version.replace("+", "_")  # what Helm makes of it, since a tag has no plus
    answer = client.get(f"{scheme}://{registry}/v2/{name}/manifests/{tag}", headers=_MANIFESTS)
    if answer.status_code in _NO_WAY_IN:
        seen = "wants to know who asks; the Kubernetes plugin tells it as Helm does (`helm registry login`)"
        return Mark.WARNING, f"{seen}, which was not tried here"
    if answer.is_error:
        return Mark.FAILED, f"has no {_NAME} {chart.version}: it answers {answer.status_code}"
    return Mark.OK, f"has {_NAME} {chart.version}"
