"""What a person in the lab's shell gets: the environment, and a few lines of what to try."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from lab import site
from lab.lab import Lab

STACK = "local"


def shell_environment(lab: Lab) -> dict[str, str]:
    """Return the engine's environment with the lab's stack selected."""
    return lab.environment() | {"PULUMI_STACK": STACK}


def exports(lab: Lab) -> str:
    """Return lines for a POSIX shell that turn the environment of now into the lab's."""
    wanted = shell_environment(lab)
    unset = [f"unset {name}" for name in sorted(os.environ.keys() - wanted.keys())]
    changed = sorted(pair for pair in wanted.items() if os.environ.get(pair[0]) != pair[1])
    return "\n".join([*unset, *(f"export {name}={shlex.quote(value)}" for name, value in changed)])


def open_shell(lab: Lab) -> int:
    """Open the user's shell in the lab and return its exit code."""
    shell = os.environ.get("SHELL") or "/bin/sh"
    print("This shell works on the lab and on nothing else. Try, or leave with `exit`:")
    for command, meaning in hints(lab):
        print(f"  {command:<44}  {meaning}")
    return subprocess.run([shell, *_options(shell, lab)], env=shell_environment(lab), check=False).returncode


def _options(shell: str, lab: Lab) -> list[str]:
    """Return the shell's options; bash sets the lab's variables again after the user's own file for it.

    That file often puts another Python in front of PATH, or names another kubeconfig.
    """
    if Path(shell).name != "bash":
        return ["-i"]
    start = lab.directory / "bashrc"
    start.write_text(f"[ ! -r ~/.bashrc ] || . ~/.bashrc\n{exports(lab)}\n", encoding="utf-8")
    return ["--rcfile", str(start), "-i"]


def hints(lab: Lab) -> list[tuple[str, str]]:
    """Return commands to try, each with what it shows."""
    return [
        ("pulumi preview", "what would change; the Corefiles as a line diff"),
        ("pulumi up", "do it"),
        ("kubectl get applications -n argocd", "the projects, as Argo CD sees them"),
        (_question(lab), "the page's question, through the node-local cache"),
        ("pulumi destroy", "take away what was added, and nothing else"),
    ]


def _question(lab: Lab) -> str:
    if not shutil.which("dig"):
        return "python -m lab ask git.protobox"
    address, _, port = lab.address(site.NODELOCALDNS.name).partition(":")
    return f"dig @{address} -p {port} git.protobox"
