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
class Diagram:
    """A Mermaid picture in a note.

    Attributes:
        source: its text.
        waits: why GitLab draws it only after a click; "" if it does at once.
        errors: version of Mermaid → what it does not understand, "" for nothing.
    """

    source: str
    waits: str
    errors: Mapping[str, str]


@dataclass(frozen=True)
class Drawn:
    """A note on a page.

    Attributes:
        pictures: the files: as it is at first, and unfolded if there is something to unfold.
        lost: elements and attributes that GitLab would take out.
        diagrams: its Mermaid pictures.
    """

    pictures: tuple[Path, ...]
    lost: tuple[str, ...]
    diagrams: tuple[Diagram, ...]

    def problems(self) -> list[str]:
        """Return what a reviewer would not see as it is meant, a sentence each."""
        lost = [f"GitLab takes out: {', '.join(self.lost)}"] if self.lost else []
        waiting = [
            f"GitLab draws a picture only after a click: {one.waits}" for one in self.diagrams if one.waits
        ]
        wrong = [
            f"Mermaid {version} does not draw a picture: {error}"
            for one in self.diagrams
            for version, error in one.errors.items()
            if error
        ]
        return [*lost, *waiting, *wrong]


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
            tuple(Diagram(**one) for one in told["diagrams"]),
        )
        for name, told in json.loads(done.stdout).items()
    }


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)
