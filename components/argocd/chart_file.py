"""Read the Chart.yaml of a chart on this machine: a folder, or a packaged .tgz."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

CHART_YAML = "Chart.yaml"


class ChartFileError(Exception):
    """There is no chart at a path; the message says why, to go on after the path."""


def read_chart_yaml(path: Path) -> dict[str, Any]:
    """Return the Chart.yaml of the chart at `path`.

    Raises:
        ChartFileError: nothing is there, it is no chart, or it cannot be read.
    """
    if not path.exists():
        raise ChartFileError("does not exist")
    text = _from_folder(path) if path.is_dir() else _from_archive(path)
    try:
        chart = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ChartFileError(f"has a {CHART_YAML} that is no YAML: {error}") from None
    if not isinstance(chart, dict) or not chart.get("name"):
        raise ChartFileError(f"has a {CHART_YAML} that names no chart")
    return chart


def read_chart(path: Path) -> dict[str, str]:
    """Return the files of the chart at `path`, without those of charts within it: name → text.

    Raises:
        ChartFileError: nothing is there, or it cannot be read.
    """
    if not path.exists():
        raise ChartFileError("does not exist")
    with _errors_told():
        if path.is_dir():
            found = (file for file in path.rglob("*.*") if file.is_file())
            files = {file.relative_to(path).as_posix(): file.read_bytes() for file in found}
        else:
            with tarfile.open(path, "r:gz") as tar:
                members = ((member.name.removeprefix("./").partition("/")[2], member) for member in tar)
                opened = ((name, tar.extractfile(member)) for name, member in members if member.isfile())
                files = {name: content.read() for name, content in opened if content}
    own = {name: content for name, content in files.items() if not name.startswith("charts/")}
    return {name: content.decode(errors="replace") for name, content in own.items()}


def _from_folder(folder: Path) -> bytes:
    try:
        return (folder / CHART_YAML).read_bytes()
    except FileNotFoundError:
        raise ChartFileError(f"is a folder without {CHART_YAML}") from None
    except OSError as error:
        raise ChartFileError(f"cannot be read: {error.strerror}") from None


def _from_archive(archive: Path) -> bytes:
    with _errors_told(), tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            folder, _, name = member.name.removeprefix("./").partition("/")
            if folder and name == CHART_YAML and (content := tar.extractfile(member)):
                return content.read()
    raise ChartFileError(f"is an archive without <chart>/{CHART_YAML}")


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ChartFileError(f"cannot be read: {error.strerror or error}") from None
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ChartFileError(f"is no complete .tgz archive: {error}") from None
