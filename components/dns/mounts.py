"""Which files CoreDNS's pods have, and from which ConfigMap each comes. Pure: pods in, places out.

On k3s, AKS, Gardener and others, the Corefile imports a ConfigMap for further server blocks. Their operators
overwrite the Corefile itself at any time, and leave that ConfigMap to the user. Which key suffix is imported
as server blocks differs (`.server`, `.include`, `.custom`): the live `import` tells.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.dns.corefile import parse
from components.dns.corefile.imports import FOLDER, located
from components.dns.hosts.entries import DEFAULT_FILE

Json = Mapping[str, Any]
_CREDENTIALS = "/var/run/secrets/"
"""Every pod has the ConfigMap with the API server's certificate there; no right to read it is needed."""
CUSTOM_MAP = "coredns-custom"
"""What the ConfigMap for users' own server blocks is called wherever the pods cannot tell."""
CUSTOM_FOLDER = "custom"

_SUFFIX = re.compile(r"\*(\.[A-Za-z0-9._-]+)?")


@dataclass(frozen=True)
class Mount:
    """A ConfigMap in a folder of a pod, or one key of it as a file."""

    config_map: str
    path: str
    """The folder; the file itself where `key` is given."""
    items: Mapping[str, str] | None = None
    """Key → path below the folder; None: every key under its own name."""
    key: str = ""

    def file_of(self, key: str) -> str:
        """Return the whole path of a key's file, "" if it is not mounted."""
        if self.key:
            return self.path if key == self.key else ""
        name = key if self.items is None else self.items.get(key, "")
        return posixpath.join(self.path, name) if name else ""


@dataclass(frozen=True)
class Mounts:
    """What is mounted into the pods that read one Corefile."""

    corefile: str
    """The whole path of the Corefile."""
    mounts: tuple[Mount, ...] = ()
    hidden: tuple[str, ...] = field(default=())
    """Folders whose content no ConfigMap says: of the node, of a Secret, of another volume; and /etc/hosts,
    where it has more than the pod's own name."""

    @property
    def folder(self) -> str:
        """The folder of the Corefile."""
        return posixpath.dirname(self.corefile)


def mounts(pods: Sequence[Json], config_map: str, key: str) -> Mounts | None:
    """Return what the newest pod that reads `key` of `config_map` has; None if there is no such pod."""
    for pod in sorted(filter(lives, pods), key=_created, reverse=True):
        for _, found, hidden in containers(pod):
            corefile = next(
                (m.file_of(key) for m in found if m.config_map == config_map and m.file_of(key)), ""
            )
            if pod["spec"].get("hostNetwork") or pod["spec"].get("hostAliases"):
                hidden.append(DEFAULT_FILE)
            if corefile:
                return Mounts(corefile, tuple(found), tuple(hidden))
    return None


def lives(pod: Json) -> bool:
    """Tell whether a pod still answers, unlike one that was evicted, which stays in the list."""
    return (pod.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}


def _created(pod: Json) -> str:
    return str((pod.get("metadata") or {}).get("creationTimestamp", ""))


def containers(pod: Json) -> Iterator[tuple[Json, list[Mount], list[str]]]:
    """Yield each container, the ConfigMaps that it has, and the folders whose content no ConfigMap says."""
    spec = pod.get("spec") or {}
    volumes = {volume["name"]: volume for volume in spec.get("volumes") or ()}
    for container in spec.get("containers") or ():
        yield (container, *_mounted(container, volumes))


def _mounted(container: Json, volumes: Mapping[str, Json]) -> tuple[list[Mount], list[str]]:
    found: list[Mount] = []
    hidden: list[str] = []
    for mount in container.get("volumeMounts") or ():
        path, below = posixpath.normpath(mount["mountPath"]), mount.get("subPath", "")
        sources = list(_config_maps(volumes.get(mount["name"], {})))
        if not sources or path.startswith(_CREDENTIALS):
            hidden.append(path)
            continue
        for source in sources:
            items = source.get("items")
            named = {item["key"]: item["path"] for item in items} if items else None
            if not below:
                found.append(Mount(source["name"], path, named))
                continue
            key = next((key for key, name in named.items() if name == below), "") if named else below
            found += [Mount(source["name"], path, None, key)] if key else []
    return found, hidden


def _config_maps(volume: Json) -> Iterator[Json]:
    if "configMap" in volume:
        yield volume["configMap"]
    for source in (volume.get("projected") or {}).get("sources") or ():
        if "configMap" in source:
            yield source["configMap"]


def imported_folder(corefile: str, folder: str = FOLDER) -> tuple[str, str] | None:
    """Return the folder and the suffix of the files that `corefile` imports for users' own server blocks.

    That is a top-level import of all files of a folder called `custom`, such as `custom/*.server`.

    Raises:
        CorefileError: the text does not parse.
    """
    for target in parse(corefile, overlaps=True).imports:
        path = located(target, folder)
        match = _SUFFIX.fullmatch(posixpath.basename(path))
        if match and posixpath.basename(posixpath.dirname(path)) == CUSTOM_FOLDER:
            return posixpath.dirname(path), match[1] or ".server"
    return None


def custom_map(place: Mounts | None, folder: str = "") -> str:
    """Return the ConfigMap that CoreDNS's pods have in the folder for users' own server blocks.

    `place` is None where no pod tells, and `folder` a whole path; "" for any folder that is called `custom`.
    """
    for mount in place.mounts if place else ():
        if mount.path == folder or (not folder and posixpath.basename(mount.path) == CUSTOM_FOLDER):
            return mount.config_map
    return CUSTOM_MAP


def custom_key(stack: str, suffix: str) -> str:
    """Return the key that holds this stack's zones."""
    return f"protobox-cd-{re.sub(r'[^A-Za-z0-9_.-]', '-', stack)}{suffix}"
