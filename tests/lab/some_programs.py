"""Programs that are named and never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.programs import Programs

ANY = Path("/bin/true")


def some_programs(**known: Any) -> Programs:
    """Return programs, of which only the `known` ones matter."""
    names = ("cluster", "coredns", "kubectl", "plugins", "pulumi")
    return Programs(**{**dict.fromkeys(names, ANY), "kwok_stages": (), "argocd_crds": (), **known})
