"""`make upgrade STACK=prod TO=charts/argo-cd-10.7.2.tgz`: what another chart changes, before it does.

Both charts are read on this machine; nothing is asked and nothing is written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml import CSafeLoader

from components.argocd.chart import ChartFileError, read_chart
from components.argocd.chart_values import chart_values
from components.settings import Settings
from components.stackfile.printable import printable
from tools.check import settings_of
from tools.command_line import failed, stack_parser

_NOTES = "https://argo-cd.readthedocs.io/en/stable/operator-manual/upgrading"
_CHANGES = "artifacthub.io/changes"
_FIELDS = 8
_SOURCE_INTEGRITY = (3, 5)
"""The Argo CD that has `sourceIntegrity` in the place of `signatureKeys`."""


@dataclass(frozen=True)
class Chart:
    """One chart, read."""

    about: Mapping[str, Any]
    """Its Chart.yaml."""
    values: Mapping[str, Any]
    """Its values.yaml."""
    crds: Mapping[str, frozenset[str]]
    """CRD → the fields of its objects, as `v1alpha1 spec.source.repoURL`."""

    @property
    def version(self) -> str:
        """The chart's version."""
        return str(self.about.get("version", ""))

    @property
    def argocd(self) -> tuple[int, int]:
        """Argo CD's version, first two numbers; zeros where the chart names none."""
        found = re.match(r"v?(\d+)\.(\d+)", str(self.about.get("appVersion", "")))
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @property
    def changes(self) -> list[str]:
        """What the chart itself says is new in it."""
        listed = yaml.load(str((self.about.get("annotations") or {}).get(_CHANGES, "")), Loader=CSafeLoader)
        return [
            str(item.get("description", item) if isinstance(item, dict) else item) for item in listed or ()
        ]


def chart_of(files: Mapping[str, str]) -> Chart:
    """Return the chart that has these files.

    Raises:
        ChartFileError: they are none of a chart.
    """
    try:
        about, values = (yaml.load(files[name], Loader=CSafeLoader) for name in ("Chart.yaml", "values.yaml"))
    except (KeyError, yaml.YAMLError) as error:
        raise ChartFileError(f"is no chart: {error}") from None
    if not isinstance(about, dict) or not isinstance(values, dict):
        raise ChartFileError("is no chart: its Chart.yaml and values.yaml have to be mappings")
    crds: dict[str, frozenset[str]] = {}
    for name, text in files.items():
        if re.match(r"(templates/)?crds/.*\.ya?ml$", name):
            crds |= _crds(text)
    return Chart(about, values, crds)


def _crds(text: str) -> dict[str, frozenset[str]]:
    plain = "\n".join(line for line in text.splitlines() if "{{" not in line)
    try:
        found = [crd for crd in yaml.load_all(plain, Loader=CSafeLoader) if isinstance(crd, dict)]
    except yaml.YAMLError:
        return {}  # too much of a template to be compared
    return {
        str(crd["metadata"]["name"]): frozenset(
            f"{version['name']} {path}"
            for version in crd["spec"]["versions"]
            for path in _fields((version.get("schema") or {}).get("openAPIV3Schema") or {})
        )
        for crd in found
        if crd.get("kind") == "CustomResourceDefinition"
    }


def _fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, below in (schema.get("properties") or {}).items():
        yield f"{prefix}{name}"
        yield from _fields(below, f"{prefix}{name}.")
    if isinstance(items := schema.get("items"), dict):
        yield from _fields(items, prefix)


def lost_values(given: Mapping[str, Any], before: Chart, after: Chart) -> list[str]:
    """Return the paths of `given` that the chart of before knows, and the one after it does not.

    What neither knows is a key of the user's own, such as one of Argo CD's ConfigMaps.
    """
    return list(_lost(given, before.values, after.values))


def _lost(given: Mapping[str, Any], before: Any, after: Any, prefix: str = "") -> Iterator[str]:
    if not isinstance(before, Mapping):
        return
    for key, value in given.items():
        if key not in before:
            continue
        if not isinstance(after, Mapping) or (after and key not in after):
            yield f"{prefix}{key}"
        elif after and isinstance(value, Mapping):
            yield from _lost(value, before[key], after[key], f"{prefix}{key}.")


def crd_changes(before: Chart, after: Chart) -> dict[str, tuple[list[str], list[str]]]:
    """Return CRD → the fields that go and those that come, where there are any."""
    found = {}
    for name in sorted({*before.crds, *after.crds}):
        old, new = before.crds.get(name, frozenset()), after.crds.get(name, frozenset())
        if old != new:
            found[name] = (_topmost(old - new), _topmost(new - old))
    return found


def _topmost(paths: frozenset[str]) -> list[str]:
    """Return `paths` without those that lie below another of them."""
    return sorted(path for path in paths if not any(path.startswith(f"{other}.") for other in paths))


def notes_between(before: Chart, after: Chart) -> list[str]:
    """Return the addresses of Argo CD's own notes for each step between the two versions."""
    (major, first), (same, last) = before.argocd, after.argocd
    if major != same:
        return [f"{_NOTES}/overview/"]
    return [f"{_NOTES}/{major}.{minor}-{major}.{minor + 1}/" for minor in range(first, last)]


def report(settings: Settings, before: Chart, after: Chart) -> Iterator[str]:
    """Yield what a person has to know before the stack goes from one chart to the other."""
    for what, key in (("chart", "version"), ("Argo CD", "appVersion"), ("Kubernetes", "kubeVersion")):
        old, new = (str(chart.about.get(key, "not said")) for chart in (before, after))
        yield f"{what:<11} {old}" + (f" → {new}" if old != new else ", the same")
    lost = lost_values(chart_values(settings.argocd, "upgrade"), before, after)
    yield ""
    yield from _section("Values of this stack that the new chart no longer knows: it ignores them", lost)
    crds = [f"{name}: {_told(*fields)}" for name, fields in crd_changes(before, after).items()]
    yield from _section("CRDs that change with the next `up`, for every Argo CD in the cluster", crds)
    yield from _section("Deprecated keys in this stack file", list(_deprecated(settings, after)))
    yield from _section("What the new chart says of itself", after.changes)
    yield from _section("Read before it", notes_between(before, after))


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield f"{title}:" if lines else f"{title}: none"
    yield from (f"  {line}" for line in lines)


def _told(gone: Sequence[str], new: Sequence[str]) -> str:
    parts = []
    for sign, paths in (("-", gone), ("+", new)):
        more = f" and {len(paths) - _FIELDS} more" if paths[_FIELDS:] else ""
        parts += [f"{sign} {', '.join(paths[:_FIELDS])}{more}"] if paths else []
    return "; ".join(parts)


def _deprecated(settings: Settings, after: Chart) -> Iterator[str]:
    if after.argocd >= _SOURCE_INTEGRITY:
        for name, one in settings.app_projects.items():
            if one.signature_keys:
                yield (
                    f"appProjects.{name}.signatureKeys: deprecated since Argo CD 3.5; `sourceIntegrity` "
                    f"takes its place: protobox-cd:appProjects.{name}.spec.sourceIntegrity"
                )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report for the stack on the command line; returns the exit code."""
    parser = stack_parser("upgrade", "What another chart would change.")
    parser.add_argument("to", type=Path, help="the new chart: a folder or a .tgz")
    parser.add_argument(
        "--from", dest="old", type=Path, help="the chart of now, if the stack file has no path"
    )
    chosen = parser.parse_args(arguments)
    settings = settings_of(chosen.stack)
    if settings is None:
        return 1
    chart = settings.argocd.chart
    old = chosen.old or (Path(chart.path) if chart.path else None)
    if old is None:
        return failed(f"where is the chart of now? Say it with FROM=\n{_pull(chart.version)}")
    found = []
    for path in (old, chosen.to):
        try:
            found.append(chart_of(read_chart(path)))
        except ChartFileError as error:
            return failed(f"the chart {path} {error}\n{_pull('VERSION')}")
    for line in report(settings, *found):
        print(printable(line))
    return 0


def _pull(version: str) -> str:
    return (
        "    fix: helm pull argo-cd --repo https://argoproj.github.io/argo-helm "
        f"--version {version} --destination charts"
    )


if __name__ == "__main__":
    sys.exit(main())
