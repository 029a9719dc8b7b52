"""The rules for single answers: those of the stack file itself, and what only a new one asks for."""

from __future__ import annotations

import os
import re

from components.argocd.chart import DEFAULT_VERSION, VERSION
from components.dns.hosts.section import require_host_ip
from components.stackfile.base import mistake
from components.stackfile.host_names import is_host_name, require_host_name, require_zone
from components.stackfile.object_names import suggested_name
from tools.new.answers import zone_of

_LONGEST_PROJECT = 63 - len("argo-")


def require_local_folder(name: str) -> str:
    """Return `name`, if there is such a folder."""
    if not os.path.isdir(name):  # noqa: PTH112 - Path.is_dir raises for a name that cannot be one
        raise mistake(f"there is no folder {name!r}", "nothing can be looked for in it", "name another one")
    return name


def require_address(address: str) -> str:
    """Return `address`, if it is the IP of a machine that a pod can reach; a dot is this machine's file."""
    return address if address == "." else require_host_ip(address)


def name_or_nothing(answer: str) -> str:
    """Return `answer`, if it is a host name or nothing."""
    return require_host_name(answer) if answer else ""


def yes_or_no(answer: str) -> str:
    """Return "yes" or "no"."""
    lower = answer.lower()
    if lower not in {"y", "yes", "n", "no"}:
        raise mistake(
            f"{answer!r} is neither yes nor no", "nobody could tell what is meant", "write yes or no"
        )
    return "yes" if lower.startswith("y") else "no"


def require_something(answer: str) -> str:
    """Return `answer`, if it is not empty."""
    if not answer:
        raise mistake("nothing is said", "Argo CD needs it", "write for example CD")
    return answer


def require_version(version: str) -> str:
    """Return `version`, if it is that of one chart."""
    if not re.fullmatch(VERSION, version):
        raise mistake(
            f"{version!r} is no exact version of a chart",
            "a preview must not change by itself",
            f"write for example {DEFAULT_VERSION}",
        )
    return version


def require_projects(names: str) -> str:
    """Return the names of projects, if each can be part of the name of an Application."""
    for name in names.split() or [""]:
        if not is_host_name(f"argo-{name}") or len(name) > _LONGEST_PROJECT:
            raise mistake(
                f"{name!r} cannot be part of an Application's name, argo-{name}",
                "Kubernetes takes lower-case letters, digits, '-' and '.', at most 63 characters",
                f"write {suggested_name(name) or 'docserver'}; a project of another name in Git can be added "
                "to the file later, with application: below it",
            )
    return names


def zone_for(name: str, zone: str) -> str:
    """Return `zone`, if `name` is in it."""
    normal = require_zone(zone)
    if not f".{name}".endswith(f".{normal}"):
        raise mistake(
            f"{name} is not in the zone {normal}",
            "nobody would make it resolve for Argo CD",
            f"write {zone_of(name)}",
        )
    return normal
