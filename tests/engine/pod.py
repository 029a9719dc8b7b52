"""The pod that dials Git, in a lab in which no program runs in pods: what the proof runs there, run here.

The shell that `kubectl exec` starts calls this program, which asks the lab's DNS servers where they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lab.dns.asking import NO_ANSWER, ask
from lab.endpoints import Endpoints
from lab.site import CONSUL, NODELOCALDNS, PLACES

_RESOLV_CONF = f"search argocd.svc.cluster.local svc.cluster.local\nnameserver {NODELOCALDNS.address}"
_NAMES = {place.address: place.name for place in PLACES if place is not CONSUL}
_ROOT = Path(__file__).parents[2]
_TELL = 'printf "\\nexit code %s" "$?"\n'


def write_shell(folder: Path, lab: Path) -> None:
    """Write the shell of the pods.

    Args:
        folder: the lab's `in_pods`.
        lab: the lab's directory.
    """
    folder.mkdir()
    shell = folder / "sh"
    # Called as `sh -c SCRIPT sh COMMAND …`; the script tells the exit code as its last line.
    lines = ("#!/bin/sh", "shift 3", f"cd {_ROOT}", f'{sys.executable} -m {__name__} {lab} "$@"', _TELL)
    shell.write_text("\n".join(lines), encoding="utf-8")
    shell.chmod(0o755)


def run(lab: Path, command: list[str]) -> str:
    """Return what a command of the proof prints."""
    endpoints = Endpoints(lab / "endpoints.json")
    match command:
        case ["getent", "ahosts", name]:
            found = ask(endpoints[NODELOCALDNS.name], name, "A", seconds=5)
            return "\n".join(f"{address} STREAM {name}" for address in found.addresses)
        case ["cat", "/etc/resolv.conf"]:
            return _RESOLV_CONF
        case ["perl", "-e", _, server, _, name]:
            answer = ask(endpoints[_NAMES[server]], name, "A", seconds=2)
            return "no answer" if answer.rcode == NO_ANSWER else str(answer)
    return ""


if __name__ == "__main__":
    print(run(Path(sys.argv[1]), sys.argv[2:]))  # noqa: T201 - a program on the command line
