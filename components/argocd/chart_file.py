"""Read a chart on this machine: a folder, or a packaged .tgz."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
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
    text = next((content for name, content in _files(path) if name == CHART_YAML), None)
    if text is None:
        raise ChartFileError(f"is an archive without <chart>/{CHART_YAML}")
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
    files = ((name, content) for name, content in _files(path) if not name.startswith("charts/"))
    return {name: content.decode(errors="replace") for name, content in files}


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file of a chart by its name within the chart; of a folder, Chart.yaml first."""
    try:
        if not path.exists():
            raise ChartFileError("does not exist")
        if path.is_dir():
            yield CHART_YAML, (path / CHART_YAML).read_bytes()
            for file in path.rglob("*.*"):
                if file.is_file():
                    yield file.relative_to(path).as_posix(), file.read_bytes()
            return
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                name = member.name.removeprefix("./").partition("/")[2]
                if member.isfile() and (content := tar.extractfile(member)):
                    yield name, content.read()
    except FileNotFoundError:
        raise ChartFileError(f"is a folder without {CHART_YAML}") from None
    except OSError as error:
        raise ChartFileError(f"cannot be read: {error.strerror or error}") from None
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ChartFileError(f"is no complete .tgz archive: {error}") from None
