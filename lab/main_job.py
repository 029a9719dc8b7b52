"""`make up`: from nothing to a declared Application, with a report at the end."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.markup import escape
from rich.padding import Padding

from lab import programs, pulumis, site
from lab.engine import Engine
from lab.environment import STACK
from lab.errors import LabError
from lab.lab import Lab
from lab.report import COREFILE_ZONES, show_report, terminal
from lab.shell import hints
from tools import checkpoints
from tools.check import check

_GIT = "git.protobox"
_SHOWN_HINTS = 3
_INDENT = 9  # below the words of a step
_CHANGES = re.compile(r"^\s*[-+~]+\s*\d+ \w+", re.MULTILINE)
"""A line of the engine's summary that counts changes, such as `+ 10 created`."""


def run(lab: Lab, project: Path) -> None:
    """Build what is missing, start the lab, run `pulumi up` on the stack `local`, and report.

    Raises:
        LabError: a step failed; what runs by then keeps running.
    """
    began = time.monotonic()
    console = terminal()

    def step(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.0f} s[/]  {escape(text)}")

    programs.build()
    with lab.alone(step):
        lab.start(step)
        before = {layer.name: lab.ask(layer.name, _GIT) for layer in site.PODS}
        pulumis.wait_for_others(lab.directory, step)
        pulumis.mend_state(lab.directory, step)
        engine = Engine(lab, project)
        step("Preparing the engine: its plugins and the stack local.")
        if notice := engine.prepare():
            step(notice)
        if count := engine.clear_pending_creates():
            objects = f"{count} object{'s' * (count != 1)}"
            step(f"An `up` was killed while it made {objects}; what of it is there, this one takes over.")
        declared = check(project / f"Pulumi.{STACK}.yaml").applications
        backend = lab.environment()["PULUMI_BACKEND_URL"]
        variables = about_checkpoints(declared, backend, os.environ, step)
        step("pulumi up")
        printed = engine.up(lambda line: console.print(Padding.indent(line, _INDENT)), variables)
        resources = engine.resources()
        if not has_changes(printed):
            step("No changes: the cluster was as the stack file says.")
        if any(resource["type"] == COREFILE_ZONES for resource in resources):
            step(f"Asking both DNS layers for {_GIT} until they have read their Corefiles again.")
            _wait_until_it_resolves(lab)
        answers = {name: (answer, lab.ask(name, _GIT)) for name, answer in before.items()}
    show_report(console, answers, resources, hints(lab)[:_SHOWN_HINTS])
    console.print(f"Done in {time.monotonic() - began:.0f} s. `make down` stops everything.")


def about_checkpoints(
    applications: int, url: str, environ: Mapping[str, str], say: Callable[[str], object]
) -> dict[str, str]:
    """Return what Pulumi hears about its checkpoints: what the user says, or what is best, which is told.

    Args:
        applications: how many the stack file declares.
        url: the backend's address.
        environ: the user's environment, of which Pulumi gets nothing else in the lab.
        say: tells.
    """
    if said := {name: environ[name] for name in checkpoints.VARIABLES if name in environ}:
        return said
    if variables := checkpoints.without(applications, url, environ):
        say(checkpoints.words(applications))
    return variables


def has_changes(printed: str) -> bool:
    """Return whether `pulumi up` has changed anything, by what it printed."""
    return bool(_CHANGES.search(printed))


def _wait_until_it_resolves(lab: Lab) -> None:
    for layer in site.PODS:
        with contextlib.suppress(LabError):  # the report shows what it answers instead
            lab.wait_for_answer(layer.name, _GIT)
