"""A disk that is full under Pulumi's state."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import pulumis
from tests.engine.chaos.stage import Fault, Stage

_PAGE = 4096
_AT_MOST = 1.5
"""How much is free at most, as a part of what is there: a run writes state, backup and history."""


def full_disk(stage: Stage) -> None:
    """Let the phase's command work with little space for its state; what it leaves there, it leaves."""
    state = stage.lab.directory / "state"
    used = sum(-(-file.stat().st_size // _PAGE) + 1 for file in state.rglob("*")) + 1
    pages = used + int(used * stage.chance.uniform(0, _AT_MOST))
    with _small(state, stage.folder, pages * _PAGE):
        with stage.at_work() as up:
            pass
        pulumis.end_all(stage.lab.directory, stage.notes.append)
    pulumis.mend_state(stage.lab.directory, stage.notes.append)  # as `make up` does
    stage.kills.stack.engine.prepare()
    stage.faults["full disk"] += up.returncode != 0
    stage.notes.append(f"{(pages - used) * _PAGE // 1024} KiB free, exit code {up.returncode}")


@contextmanager
def _small(folder: Path, kept: Path, size: int) -> Iterator[None]:
    """Put a disk of `size` bytes in the place of `folder`, with the same in it; afterwards what is left."""
    before, after = kept / "before", kept / "after"
    shutil.copytree(folder, before)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        shutil.copytree(before, folder, dirs_exist_ok=True)
        yield
        shutil.copytree(folder, after)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    shutil.rmtree(folder)
    shutil.copytree(after, folder)


def _cannot_mount() -> str:
    return "" if os.geteuid() == 0 else "only root may mount a small disk"


FAULTS = (Fault("disk full under the state", full_disk, missing=_cannot_mount),)
