"""Put the two provider plugins where the engine looks: the real ones if they can be had, else the stand-ins.

A stand-in lies in the same folder as the real plugin would, with a marker file. It goes as soon as the real
one is there: installed by hand, found in the user's own `~/.pulumi`, or downloaded at a later start.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.plugins.versions import PLUGINS, sdk_version

OFFLINE = "PROTOBOX_LAB_OFFLINE"

_ROOT = Path(__file__).resolve().parents[2]
_MARKER = "protobox-stand-in"
_UNAVAILABLE = "plugins-unavailable.json"
_DOWNLOAD_SECONDS = 20
_FORGET_AFTER_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Plugin:
    """A provider plugin, as the engine will find it."""

    name: str
    version: str
    is_real: bool

    @property
    def key(self) -> str:
        """Name and version, as the engine prints them."""
        return f"{self.name}-{self.version}"

    @property
    def folder(self) -> str:
        """The name of its folder below `plugins`."""
        return f"resource-{self.name}-v{self.version}"

    @property
    def program(self) -> str:
        """The file that the engine starts."""
        return f"pulumi-resource-{self.name}"


def install_plugins(pulumi: Path, environment: Mapping[str, str], home: Path) -> list[Plugin]:
    """Install what the SDK packages ask for and return what it has become.

    Args:
        pulumi: the engine.
        environment: of the programs that the lab starts. `PROTOBOX_LAB_OFFLINE=1` never tries to download.
        home: the engine's own folder (PULUMI_HOME).
    """
    plugins = [Plugin(name, sdk_version(name), is_real=True) for name in PLUGINS]
    unavailable = _Unavailable(home / _UNAVAILABLE)
    missing = [
        plugin
        for plugin in plugins
        if not _is_real(home / "plugins", plugin) and not _copy(plugin, environment, home)
    ]
    worth_trying = [
        plugin for plugin in missing if environment.get(OFFLINE) != "1" and not unavailable.has(plugin)
    ]
    if worth_trying:
        with ThreadPoolExecutor() as pool:
            outcomes = pool.map(lambda plugin: _download(plugin, pulumi, environment, home), worth_trying)
        for plugin, arrived in zip(worth_trying, outcomes, strict=True):
            if arrived:
                missing.remove(plugin)
            else:
                unavailable.add(plugin)
    for plugin in missing:
        _write_stand_in(plugin, home / "plugins")
    return [Plugin(plugin.name, plugin.version, is_real=plugin not in missing) for plugin in plugins]


def stand_in_notice(plugins: Sequence[Plugin]) -> str | None:
    """Return the line that says which plugins are stand-ins; None if all are real."""
    names = [f"{plugin.name} {plugin.version}" for plugin in plugins if not plugin.is_real]
    if not names:
        return None
    return (
        f"Using the lab's stand-ins for the Pulumi plugins {' and '.join(names)}: "
        "the real ones cannot be downloaded here."
    )


class _Unavailable:
    """Remembers which downloads have failed lately, so that not every start waits for them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._since: dict[str, float] = json.loads(file.read_text())
        except (OSError, ValueError):
            self._since = {}

    def has(self, plugin: Plugin) -> bool:
        return time.time() - self._since.get(plugin.key, 0) < _FORGET_AFTER_SECONDS

    def add(self, plugin: Plugin) -> None:
        self._since[plugin.key] = time.time()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._since))


def _is_real(plugins: Path, plugin: Plugin) -> bool:
    folder = plugins / plugin.folder
    unfinished = folder.with_name(f"{plugin.folder}.partial").exists()
    return (folder / plugin.program).is_file() and not (folder / _MARKER).exists() and not unfinished


def _copy(plugin: Plugin, environment: Mapping[str, str], home: Path) -> bool:
    """Take the plugin from the user's own Pulumi, if it is there."""
    theirs = Path(environment.get("HOME") or Path.home()) / ".pulumi" / "plugins"
    if theirs.resolve() == (home / "plugins").resolve() or not _is_real(theirs, plugin):
        return False

    def link(source: str, target: str) -> str:
        # The plugins are large. The engine ignores a linked folder, but not a folder of linked files.
        try:
            os.link(source, target)
        except OSError:  # another file system
            shutil.copy2(source, target)
        return target

    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=_made(home / "plugins")) as arriving:
        copy = shutil.copytree(theirs / plugin.folder, Path(arriving) / plugin.folder, copy_function=link)
        _put_in_place(Path(copy), home / "plugins")
    return True


def _download(plugin: Plugin, pulumi: Path, environment: Mapping[str, str], home: Path) -> bool:
    """Let the engine download the plugin; tell whether it has arrived.

    It goes to a folder of its own first: beside a stand-in the engine would find it installed already.
    """
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=_made(home / "plugins")) as arriving:
        try:
            subprocess.run(
                [pulumi, "plugin", "install", "resource", plugin.name, plugin.version],
                env={**environment, "PULUMI_HOME": arriving, "PULUMI_SKIP_UPDATE_CHECK": "true"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_DOWNLOAD_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return False
        arrived = Path(arriving) / "plugins"
        if not _is_real(arrived, plugin):
            return False
        _put_in_place(arrived / plugin.folder, home / "plugins")
    return True


def _write_stand_in(plugin: Plugin, plugins: Path) -> None:
    start = (
        f"import runpy, sys; sys.path.insert(0, {str(_ROOT)!r}); "
        f"runpy.run_module({f'lab.plugins.{plugin.name}'!r}, run_name='__main__', alter_sys=True)"
    )
    # The folder that the engine starts it in is the program's and must stay so: relative paths mean that one.
    # Neither it nor PYTHONPATH may decide what is imported here, and what a plugin runs must not inherit any.
    launcher = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -c {shlex.quote(start)} "$@"\n'
    there = plugins / plugin.folder / plugin.program
    if there.is_file() and there.read_text() == launcher:
        return  # an engine may be starting it right now
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=_made(plugins)) as arriving:
        folder = Path(arriving) / plugin.folder
        folder.mkdir()
        (folder / _MARKER).write_text(
            "This folder is made by the lab, and replaced when the real plugin arrives.\n"
        )
        program = folder / plugin.program
        program.write_text(launcher)
        program.chmod(0o755)
        _put_in_place(folder, plugins)


def _put_in_place(folder: Path, plugins: Path) -> None:
    target = plugins / folder.name
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
