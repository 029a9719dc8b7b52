"""From the file of results to the page and its pictures: what the docs say is what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from benchmarks import start, sync
from benchmarks.chart import Group, bars, number
from benchmarks.contestants import BARE, MEASURES, NO_OP, OURS, UP
from benchmarks.measuring import Spread

RESULTS, PAGE = "benchmarks.json", "benchmarks.md"
PROJECTS_PICTURE, SYNC_PICTURE = "pictures/benchmarks-projects.svg", "pictures/benchmarks-sync.svg"
MOST = "1000"
"""How many projects the targets are about."""
Results = Mapping[str, Any]
_QUICK = (
    "**Of `make bench ARGS=--quick`: a few runs, and other work on the machine at the same time. "
    "No more than a sketch.**\n\n"
)
_SYNC = """\
![the same as bars](pictures/benchmarks-sync.svg)

Since `pulumi up` began on [the demo's site](demo.md), with the real Argo CD 3.1.9, CoreDNS and Git: this `up` installs Argo
CD, edits both DNS layers and declares one Application. CoreDNS looks at its Corefile every 2 s there; on a cluster the
kubelet takes up to two minutes to bring it the new one.

"""  # noqa: E501 - Markdown of the page
_NOT_MEASURED = "Not measured: the machine gives no network namespace, or Argo CD is not built."


@dataclass(frozen=True)
class Target:
    """What is promised."""

    what: str
    at_most: float
    ratio: Callable[[Results], float | None]
    """Returns what was measured; None if it was not."""


def targets(results: Results) -> Iterator[tuple[str, str, str, str]]:
    """Yield each target: what, at most, measured, reached."""
    for target in _TARGETS:
        found = target.ratio(results)
        measured = "not measured" if found is None else f"{found:.2f}"
        reached = "" if found is None else "yes" if found <= target.at_most else "no"
        yield target.what, f"{target.at_most:.2f}", measured, reached


def written(folder: Path, results: Results) -> list[Path]:
    """Write results, page and pictures into a folder of docs; return the files."""
    files = {RESULTS: json.dumps(results, indent=1) + "\n", **made_of(results)}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in files]


def made_of(results: Results) -> dict[str, str]:
    """Return file, as seen from the folder of the docs → what it has to have in it."""
    made = {PAGE: page(results), PROJECTS_PICTURE: _projects_picture(results)}
    return made | ({SYNC_PICTURE: _sync_picture(results)} if results["sync"] else {})


def page(results: Results) -> str:
    """Return the page."""
    template = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    return Template(template).substitute(
        results["about"],
        quick=_QUICK if results["about"]["quick"] else "",
        targets=_table(
            ("target, by the medians of this run", "at most", "measured", "reached"), targets(results)
        ),
        projects=_projects(results["projects"]),
        memory_table=_memory(results["projects"]),
        start=_start(results["start"]),
        each=_each(results["check"]),
        check=_table(
            ("projects", "time"), ((f"{int(n):,}", _times(of)) for n, of in results["check"].items())
        ),
        corefile=_corefile(results["corefile"]),
        sync=_sync(results["sync"]) if results["sync"] else _NOT_MEASURED,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _projects(sizes: Mapping[str, Any]) -> str:
    columns = [f"{int(size):,} project{'s' * (size != '1')}" for size in sizes]
    tables = []
    for measure in MEASURES:
        by_size = [found[measure] for found in sizes.values()]
        rows = [[name, *(_against_bare(name, found) for found in by_size)] for name in by_size[0]]
        tables.append(_table([f"**{measure}**", *columns], rows))
    return "\n\n".join(tables)


def _against_bare(name: str, found: Mapping[str, Any]) -> str:
    of, bare = spread(found[name]), spread(found[BARE])
    ratio = "" if name == BARE else f", **{of.median / bare.median:.2f}**"
    fewer = f", {of.runs} runs" if of.runs < spread(found[OURS]).runs else ""
    return f"{_shown(of)}{ratio}{fewer}"


def _memory(sizes: Mapping[str, Any]) -> str:
    columns = [f"{int(size):,} project{'s' * (size != '1')}" for size in sizes]
    names = next(iter(sizes.values()))[NO_OP]

    def cell(name: str, found: Mapping[str, Any]) -> str:
        return f"{spread(found[NO_OP][name], 'mebibytes').median:,.0f} MiB"

    return _table(
        ["memory", *columns], [[name, *(cell(name, of) for of in sizes.values())] for name in names]
    )


def _start(found: Mapping[str, Sequence[float]]) -> str:
    packages = Spread.of(found[start.PACKAGES]).median
    rows = ((name, _times(of), f"{Spread.of(of).median / packages:.2f}") for name, of in found.items())
    return _table(("start of", "processor time", "against the packages"), rows)


def _each(found: Mapping[str, Sequence[float]]) -> str:
    medians = {int(size): Spread.of(values).median for size, values in found.items()}
    fewest, most = min(medians), max(medians)
    return number((medians[most] - medians[fewest]) / (most - fewest))


def _corefile(found: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    actions = next(iter(found.values()))
    rows = (
        [f"{int(size):,}", *map(_times, of.values()), number(Spread.of(of["splice"]).median / int(size))]
        for size, of in found.items()
    )
    return _table(["server blocks", *actions, "splice, each block"], rows)


def _sync(found: Mapping[str, Sequence[float]]) -> str:
    return _SYNC + _table(("until", "time"), ((step, _times(of)) for step, of in found.items()))


def spread(costs: Sequence[Mapping[str, float]], key: str = "seconds") -> Spread:
    """Return what costs say together of one of their numbers."""
    return Spread.of([cost[key] for cost in costs])


def _times(values: Sequence[float]) -> str:
    return _shown(Spread.of(values))


def _shown(of: Spread) -> str:
    return f"{number(of.median)} ({number(of.least)} to {number(of.most)})"


def _projects_picture(results: Results) -> str:
    size, measured = max(results["projects"].items(), key=lambda item: int(item[0]))
    groups = [
        Group(measure, [(name, spread(costs)) for name, costs in measured[measure].items()])
        for measure in MEASURES
    ]
    return bars(f"{int(size):,} projects, each measure to its own scale: median, least and most", groups)


def _sync_picture(results: Results) -> str:
    steps = [(step, Spread.of(results["sync"][step])) for step in sync.STEPS]
    return bars("Since `pulumi up` began: median, least and most", [Group("until", steps)])


def _ratio_to_bare(measure: str) -> Callable[[Results], float | None]:
    def ratio(results: Results) -> float | None:
        found = results["projects"].get(MOST)
        if not found:
            return None
        return spread(found[measure][OURS]).median / spread(found[measure][BARE]).median

    return ratio


def _start_ratio(results: Results) -> float:
    program, packages = (Spread.of(results["start"][name]).median for name in (start.PROGRAM, start.PACKAGES))
    return program / packages


_TARGETS = (
    Target("no-op preview of 1,000 projects, against the bare program", 1.05, _ratio_to_bare(NO_OP)),
    Target("`up` of 1,000 projects, against the bare program", 0.25, _ratio_to_bare(UP)),
    Target("start of the program, against its packages", 1.15, _start_ratio),
)
