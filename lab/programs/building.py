"""Build what is missing with the ordinary Go client, into the user's cache."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from lab.programs.catalogue import OPTIONAL_SOURCES, Companion, Source, cache_folder
from lab.programs.finding import Programs, find_programs, missing, sources_to_build
from lab.programs.golang import GoClient
from lab.programs.progress import BuildProgress, progress_for

_TEMPORARY = ".building-"


def build(progress: BuildProgress | None = None) -> Programs:
    """Build what is missing and return where everything is; quick when nothing is missing.

    Raises:
        LabError: there is no Go client, or it failed; the text says where its log is and what to try.
    """
    if missing():
        with progress or progress_for(Console()) as shown, _one_build_at_a_time(shown):
            for source in sources_to_build():
                _build(source, shown)
    return find_programs()


def build_optional(*names: str, progress: BuildProgress | None = None) -> None:
    """Build what is missing of the optional modules called `names`, or of all of them without any name.

    Raises:
        LabError: as `build`.
    """
    wanted = [source for source in OPTIONAL_SOURCES if source.name in names or not names]
    if any(source.missing() for source in wanted):
        with progress or progress_for(Console()) as shown, _one_build_at_a_time(shown):
            for source in wanted:
                if source.missing():
                    _build(source, shown)


@contextlib.contextmanager
def _one_build_at_a_time(progress: BuildProgress) -> Iterator[None]:
    """Hold the cache's lock; the operating system frees it when this process ends, however it ends."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("Another build of the lab's programs is running; waiting for it to finish.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in cache.glob(f"{_TEMPORARY}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def _build(source: Source, progress: BuildProgress) -> None:
    progress.begin(source.title)
    go = GoClient(source, cache_folder() / "logs" / f"{source.name}.log", progress)
    go.require()
    with tempfile.TemporaryDirectory(prefix=_TEMPORARY, dir=cache_folder()) as folder:
        if binaries := [binary for binary in source.binaries if not binary.path.is_file()]:
            go.build(binaries, Path(folder))
            for binary in binaries:
                _place(Path(folder) / binary.built_name, binary.path)
        for companion in source.companions:
            _copy(companion, go, Path(folder))
    progress.end("ready")


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
