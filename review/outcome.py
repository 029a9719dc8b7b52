"""What a job's preview has left behind, for the programs that tell it."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from review.changes import Diagnostic, Preview
from review.digest import PreviewError, read_preview
from review.markdown import without_ansi

FINE, FAILED, REFUSED, UNWRITTEN = 0, 1, 3, 4
"""The exit codes; 2 is that of a wrong command line."""
_LONGEST_LOG = 256 * 1024


@dataclass(frozen=True)
class Outcome:
    """The preview, how it went, and the end of its log."""

    preview: Preview
    code: int
    log: str = ""

    def tell_failure(self) -> None:
        """Say on the terminal why the preview has failed."""
        said = [error.message for error in self.preview.errors] or [self.log.strip()]
        print("the preview failed:", *said, sep="\n", file=sys.stderr)


def command(name: str, description: str) -> argparse.ArgumentParser:
    """Return the command line of a program that reads what a preview has left."""
    parser = argparse.ArgumentParser(prog=name, description=description)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("preview", type=Path, help="what `pulumi preview --json` has printed")
    parser.add_argument("--log", type=Path, help="what the preview has printed to its standard error")
    parser.add_argument("--preview-exit-code", type=int, default=0, help="the preview's exit code")
    return parser


def read_outcome(chosen: argparse.Namespace) -> Outcome:
    """Return what the preview that `command` has parsed has left."""
    log = ""
    if chosen.log and chosen.log.is_file():  # an engine says at the end why it stops
        log = without_ansi(chosen.log.read_bytes()[-_LONGEST_LOG:].decode(errors="replace"))
    failed = chosen.preview_exit_code != 0
    try:
        preview = read_preview(chosen.preview)
    except PreviewError as error:
        preview = Preview(diagnostics=[Diagnostic("error", str(error))])
        if failed and log.strip() and not chosen.preview.read_bytes().strip():  # it stopped before any JSON
            preview = Preview()
    return Outcome(preview, FAILED if failed or preview.errors else FINE, log)
