"""The programs that only the site with the real Argo CD needs."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.programs import find_optional, missing
from lab.programs.catalogue import ARGOCD_MANIFEST

OPTIONAL = ("argocd", "consul")
"""The modules of the lab's optional programs that the site uses."""
_PACKAGES = {"git": "git", "perl": "perl", "getent": "libc-bin", "timeout": "coreutils"}
"""Programs of this machine, most of which run in the "pods" → the Debian package of each."""


@dataclass(frozen=True)
class FirstSyncPrograms:
    """Where each of them is."""

    argocd: Path
    """All of Argo CD in one program, which does what the variable `ARGOCD_BINARY_NAME` says."""
    install_manifest: Path
    """What `kubectl apply` installs Argo CD from."""
    redis: Path

    @classmethod
    def find(cls) -> FirstSyncPrograms:
        """Return where they are.

        Raises:
            LabError: some are missing; the text says which, and how to get them.
        """
        if absent := cls.missing():
            raise LabError(f"The site with the real Argo CD cannot run here: {'; '.join(absent)}.")
        argocd, redis = find_optional("argocd"), installed_redis()
        if not argocd or not redis:
            raise LabError("A program has gone away just now; try again.")
        return cls(argocd, ARGOCD_MANIFEST.path, redis)

    @staticmethod
    def missing() -> list[str]:
        """Return half a sentence for each program that is not here: what, and how to get it."""
        absent = []
        if missing() or not find_optional("argocd"):
            absent.append("Argo CD is not built, `make lab-full` builds it")
        if not installed_redis():
            absent.append("there is no redis-server, install the package `redis-server`")
        for program, package in _PACKAGES.items():
            if not shutil.which(program):
                absent.append(f"there is no {program}, install the package `{package}`")
        return absent


def installed_redis() -> Path | None:
    """Return this machine's Redis, or its successor Valkey."""
    names = (shutil.which(name) for name in ("redis-server", "valkey-server"))
    return next((Path(found).absolute() for found in names if found and os.access(found, os.X_OK)), None)
