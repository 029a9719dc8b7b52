"""`eval "$(python -m tools.checkpoints STACK)"`: let Pulumi write its state once, where it is safe and pays.

Where the backend is files, Pulumi writes the whole state anew at every step of an `up`: a thousand
Applications take six times as long as they could. With the variables that this prints, it writes the state at
the end. What a killed run makes such a state forget, the marks in the cluster tell the next `up`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from components.cluster.backend import backend_url
from tools.check import check
from tools.command_line import stack_parser, stack_path

VARIABLES = ("PULUMI_EXPERIMENTAL", "PULUMI_SKIP_CHECKPOINTS")
"""Pulumi heeds the second one only with the first."""
ENOUGH = 50
"""From how many Applications on it pays: fewer cost less than two seconds more with checkpoints."""
_FILES = ("file", "s3", "gs", "azblob")
"""Backends that rewrite the whole state. Pulumi Cloud takes each step by itself."""


def without(applications: int, url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which Pulumi writes its state once; none where they would not help.

    Nothing is decided for a user who has set one of them. `url` is the backend's address.
    """
    chosen = any(name in environ for name in VARIABLES)
    if chosen or applications < ENOUGH or urlsplit(url).scheme not in _FILES:
        return {}
    return dict.fromkeys(VARIABLES, "true")


def words(applications: int) -> str:
    """Return the line that says what is done, why, and how to have it otherwise."""
    return (
        f"Pulumi writes its state once, at the end: each step would write all {applications:,} Applications. "
        f"What a kill makes it forget, the next `up` takes up. {VARIABLES[-1]}=false turns this off."
    )


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Print the variables for the stack on the command line, to be evaluated by a shell; returns 0.

    Of a stack file with mistakes nothing is said here: Pulumi's preview tells them.
    """
    parser = stack_parser("checkpoints", "Let Pulumi write its state once, where that is safe and pays.")
    found = check(stack_path(parser.parse_args(arguments).stack))
    if variables := without(found.applications, backend_url(Path.cwd(), environ), environ):
        print("export", *(f"{name}={value}" for name, value in variables.items()))
        print(words(found.applications), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
