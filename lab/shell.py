"""What a person in the lab's shell gets: the environment, and a few lines of what to try."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from lab import site
from lab.lab import Lab

_MARK = "(lab) "
"""What the prompt begins with, so that nobody takes this shell for one that works on production."""


def exports(lab: Lab) -> str:
    """Return lines for a POSIX shell that turn the environment of now into the lab's."""
    wanted = lab.environment()
    unset = [f"unset {name}" for name in sorted(os.environ.keys() - wanted.keys())]
    changed = sorted(pair for pair in wanted.items() if os.environ.get(pair[0]) != pair[1])
    return "\n".join([*unset, *(f"export {name}={shlex.quote(value)}" for name, value in changed)])


def open_shell(lab: Lab) -> int:
    """Open the user's shell in the lab and return its exit code."""
    shell = os.environ.get("SHELL") or "/bin/sh"
    print("This shell works on the lab and on nothing else. Try, or leave with `exit`:")
    for command, meaning in hints(lab):
        print(f"  {command:<44}  {meaning}")
    environment = lab.environment() | {"PS1": f"{_MARK}$ "}
    return subprocess.run([shell, *_options(shell, lab)], env=environment, check=False).returncode


def _options(shell: str, lab: Lab) -> list[str]:
    """Return the shell's options; bash sets the lab's variables again after the user's own file for it.

    That file often puts another Python in front of PATH, or names another kubeconfig.
    """
    if Path(shell).name != "bash":
        return ["-i"]
    start = lab.directory / "bashrc"
    theirs, prompt = "[ ! -r ~/.bashrc ] || . ~/.bashrc", f'PS1="{_MARK}$PS1"'
    start.write_text(f"{theirs}\n{exports(lab)}\n{prompt}\n", encoding="utf-8")
    return ["--rcfile", str(start), "-i"]


def hints(lab: Lab) -> list[tuple[str, str]]:
    """Return commands to try, each with what it shows."""
    return [
        ("pulumi preview --diff", "what would change; the Corefiles as a line diff"),
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
