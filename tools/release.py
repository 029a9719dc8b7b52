"""`python -m tools.release`: give what is unreleased in CHANGELOG.md a version, and print its notes.

It writes CHANGELOG.md and pyproject.toml, and says how to commit and to tag. Ends with 1 when nothing is
unreleased, or the version is no later one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semantic_version import Version

from tools.command_line import failed

_UNRELEASED = "## Unreleased\n"
_VERSION = re.compile(r'^version = "(.+)"$', re.MULTILINE)
_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_INCOMPATIBLE = ("Changed for stacks that are deployed already", "Removed")
_NEW = ("Added",)
NOTES = Path(".cache/release-notes.md")


class ReleaseError(Exception):
    """There is nothing to release, or not as it is asked for; told for the user."""


@dataclass(frozen=True)
class Release:
    """A version, its notes, and both files with it."""

    version: str
    notes: str
    changelog: str
    project: str


def release(changelog: str, project: str, today: dt.date, wanted: str = "") -> Release:
    """Return the release of what is unreleased, from the texts of CHANGELOG.md and pyproject.toml.

    The version is by default the next one, by what has changed; `today` stands behind it.

    Raises:
        ReleaseError: nothing is unreleased, or `wanted` is no later version.
    """
    before, found, rest = changelog.partition(_UNRELEASED)
    notes, _, earlier = rest.partition("\n## ")
    notes = notes.strip()
    if not found or not notes:
        raise ReleaseError(
            "CHANGELOG.md has nothing below `## Unreleased`: write there what a user sees of it"
        )
    (present,) = _VERSION.findall(project)
    version = wanted or str(_next(Version(present), _HEADING.findall(notes)))
    if not re.fullmatch(r"\d+\.\d+\.\d+", version) or Version(version) <= Version(present):
        raise ReleaseError(f"{version} is no later version than {present}: write for example VERSION=1.2.3")
    released = f"{before}{_UNRELEASED}\n## {version} ({today.isoformat()})\n\n{notes}\n"
    return Release(
        version,
        f"{notes}\n",
        released + (f"\n## {earlier}" if earlier else ""),
        _VERSION.sub(f'version = "{version}"', project),
    )


def _next(present: Version, headings: Sequence[str]) -> Version:
    """Return the next version, as semver has it; before 1.0.0 the second number stands for the first."""
    if any(heading in _INCOMPATIBLE for heading in headings):
        return present.next_major() if present.major else present.next_minor()
    return present.next_minor() if any(heading in _NEW for heading in headings) else present.next_patch()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files; returns the exit code."""
    parser = argparse.ArgumentParser(prog="release", description="Give what is unreleased a version.")
    parser.add_argument("version", nargs="?", default="", help="by default the next one, by what has changed")
    wanted = parser.parse_args(arguments).version
    changelog, project = Path("CHANGELOG.md"), Path("pyproject.toml")
    texts = [file.read_text(encoding="utf-8") for file in (changelog, project)]
    try:
        made = release(texts[0], texts[1], dt.datetime.now(tz=dt.UTC).date(), wanted)
    except ReleaseError as error:
        return failed(error)
    changelog.write_text(made.changelog, encoding="utf-8")
    project.write_text(made.project, encoding="utf-8")
    NOTES.parent.mkdir(exist_ok=True)
    NOTES.write_text(made.notes, encoding="utf-8")
    print(f"{made.notes}\n{changelog} and {project} say {made.version} now. Read them, and then:")
    print(f"  git commit --message 'Release {made.version}' {changelog} {project}")
    print(f"  git tag --annotate v{made.version} --cleanup=verbatim --file {NOTES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
