"""Run the engine on our program in the lab, as a person would."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from lab.environment import STACK
from lab.errors import LabError
from lab.following import follow
from lab.lab import Lab
from lab.plugins import install_plugins, notice

_SECONDS_FOR_ONE_RUN = 600
_LINES_IN_AN_ERROR = 30


def stack_environment(lab: Lab) -> dict[str, str]:
    """Return the engine's environment with the lab's stack selected, whichever is in a folder's own state."""
    return lab.environment() | {"PULUMI_STACK": STACK}


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
            env=stack_environment(self._lab),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_SECONDS_FOR_ONE_RUN,
        )
        if bool(done.returncode) != fails:
            raise LabError(_failure(arguments, done.returncode, done.stdout))
        return done.stdout

    def up(self, show: Callable[[Text], object], variables: Mapping[str, str] | None = None) -> str:
        """Run `pulumi up`, give each line to `show` as it comes, and return all of them, without colours.

        Args:
            show: shows a line.
            variables: what the engine's environment has besides the lab's.

        Raises:
            LabError: it failed; what it printed says why.
            KeyboardInterrupt: the user interrupted it, and Pulumi has cancelled and saved what it did.
        """
        quiet = ["--non-interactive", "--suppress-progress", "--suppress-outputs", "--color=always"]
        lines: list[Text] = []

        def take(line: str) -> None:
            lines.append(Text.from_ansi(line))
            show(lines[-1])

        code = follow(
            [self._lab.programs.pulumi, "up", "--yes", "--skip-preview", *quiet],
            take,
            log=self._lab.directory / "logs" / "pulumi-up.log",
            folder=self._project,
            environment={**stack_environment(self._lab), **(variables or {})},
        )
        printed = "\n".join(line.plain for line in lines)
        if code < 0:
            raise LabError(f"Signal {-code} has ended `pulumi up`. The lab keeps running for another try.")
        if code:
            raise LabError("`pulumi up` failed; its message is above. The lab keeps running for another try.")
        return printed

    def clear_pending_creates(self) -> int:
        """Take out of the state what a killed Pulumi was making, of which every further one warns.

        Returns how many objects these were.
        """
        deployment = json.loads(self.run("stack", "export"))["deployment"]
        pending = [one for one in deployment.get("pending_operations") or [] if one["type"] == "creating"]
        if pending:
            stack = next(
                one["urn"] for one in deployment["resources"] if one["type"] == "pulumi:pulumi:Stack"
            )
            self.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--target", stack)
        return len(pending)

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in the stack's state, each with `type`, `urn`, `inputs` and `outputs`."""
        deployment = json.loads(self.run("stack", "export"))["deployment"]
        resources: list[dict[str, Any]] = deployment.get("resources") or []
        return resources


def _failure(arguments: tuple[str, ...], code: int, output: str) -> str:
    last = "\n".join(output.splitlines()[-_LINES_IN_AN_ERROR:])
    what = f"failed with exit code {code}" if code else "was expected to fail, but did not"
    return f"`pulumi {' '.join(arguments)}` {what}:\n{last}"
