"""The programs that the lab runs: find them in the user's cache, or build them there with Go."""

from lab.programs.building import build, build_optional
from lab.programs.catalogue import cache_folder
from lab.programs.finding import Programs, find_optional, find_programs, missing
from lab.programs.progress import LiveProgress, PlainProgress, progress_for

__all__ = [
    "LiveProgress",
    "PlainProgress",
    "Programs",
    "build",
    "build_optional",
    "cache_folder",
    "find_optional",
    "find_programs",
    "missing",
    "progress_for",
]
