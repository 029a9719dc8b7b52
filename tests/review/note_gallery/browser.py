"""The browser that draws notes: what it needs, and what it says of each."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.programs.catalogue import cache_folder

MODULES = cache_folder() / "note-gallery"
"""Where `make note-browser` installs."""
_SCRIPT = Path(__file__).with_name("draw.mjs")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 120


@dataclass(frozen=True)
class Drawn:
    """A note on a page.

    Attributes:
        pictures: the files: as it is at first, unfolded if something is folded, and on a narrow page.
        lost: elements and attributes that GitLab would take out.
    """

    pictures: tuple[Path, ...]
    lost: tuple[str, ...]


def missing() -> str:
    """Return why no note can be drawn here; "" if it can."""
    if not shutil.which("node"):
        return "node is not installed: the notes are not drawn as GitLab shows them"
    if not _browser():
        return "Chromium is not installed: the notes are not drawn as GitLab shows them"
    installed = (MODULES / "node_modules/playwright-core").is_dir()
    return "" if installed else "what draws notes is not installed; `make note-browser` does it"


def draw(notes: Mapping[str, str], folder: Path) -> dict[str, Drawn]:
    """Draw `notes`, name → Markdown, into `folder`; return name → what came of it."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"modules": str(MODULES), "browser": _browser(), "folder": str(folder), "notes": dict(notes)}
    done = subprocess.run(
        ["node", str(_SCRIPT)],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    return {
        name: Drawn(
            tuple(map(Path, told["pictures"])),
            tuple(told["lost"]),
        )
        for name, told in json.loads(done.stdout).items()
    }


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)
