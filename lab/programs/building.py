"""Build what is missing with the ordinary Go client, into the user's cache."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console

from lab.processes import one_at_a_time
from lab.programs.catalogue import OPTIONAL_SOURCES, Companion, Source, cache_folder
from lab.programs.finding import Programs, find_programs, sources
from lab.programs.golang import Doing, GoClient
from lab.programs.progress import BuildProgress, progress_for

_WAITING = "Another build of the lab's programs is running; waiting for it to finish."
_TEMPORARY = ".building-"
_AT_A_TIME = 4


def build(progress: BuildProgress | None = None) -> Programs:
    """Build what is missing and return where everything is; quick when nothing is missing.

    Raises:
        LabError: there is no Go client, or it failed; the text says where its log is and what to try.
    """
    _build("The lab's programs", sources, progress)
    return find_programs()


def build_optional(*names: str, progress: BuildProgress | None = None) -> None:
    """Build what is missing of the optional modules called `names`, or of all of them without any name.

    Raises:
        LabError: as `build`.
    """
    wanted = [source for source in OPTIONAL_SOURCES if source.name in names or not names]
    _build("What only some tests and demos use", lambda: wanted, progress)


def _build(title: str, wanted: Callable[[], list[Source]], progress: BuildProgress | None) -> None:
    if any(source.missing() for source in wanted()):
        cache = cache_folder()
        with (
            progress or progress_for(Console()) as shown,
            one_at_a_time(cache / "build.lock", _WAITING, shown.say),
        ):
            for leftover in cache.glob(f"{_TEMPORARY}*"):
                shutil.rmtree(leftover, ignore_errors=True)
            if missing := [one for one in wanted() if one.missing()]:  # after a wait
                shown.begin(title)
                _side_by_side(missing, _Sum(shown))
                shown.end("ready")


def _side_by_side(wanted: Sequence[Source], progress: _Sum) -> None:
    """Build the modules at the same time: while one of them downloads or links, another can compile.

    Not the first one: what all have in common, the standard library above all, would be compiled
    by each of them. Our go.mod files ask for the same versions where they can. Until it is built the others
    download their sources.
    """
    logs = cache_folder() / "logs"
    clients = [GoClient(source, logs / f"{source.name}.log", progress.of(source)) for source in wanted]
    clients[0].require()
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        first = pool.submit(_build_one, clients[0])
        running = [first, *(pool.submit(_build_one, client, first) for client in clients[1:])]
        try:
            for job in as_completed(running):
                job.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for client in clients:
                client.stop()
            raise


class _Sum:
    """The progress of several modules as that of one."""

    def __init__(self, progress: BuildProgress) -> None:
        self._progress = progress
        self._counts: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def of(self, source: Source) -> Doing:
        """Return what the build of `source` reports to."""

        def doing(text: str, done: int = 0, total: int = 0) -> None:
            with self._lock:
                self._counts[source.name] = done, total
                compiled, all_of_them = (sum(counts) for counts in zip(*self._counts.values(), strict=True))
                self._progress.doing(text, compiled, all_of_them)

        return doing


def _build_one(go: GoClient, after: Future[None] | None = None) -> None:
    source = go.source
    binaries = [binary for binary in source.binaries if not binary.path.is_file()]
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=cache_folder()) as temporary:
        folder = Path(temporary)
        if binaries:
            packages = go.packages(binaries)
            if after:
                after.result()
            go.build(binaries, folder, packages)
        for binary in binaries:
            _place(folder / binary.built_name, binary.path)
        for binary in source.binaries:
            for link in binary.files[1:]:
                (folder / link.name).symlink_to(binary.path.name)
                _place(folder / link.name, link)
        for companion in source.companions:
            _copy(companion, go, folder)


def _copy(companion: Companion, go: GoClient, folder: Path) -> None:
    original = go.module_folder(companion.module) / companion.path_in_module
    copy = folder / "companion"
    shutil.copyfile(original, copy)
    copy.chmod(0o755 if companion.executable else 0o644)
    _place(copy, companion.path)


def _place(new: Path, final: Path) -> None:
    """Move a finished file to its place in one step, so that nobody ever sees half of it."""
    final.parent.mkdir(parents=True, exist_ok=True)
    new.replace(final)
