"""The software of the bundle: Python packages, Pulumi and its plugins."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zlib
from pathlib import Path

import httpx2

from tools.bundle import MissingError, arriving
from tools.command_line import Mark, Row
from tools.plugins import sdk_version

LOCK = "requirements-lab.lock"
"""What `make` installs; all of requirements.lock is in it."""
RELEASES = "https://get.pulumi.com/releases"
_ENGINE = re.compile(r"pulumi/pulumi-base:(\d+\.\d+\.\d+)")
_HOST = "pulumi-language-python"
_OF_PULUMI = ("pulumi", "pulumi-*-python*")
"""Pulumi, and of the hosts of languages only that of Python."""
_OF_THE_LAB = "protobox-lab"
"""The file in the folder of a plugin that is the lab's."""
_SECONDS = 30
_PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


def fetch_wheels(bundle: Path, root: Path) -> Row:
    """Put the wheels of the locked packages into the bundle, for this Python.

    Raises:
        MissingError: pip could not get all of them.
    """
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    with arriving(bundle / "wheels") as wheels:
        command = ["pip", "download", *options, "--requirement", str(root / LOCK), "--dest", str(wheels)]
        done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            last = errors[-1] if errors else done.stderr.strip()
            raise MissingError(f"MISSING, pip has failed: {last}", "run this again where an index answers")
        count = len([*wheels.iterdir()])
    return Row(Mark.OK, "wheels", f"{count} for {made_for()}")


def made_for() -> str:
    """Return the system that the bundle is for, in words; `install.sh` asks the site's Python the same."""
    return f"{platform.system()} {platform.machine()}, Python {'.'.join(platform.python_version_tuple()[:2])}"


def fetch_pulumi(bundle: Path, root: Path) -> Row:
    """Put Pulumi into the bundle: this machine's, or else the version of the pipeline's image.

    Raises:
        MissingError: there is none here, and it cannot be downloaded.
    """
    target = bundle / "pulumi" / "bin"
    if here := _installed():
        _take_programs(here.parent, target)
        return Row(Mark.OK, "Pulumi", f"{_version(here)}, as it is installed here")
    (wanted,) = _ENGINE.findall((root / "Dockerfile").read_text(encoding="utf-8"))
    if _version(target / "pulumi") != f"v{wanted}":
        system, processor = _platform()
        url = f"{RELEASES}/sdk/pulumi-v{wanted}-{system}-{processor.replace('amd64', 'x64')}.tar.gz"
        with arriving(bundle / "pulumi" / "unpacked") as folder:
            _download(url, folder, f"{' and '.join(_OF_PULUMI)} of what is in it", target)
            _take_programs(folder / "pulumi", target)
        shutil.rmtree(bundle / "pulumi" / "unpacked")
    return Row(Mark.OK, "Pulumi", f"v{wanted}")


def _installed() -> Path | None:
    found = shutil.which("pulumi")
    real = Path(found).resolve() if found else None
    return real if real and real.with_name(_HOST).is_file() else None


def _take_programs(source: Path, target: Path) -> None:
    with arriving(target) as folder:
        folder.mkdir()
        for pattern in _OF_PULUMI:
            for program in source.glob(pattern):
                shutil.copy2(program, folder)


def _version(pulumi: Path) -> str:
    try:
        done = subprocess.run(
            [pulumi, "version"],
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def fetch_plugin(bundle: Path, name: str) -> Row:
    """Put a plugin of the version that its Python package asks for into the bundle.

    Raises:
        MissingError: it is not installed here, and cannot be downloaded.
    """
    version = sdk_version(name)
    folder = f"resource-{name}-v{version}"
    target = bundle / "pulumi" / "plugins" / folder
    if not target.is_dir() or (target / _OF_THE_LAB).exists():
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
        unfinished = (home / f"{folder}.partial").exists()
        with arriving(target) as made:
            if (home / folder / f"pulumi-resource-{name}").is_file() and not unfinished:
                shutil.copytree(home / folder, made)
            else:
                file = f"pulumi-resource-{name}-v{version}-{'-'.join(_platform())}.tar.gz"
                _download(f"{RELEASES}/plugins/{file}", made, "what is in it", target)
    if (target / _OF_THE_LAB).exists():
        return Row(Mark.WARNING, f"plugin {name}", f"{version}: NOT FOR A SITE, it is the lab's stand-in")
    return Row(Mark.OK, f"plugin {name}", version)


def _download(url: str, folder: Path, what: str, target: Path) -> None:
    """Unpack what is at `url` into `folder`; of it, `what` belongs at `target`.

    Raises:
        MissingError: it cannot be had.
    """
    folder.mkdir()
    packed = folder.with_name("packed")
    try:
        with (
            httpx2.stream("GET", url, follow_redirects=True, timeout=_SECONDS) as answer,
            packed.open("wb") as file,
        ):
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                file.write(chunk)
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
    except (httpx2.HTTPError, OSError, tarfile.TarError, zlib.error, EOFError) as error:
        raise MissingError(
            f"MISSING, it cannot be downloaded: {error or type(error).__name__}",
            f"fetch it, and put {what} into {target}:",
            url,
        ) from None


def _platform() -> tuple[str, str]:
    machine = platform.machine()
    return platform.system().lower(), _PROCESSORS.get(machine, machine)
