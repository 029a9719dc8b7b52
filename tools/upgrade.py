"""`make upgrade STACK=prod TO=charts/argo-cd-10.7.2.tgz`: what another chart changes, before it does.

Both charts are read on this machine; nothing is asked and nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.argocd.chart import ChartFileError, read_chart
from components.argocd.chart_values import chart_values
from components.settings import Settings
from components.stackfile.printable import printable
from tools.charts import Chart, chart_of, crd_changes, lost_values, notes_between
from tools.check import settings_of
from tools.command_line import failed, stack_parser

_FIELDS = 8
_SOURCE_INTEGRITY = (3, 5)
"""The Argo CD that has `sourceIntegrity` in the place of `signatureKeys`."""


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
