"""Programs for a PATH that do as they are told, and note how they are called."""

from __future__ import annotations

from pathlib import Path

_NOTE = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "{calls}"
{does}
"""


def program(folder: Path, name: str, does: str = "") -> Path:
    """Put a program into `folder` that runs the shell's lines `does`; return the file with its calls."""
    calls = folder / "calls"
    file = folder / name
    file.write_text(_NOTE.format(calls=calls, does=does), encoding="utf-8")
    file.chmod(0o755)
    return calls
