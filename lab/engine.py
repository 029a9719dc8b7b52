"""Run the engine on our program in the lab, as a person would."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from lab.errors import LabError
from lab.following import follow
from lab.lab import Lab
from lab.plugins.install import install_plugins, notice
from lab.shell import STACK, shell_environment

_SECONDS_FOR_ONE_RUN = 600
_LINES_IN_AN_ERROR = 30


class Engine:
    """The Pulumi engine, with the stack `local` of the program in `project` selected.

    Args:
        lab: the lab to work on; it must be running.
        project: the folder of `Pulumi.yaml`.
    """

    def __init__(self, lab: Lab, project: Path) -> None:
        self._lab = lab
        self._project = project

    def prepare(self) -> str | None:
        """Install the plugins and make the stack; return the line to print if they are not the exact ones."""
        environment = self._lab.environment()
        home = Path(environment["PULUMI_HOME"])
        plugins = install_plugins(self._lab.programs, environment, home)
        self._drop_stale_locks()
        self.run("stack", "select", "--create", STACK)
        return notice(plugins)

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run one command and return what it printed.

        Args:
            arguments: as on the command line, without `pulumi`.
            fails: whether the command has to fail.

        Raises:
            LabError: it failed, or did not fail although it had to; the text has its last lines.
        """
        done = subprocess.run(
            [self._lab.programs.pulumi, *arguments, "--non-interactive", "--color=never"],
            cwd=self._project,
            env=shell_environment(self._lab),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_SECONDS_FOR_ONE_RUN,
        )
        if bool(done.returncode) != fails:
            raise LabError(_failure(arguments, done.returncode, done.stdout))
        return done.stdout

    def up(self, show: Callable[[str], object]) -> str:
        """Run `pulumi up`, give each line to `show` as it comes, and return all of them.

        Raises:
            LabError: it failed; what it printed says why.
            KeyboardInterrupt: the user interrupted it, and Pulumi has cancelled and saved what it did.
        """
        command = [
            "up",
            "--yes",
            "--skip-preview",
            "--non-interactive",
            "--suppress-progress",
            "--suppress-outputs",
        ]
        colour = "always" if sys.stdout.isatty() else "never"
        done = follow(
            [self._lab.programs.pulumi, *command, f"--color={colour}"],
            show,
            folder=self._project,
            environment=shell_environment(self._lab),
        )
        if done.code:
            raise LabError("`pulumi up` failed; its message is above. The lab keeps running for another try.")
        return "".join(done.lines)

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in the stack's state, each with `type`, `urn`, `inputs` and `outputs`."""
        deployment = json.loads(self.run("stack", "export"))["deployment"]
        resources: list[dict[str, Any]] = deployment.get("resources") or []
        return resources

    def _drop_stale_locks(self) -> None:
        """Delete the state's locks of processes that no longer run, which a killed `up` leaves behind."""
        state = Path(self._lab.environment()["PULUMI_BACKEND_URL"].removeprefix("file://"))
        for lock in (state / ".pulumi" / "locks").rglob("*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError):
                if not psutil.pid_exists(int(json.loads(lock.read_text(encoding="utf-8"))["pid"])):
                    lock.unlink()


def _failure(arguments: tuple[str, ...], code: int, output: str) -> str:
    last = "\n".join(output.splitlines()[-_LINES_IN_AN_ERROR:])
    what = f"failed with exit code {code}" if code else "was expected to fail, but did not"
    return f"`pulumi {' '.join(arguments)}` {what}:\n{last}"
