"""`make lock`: write `requirements.lock`, every Python package of the pipeline's image, with its hash."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.errors import LabError

LOCK = Path("requirements.lock")
PYTHON = "3.11"
"""The image's Python. pip chooses the packages for the Python that runs it, and records their hashes."""

_HEAD = f"""\
# Made by `make lock` from requirements.txt. Every Python package of the pipeline's image, with the hash of
# the one file that fits it: Python {PYTHON} on Linux, x86-64. The virtual environment of the Makefile has the
# same versions.
"""


def lock_text(report: Mapping[str, Any]) -> str:
    """Return the lock for an installation report of pip (`pip install --report`, version 1).

    Raises:
        LabError: a package is not there as a wheel; its build would bring packages that no lock names.
    """
    lines = []
    for item in report["install"]:
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        download = item["download_info"]
        if not download["url"].endswith(".whl"):
            raise LabError(
                f"{name} {version} is served as source only for Python {PYTHON} on Linux, so it cannot be "
                "locked: its build would need further packages. Choose a version that is served as a wheel."
            )
        digest = download["archive_info"]["hashes"]["sha256"]
        lines.append(f"{name.lower()}=={version} --hash=sha256:{digest}")
    return _HEAD + "\n".join(sorted(lines)) + "\n"


def main() -> int:
    """Ask pip, write the lock, and return the exit code."""
    here = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    if not here.startswith(f"Linux x86_64, Python {PYTHON}."):
        print(
            f"error: the lock cannot be made here ({here}): pip would choose other files than the image "
            f"needs. Run `make lock` on Linux x86_64 with Python {PYTHON}.",
            file=sys.stderr,
        )
        return 1
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    command += ["--dry-run", "--ignore-installed", "--report", "-", "-r", "requirements.txt"]
    asked = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if asked.returncode:
        print(f"error: pip failed, as it says above; {LOCK} is as it was.", file=sys.stderr)
        return 1
    try:
        text = lock_text(json.loads(asked.stdout))
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    LOCK.write_text(text, encoding="utf-8")
    print(f"{LOCK} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
