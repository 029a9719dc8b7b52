"""`make note-gallery`: pictures of the notes, to look at; `make pictures`: those of the README."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tests.review.note_gallery.browser import draw, missing
from tests.review.note_gallery.notes import notes

FOLDER = Path(".cache/note-gallery")
DOCS = Path("docs/pictures")
IN_DOCS = {"to-consul": "note-strategy", "drift": "note-drift", "mistakes": "note-mistakes"}
"""Name of a preview → name of its picture in the README."""


def main() -> int:
    """Draw all notes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="note_gallery", description=__doc__)
    parser.add_argument("--docs", action="store_true", help=f"also put those of the README into {DOCS}")
    docs = parser.parse_args().docs
    if reason := missing():
        sys.stderr.write(f"SKIPPED, NO PICTURE IS DRAWN: {reason}\n")
        return 0
    problems = 0
    for name, drawn in draw(notes(), FOLDER).items():
        sys.stdout.write(f"{name}: {', '.join(map(str, drawn.pictures))}\n")
        if drawn.lost:
            sys.stderr.write(f"  GitLab takes out: {', '.join(drawn.lost)}\n")
            problems += 1
        if docs and name in IN_DOCS:
            shutil.copyfile(drawn.pictures[0], DOCS / f"{IN_DOCS[name]}.png")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
