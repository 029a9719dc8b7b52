"""`make note-gallery`: pictures of the notes, to look at."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.review.note_gallery.browser import draw, missing
from tests.review.note_gallery.notes import notes

FOLDER = Path(".lab/note-gallery")


def main() -> int:
    """Draw all notes; returns the exit code."""
    if reason := missing():
        sys.stderr.write(f"SKIPPED, NO PICTURE IS DRAWN: {reason}\n")
        return 0
    problems = 0
    for name, drawn in draw(notes(), FOLDER).items():
        sys.stdout.write(f"{name}: {', '.join(map(str, drawn.pictures))}\n")
        for problem in drawn.problems():
            sys.stderr.write(f"  {problem}\n")
            problems += 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
