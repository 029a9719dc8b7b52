"""Which cluster it is, and which stack: names alone do not tell.

A cluster is known by the UID of its namespace `kube-system`, whatever the kube-context is called; a stack by
the backend that keeps its state, whatever has become of that state. Where that is, an address says.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from components.cluster.api import Reader, get_if_allowed
from components.cluster.errors import ClusterError
from components.stackfile.problems import PROJECT

CLOUD = "https://api.pulumi.com"
_MACHINE = Path("/etc/machine-id")
_NAMESPACE = "/api/v1/namespaces/kube-system"


def cluster_uid(context: str) -> str:
    """Return the identity of the cluster behind the kube-context `context`; "" if it may not be read.

    Raises:
        ClusterError: the context does not exist, or its API server does not answer.
    """
    with Reader(context) as reader:
        found = get_if_allowed(reader, _NAMESPACE)
    return str(((found or {}).get("metadata") or {}).get("uid") or "")


def same_cluster(context: str, before: str) -> str:
    """Return the identity of the cluster behind `context`, once it is certain that it is the one of before.

    `before` is the identity that the state remembers; "" for none.

    Raises:
        ClusterError: it is another cluster, or it does not answer.
    """
    now = cluster_uid(context)
    if before and now and now != before:
        raise ClusterError(
            f"the kube-context {context!r} is another cluster than that of the last pulumi up: the "
            f"UID of its kube-system is {now}, of that one {before}",
            "what the state remembers would be changed and deleted in a cluster that has nothing to "
            "do with it",
            "name the context of the first cluster in protobox-cd:cluster.context (or KUBECONFIG); a further "
            "cluster is a further stack; if the cluster was built anew, make a new stack for it: "
            "pulumi stack rm --force, then pulumi stack init",
        )
    return now or before


def stack_identity(backend: str, organization: str, project: str, stack: str) -> str:
    """Return the identity of a stack, which no stack of another backend has: 12 hexadecimal digits.

    `backend` is the address that `same_for_all` returns.
    """
    return sha256(f"{backend}\n{organization}\n{project}\n{stack}".encode()).hexdigest()[:12]


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
