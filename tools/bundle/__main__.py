"""`make bundle STACK=prod`: collect in one folder what a site without internet needs for a stack.

Running it again fetches what is missing. Ends with 1 where something cannot be had here.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from components.settings import Settings
from components.stackfile.printable import printable
from tools.bundle import MissingError, arriving, sweep
from tools.bundle.charts import chart_here, place_in_project, write_images
from tools.bundle.software import fetch_plugin, fetch_pulumi, fetch_wheels, made_for
from tools.check import settings_of
from tools.command_line import Mark, Row, failed, row_lines, stack_of, stack_parser, stack_path
from tools.plugins import PLUGINS

_SITE = Path(__file__).parent / "site"
_SUMS = "SHA256SUMS"
_IMAGES = "images"
"""What `push-images.sh save` fills, after the sums are made."""
_WIDTH = 110


def collect(bundle: Path, stack: str, settings: Settings, file: Path, root: Path) -> Iterator[Row]:
    """Bring what `stack` needs into `bundle`, and yield what has become of each part.

    What is whole in the bundle stays. `file` is the stack file, `root` the project's folder.
    """
    rows: list[Row] = []

    def part(what: str, make: Callable[[], Row]) -> Row:
        try:
            row = make()
        except MissingError as error:
            row = Row(Mark.FAILED, what, printable(str(error)), error.fix, error.command)
        rows.append(row)
        return row

    bundle.mkdir(parents=True, exist_ok=True)
    sweep(bundle)
    (bundle / _SUMS).unlink(missing_ok=True)  # without it `install.sh` does not begin
    yield part("wheels", partial(fetch_wheels, bundle, root))
    yield part("Pulumi", partial(fetch_pulumi, bundle, root))
    for name in PLUGINS:
        yield part(f"plugin {name}", partial(fetch_plugin, bundle, name))
    found: list[Path] = []

    def chart() -> Row:
        found.append(chart_here(bundle, settings.argocd.chart, root))
        return Row(Mark.OK, "chart", place_in_project(settings.argocd.chart))

    yield part("chart", chart)

    def images() -> Row:
        if not found:
            raise MissingError("MISSING, since the chart names them", "get the chart first")
        return write_images(bundle, found[0], settings, stack)

    yield part("images", images)
    copies = [(file, f"Pulumi.{stack}.yaml")]
    copies += [(archive, place_in_project(settings.argocd.chart)) for archive in found]
    yield part("project", partial(_copy_project, bundle / "project", root, copies))
    for script in ("install.sh", "push-images.sh"):
        shutil.copy(_SITE / script, bundle / script)
    (bundle / "made-for.txt").write_text(f"{made_for()}\n", encoding="utf-8")
    (bundle / "README.md").write_text(_readme(stack, settings, rows), encoding="utf-8")
    _write_sums(bundle)


def _copy_project(target: Path, root: Path, copies: Sequence[tuple[Path, str]]) -> Row:
    """Copy the project as Git has it, with the edits of now, and `copies`, each to its path in it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        raise MissingError(f"MISSING, {root} is no clone: {listed.stderr.strip()}", "copy the folder by hand")
    files = [name for name in listed.stdout.split("\0") if (root / name).is_file()]
    with arriving(target) as project:
        for source, name in [*((root / name, name) for name in files), *copies]:
            place = project / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, place, dirs_exist_ok=True)
            else:
                shutil.copy2(source, place)
    return Row(Mark.OK, "project", f"{len(files)} files, as Git has them here, and the stack file")


def _readme(stack: str, settings: Settings, rows: Sequence[Row]) -> str:
    lacking = [row for row in rows if row.mark is not Mark.OK]
    lines = [
        f"- {row.what}: {row.seen}" + (f" → {row.fix} {row.command}".rstrip() if row.fix else "")
        for row in lacking
    ]
    missing = "\n".join(["**Not as it should be:**", "", *lines] if lines else ["Nothing is missing."])
    argocd, wanted = settings.argocd, []
    if not argocd.chart.path or place_in_project(argocd.chart) != argocd.chart.path:
        wanted.append(f"chart: {{path: {place_in_project(argocd.chart)}}}  # and no other key")
    if not (argocd.images and argocd.images.registry):
        wanted.append("images: {registry: registry.protobox/mirror}  # where the images are")
    yaml = ["protobox-cd:argocd:", *(f"  {line}" for line in wanted)]
    change = "\n".join(f"       {line}" for line in yaml) if wanted else "   It needs no change."
    template = (_SITE / "README.md").read_text(encoding="utf-8")
    return template.format(stack=stack, made_for=made_for(), stack_file=f"{change}\n", missing=f"{missing}\n")


def _write_sums(bundle: Path) -> None:
    files = sorted(path.relative_to(bundle) for path in bundle.rglob("*") if path.is_file())
    with arriving(bundle / _SUMS) as made, made.open("w", encoding="utf-8") as sums:
        for name in files:
            if name.parts[0] != _IMAGES:
                with (bundle / name).open("rb") as file:
                    sums.write(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name.as_posix()}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the bundle of the stack on the command line; returns the exit code."""
    parser = stack_parser("bundle", "Collect what a site without internet needs.")
    parser.add_argument("--to", type=Path, help="the folder; by default bundle-<stack>")
    chosen = parser.parse_args(arguments)
    file = stack_path(chosen.stack)
    settings = settings_of(chosen.stack)
    if settings is None:
        return 1
    stack = stack_of(file)
    bundle: Path = chosen.to or Path(f"bundle-{stack}")
    print(f"Collecting what stack {stack} needs without internet, into {bundle}.", flush=True)
    rows = []
    for row in collect(bundle, stack, settings, file, Path.cwd()):
        print(*row_lines([row], _WIDTH), sep="\n", flush=True)
        rows.append(row)
    size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    print(f"{size / 1e6:.0f} MB. {bundle}/README.md says what to do with it on the site.")
    if missing := [row.what for row in rows if row.mark is Mark.FAILED]:
        return failed(f"THE BUNDLE IS NOT WHOLE, it lacks: {', '.join(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
