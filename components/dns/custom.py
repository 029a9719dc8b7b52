"""Clusters whose Corefile imports a ConfigMap for further server blocks: k3s, AKS, Gardener and others.

Their operators overwrite the Corefile itself at any time, and leave that ConfigMap to the user. Which key
suffix is imported as server blocks differs (`.server`, `.include`, `.custom`): the live `import` tells.
"""

from __future__ import annotations

import posixpath
import re

from components.dns.corefile import parse
from components.dns.corefile.imports import FOLDER, located
from components.dns.mounts import Mounts

CONFIG_MAP = "coredns-custom"
"""What the ConfigMap is called wherever the pods cannot tell."""
FOLDER_NAME = "custom"

_SUFFIX = re.compile(r"\*(\.[A-Za-z0-9._-]+)?")


def imported_folder(corefile: str, folder: str = FOLDER) -> tuple[str, str] | None:
    """Return the folder and the suffix of the files that `corefile` imports for users' own server blocks.

    That is a top-level import of all files of a folder called `custom`, such as `custom/*.server`.

    Raises:
        CorefileError: the text does not parse.
    """
    for target in parse(corefile, overlaps=True).imports:
        path = located(target, folder)
        match = _SUFFIX.fullmatch(posixpath.basename(path))
        if match and posixpath.basename(posixpath.dirname(path)) == FOLDER_NAME:
            return posixpath.dirname(path), match[1] or ".server"
    return None


def config_map(place: Mounts | None, folder: str = "") -> str:
    """Return the ConfigMap that CoreDNS's pods have in the folder for users' own server blocks.

    `place` is None where no pod tells, and `folder` a whole path; "" for any folder that is called `custom`.
    """
    for mount in place.mounts if place else ():
        if mount.path == folder or (not folder and posixpath.basename(mount.path) == FOLDER_NAME):
            return mount.config_map
    return CONFIG_MAP


def custom_key(stack: str, suffix: str) -> str:
    """Return the key that holds this stack's zones."""
    return f"protobox-cd-{re.sub(r'[^A-Za-z0-9_.-]', '-', stack)}{suffix}"
