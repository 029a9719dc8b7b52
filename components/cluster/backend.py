"""Where Pulumi keeps its state, as far as an address says it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from components.stackfile.problems import PROJECT

CLOUD = "https://api.pulumi.com"
_MACHINE = Path("/etc/machine-id")


def backend_url(project: Path, environ: Mapping[str, str]) -> str:
    """Return the address of the backend of the project in a folder; "" if nobody has logged in."""
    if url := environ.get("PULUMI_BACKEND_URL", ""):
        return url
    backend = mapping_in(project / "Pulumi.yaml").get("backend")
    if isinstance(backend, dict) and backend.get("url"):
        return str(backend["url"])
    home = Path(environ.get("PULUMI_HOME") or "~/.pulumi").expanduser()
    if current := mapping_in(home / "credentials.json").get("current"):
        return str(current)
    return CLOUD if environ.get("PULUMI_ACCESS_TOKEN") else ""


def folder_of(url: str) -> Path | None:
    """Return the folder that a backend's address means; None if it is not on this machine."""
    if not url.startswith("file://"):
        return None
    return Path(url.removeprefix("file://").partition("?")[0]).expanduser().absolute()


def cut_off(folder: Path, stack: str) -> tuple[Path, Path | None] | None:
    """Return a state that Pulumi cannot read any more, since its disk was full, and the copy to go on from.

    The copy is the newest whole one, None if there is none; None for both if the state is whole. `folder` is
    the backend's.
    """
    folder = folder / ".pulumi"
    for file in (folder / "stacks" / PROJECT).glob(f"{stack}.json*"):
        if file.suffix in {".json", ".gz"} and not _is_whole(file):
            backups = (folder / "backups" / PROJECT / stack).glob(f"{stack}.*{file.suffix}")
            copies = [one for one in (file.with_name(f"{file.name}.bak"), *backups) if _is_whole(one)]
            return file, max(copies, key=lambda one: one.stat().st_mtime, default=None)
    return None


def half_written(folder: Path, stack: str, *, locks: bool) -> Path | None:
    """Return a file that a run which was killed has not written to its end, and at which Pulumi stops.

    That is the file of attributes of a state: of all that Pulumi writes into a folder, it alone is not put in
    place in one step (gocloud.dev, blob/fileblob); with `?metadata=skip` in the address there is none. With
    `locks`, what stands in the way of an `up`, which takes a lock, counts too. `folder` is the backend's.
    """
    folder = folder / ".pulumi"
    beside = folder.glob(f"stacks/{PROJECT}/{stack}.json*.attrs")
    taken = folder.glob(f"locks/**/{stack}/*") if locks else ()
    return next((file for file in (*beside, *taken) if not _is_whole(file)), None)


def _is_whole(file: Path) -> bool:
    try:
        text = file.read_bytes()
        json.loads(gzip.decompress(text) if ".gz" in file.suffixes and file.suffix != ".attrs" else text)
    except (OSError, EOFError, ValueError):
        return False
    return True


def same_for_all(url: str, machine: Path = _MACHINE) -> str:
    """Return a backend's address in the one form that all of its users have.

    Options, logins and the case of a host are left out: they differ from user to user. A folder is one of
    this machine.
    """
    if folder := folder_of(url):
        try:
            return f"{machine.read_text(encoding='utf-8').strip()}:{folder}"
        except OSError:
            return str(folder)
    parts = urlsplit(url or CLOUD)
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    endpoint = parse_qs(parts.query).get("endpoint", [""])[0]
    host = host.replace("app.pulumi.com", "api.pulumi.com")
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}#{endpoint}"


def mapping_in(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML or JSON file; an empty one where there is none."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
