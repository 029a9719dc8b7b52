"""Put Pulumi's provider plugins where the engine looks: of the exact version if there is one, else the lab's.

A machine without internet access cannot download them. The Kubernetes plugin is then the real one, built from
its Go module, of an earlier version. The command plugin, which no Go module has, is a stand-in
(`lab/programs/go/plugins`).

The lab's lies in the same folder as the exact one would, with a marker file. It goes as soon as the exact one
is there: installed by hand, found in the user's own `~/.pulumi`, or downloaded at a later start.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.programs import Programs
from lab.programs.catalogue import KUBERNETES_PLUGIN, KUBERNETES_SDK
from tools.plugins import PLUGINS, sdk_version

OFFLINE = "PROTOBOX_LAB_OFFLINE"

_MARKER = "protobox-lab"
_UNAVAILABLE = "plugins-unavailable.json"
_DOWNLOAD_SECONDS = 20
_FORGET_AFTER_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Plugin:
    """A provider plugin, as the engine will find it."""

    name: str
    version: str
    is_exact: bool
    """Whether it is this very version, not what the lab has in its place."""

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


def install_plugins(programs: Programs, environment: Mapping[str, str], home: Path) -> list[Plugin]:
    """Install what the SDK packages ask for and return what it has become.

    Args:
        programs: the lab's programs: the engine, and what is in place of a plugin that cannot be had.
        environment: of the programs that the lab starts. `PROTOBOX_LAB_OFFLINE=1` never tries to download.
        home: the engine's own folder (PULUMI_HOME).
    """
    plugins = [Plugin(name, sdk_version(name), is_exact=True) for name in PLUGINS]
    unavailable = _Unavailable(home / _UNAVAILABLE)
    missing = [
        plugin
        for plugin in plugins
        if not _is_exact(home / "plugins", plugin) and not _copy(plugin, environment, home)
    ]
    worth_trying = [
        plugin for plugin in missing if environment.get(OFFLINE) != "1" and not unavailable.has(plugin)
    ]
    if worth_trying:
        with ThreadPoolExecutor() as pool:
            outcomes = pool.map(
                lambda plugin: _download(plugin, programs.pulumi, environment, home), worth_trying
            )
        for plugin, arrived in zip(worth_trying, outcomes, strict=True):
            if arrived:
                missing.remove(plugin)
            else:
                unavailable.add(plugin)
    for plugin in missing:
        _link(plugin, programs.plugins, home / "plugins")
    return [Plugin(plugin.name, plugin.version, is_exact=plugin not in missing) for plugin in plugins]


def notice(plugins: Sequence[Plugin]) -> str | None:
    """Return the line that says what is in place of the plugins that cannot be had; None if all can."""
    missing = {plugin.name: plugin.version for plugin in plugins if not plugin.is_exact}
    said = []
    if version := missing.get("kubernetes"):
        day = KUBERNETES_PLUGIN.date
        said.append(
            f"the Kubernetes plugin is the real one as of {day:%B %Y}, built here, of the time of "
            f"{KUBERNETES_SDK.version} (the SDK here is {version})"
        )
    if version := missing.get("command"):
        said.append(f"the command plugin {version} is played by the lab's stand-in")
    if not said:
        return None
    return f"Pulumi's plugins cannot be downloaded here: {'; '.join(said)}."


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


def _is_exact(plugins: Path, plugin: Plugin) -> bool:
    folder = plugins / plugin.folder
    unfinished = folder.with_name(f"{plugin.folder}.partial").exists()
    return (folder / plugin.program).is_file() and not (folder / _MARKER).exists() and not unfinished


def _copy(plugin: Plugin, environment: Mapping[str, str], home: Path) -> bool:
    """Take the plugin from the user's own Pulumi, if it is there."""
    theirs = Path(environment.get("HOME") or Path.home()) / ".pulumi" / "plugins"
    if theirs.resolve() == (home / "plugins").resolve() or not _is_exact(theirs, plugin):
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

    It goes to a folder of its own first: beside the lab's the engine would find it installed already.
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
        if not _is_exact(arrived, plugin):
            return False
        _put_in_place(arrived / plugin.folder, home / "plugins")
    return True


def _link(plugin: Plugin, program: Path, plugins: Path) -> None:
    """Put links to the lab's `program`, and to the schema beside it, where the engine looks for `plugin`."""
    links = {plugin.program: program, "schema.json": program.with_name("schema.json")}
    there = plugins / plugin.folder
    if all((there / name).is_symlink() and (there / name).readlink() == to for name, to in links.items()):
        return  # an engine may be starting it right now
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=_made(plugins)) as arriving:
        folder = Path(arriving) / plugin.folder
        folder.mkdir()
        (folder / _MARKER).write_text(
            "This folder is made by the lab, and replaced when the exact plugin arrives.\n"
        )
        for name, target in links.items():
            (folder / name).symlink_to(target)
        _put_in_place(folder, plugins)


def _put_in_place(folder: Path, plugins: Path) -> None:
    target = plugins / folder.name
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
