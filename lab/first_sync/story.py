"""`make demo`: the page's failure and its cure, told step by step with what was seen and how long it took."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lab import site as the_site
from lab.dns.asking import Answer
from lab.errors import LabError
from lab.first_sync.argocd import APPLICATION, Status
from lab.first_sync.namespace import first_sync_site
from lab.first_sync.programs import FirstSyncPrograms
from lab.first_sync.relay import relay_out_of
from lab.first_sync.site import HOST, STRATEGIES, FirstSync

NO_SUCH_HOST = f"dial tcp: lookup {HOST} on {the_site.NODE_LOCAL_DNS}:53: no such host"
"""What the page quotes from Argo CD's log."""
_SUPERVISOR = (the_site.SUPERVISOR,)
_SHORT = 8
_LAST_BEFORE_DESTROY = "f"
_WORKLOAD = ("Deployment", "Service", "ConfigMap")
_COLOURS = {True: "green", False: "red"}


def demo(
    strategy: str,
    console: Console,
    *,
    pause: bool = False,
    look: Callable[[str, FirstSync], object] = lambda _letter, _site: None,
) -> None:
    """Start the site, tell the story with `strategy`, and leave nothing behind.

    Args:
        strategy: one of the `STRATEGIES` but `none`.
        console: where to tell it.
        pause: whether to wait before `pulumi destroy`, so that a person at a terminal can look at
            argocd-server.
        look: called with each step's letter and the site when the step is done.

    Raises:
        LabError: the site cannot run here, or something was not as the story has it.
    """
    if strategy not in STRATEGIES or strategy == "none":
        known = ", ".join(name for name in STRATEGIES if name != "none")
        raise LabError(f"There is no strategy {strategy!r} to show; choose STRATEGY={known}.")
    FirstSyncPrograms.find()  # says what is missing before anything is started
    console.print(f"[bold]protobox-cd[/]: from `no such host` to a synced Application, strategy {strategy}")
    with first_sync_site() as site:

        def after(letter: str) -> None:
            look(letter, site)
            if pause and letter == _LAST_BEFORE_DESTROY and sys.stdin.isatty():
                _let_look(site, console)

        narrator = Narrator(console, after)
        with narrator.step(" ", "The site: cluster, both DNS layers, supervisor, Git server"):
            for line in site.start():
                console.print(Padding(Text(line), (0, 0, 0, 3)))
        tell(site, strategy, narrator)
    narrator.close(strategy)


def _let_look(site: FirstSync, console: Console) -> None:
    with relay_out_of(Path(site.server_socket())) as port:
        console.print(f"\nargocd-server answers at http://127.0.0.1:{port}, for example")
        console.print(f"  curl http://127.0.0.1:{port}/api/v1/applications/{APPLICATION}")
        with contextlib.suppress(EOFError):  # Ctrl-D
            console.input("Press Enter to go on with `pulumi destroy`. ")


def tell(site: FirstSync, strategy: str, narrator: Narrator) -> None:
    """Go through the story on a site that is started, and make sure that each step is as it has to be.

    Raises:
        LabError: it is not.
    """
    with narrator.step("a", "As the Ansible role left it: the repository link is an IP address"):
        site.install_as_the_role_did()
        site.declare_by_hand(the_site.SUPERVISOR)
        _synced(narrator, site.sync())
    with narrator.step("b", f"The same Application with the name {HOST}"):
        site.declare_by_hand(HOST)
        narrator.answers(site.wait_for_answers(()))
        error = site.wait_for_error(NO_SUCH_HOST).error
        narrator.saw("Argo CD", _quoted(error), good=False)
    with narrator.step("c", f"The role's Argo CD goes, its workload stays; pulumi up, strategy {strategy}"):
        site.hand_over()
        site.choose(strategy)
        for made in _of_interest(site.up()):
            narrator.saw("pulumi created", made)
    with narrator.step("d", "The name resolves where Argo CD asks for it"):
        if strategy == "hostAliases":
            narrator.saw("argocd-repo-server", _as_lines(site.hosts_entries()), good=True)
            narrator.saw("Corefiles", "not touched" if site.corefiles_are_the_originals() else "changed")
        else:
            narrator.answers(site.wait_for_answers(_SUPERVISOR))
    with narrator.step("e", "The Application of the stack file"):
        site.sync()
        for told in site.made_status()["applications"]:
            state = f"{told['name']}: {told['sync']} {told['health']}, revision {told['revision'][:_SHORT]}"
            narrator.saw("make status", told["error"] or state, good=not told["degraded"])
        narrator.saw("in the cluster", ", ".join(site.workload()))
    with narrator.step("f", "A push to the branch CD"):
        revision = site.push("Pushed just now")
        narrator.saw("pushed", revision[:_SHORT])
        site.wait_for_revision(revision)
        _synced(narrator, site.sync(revision))
        narrator.saw("ConfigMap docserver", site.greeting())
    with narrator.step("g", "pulumi destroy, and the role's Argo CD once more"):
        site.destroy()
        same = site.corefiles_are_the_originals()
        narrator.saw("Corefiles", "byte for byte as they were" if same else "changed!", good=same)
        narrator.answers(site.wait_for_answers(()))
        site.install_as_the_role_did()
        site.declare_by_hand(HOST)
        narrator.saw("Argo CD", _quoted(site.wait_for_error(NO_SUCH_HOST).error), good=False)
        narrator.saw("still in the cluster", ", ".join(site.workload()), good=True)
        if not same or len(site.workload()) < len(_WORKLOAD):
            raise LabError("`pulumi destroy` did not leave the cluster as it has to; see above.")


class Narrator:
    """Prints the steps, each with its letter, its time and what was seen.

    Args:
        console: where to.
        after: called with its letter when a step is done.
    """

    def __init__(self, console: Console, after: Callable[[str], object]) -> None:
        self._console = console
        self._after = after
        self._began = time.monotonic()
        self._seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def step(self, letter: str, text: str) -> Iterator[None]:
        """Announce a step, and print its time when it is done."""
        began = time.monotonic()
        with self._console.status(f"[bold]{escape(text)}[/]"):
            self._console.print(f"\n[bold cyan]{letter}[/]  [bold]{escape(text)}[/]")
            yield
        self._seconds[f"{letter}  {text}"] = time.monotonic() - began
        self._console.print(f"   [dim]{time.monotonic() - began:.1f} s[/]")
        self._after(letter)

    def saw(self, what: str, seen: object, *, good: bool | None = None) -> None:
        """Print one line of what was seen."""
        colour = "default" if good is None else _COLOURS[good]
        self._console.print(f"   {what:<22} [{colour}]{escape(str(seen))}[/]")

    def answers(self, answers: Mapping[str, Answer]) -> None:
        """Print what both DNS layers answer."""
        for layer, answer in answers.items():
            self.saw(layer, answer, good=bool(answer.addresses))

    def close(self, strategy: str) -> None:
        """Print the table of times."""
        table = Table(box=None, header_style="dim", padding=(0, 2))
        table.add_column("step")
        table.add_column("seconds", justify="right")
        for step, seconds in self._seconds.items():
            table.add_row(step, f"{seconds:.1f}")
        table.add_row("[bold]all[/]", f"[bold]{time.monotonic() - self._began:.1f}[/]")
        self._console.print()
        title = f"From nothing to the first synced Application, strategy {strategy}"
        self._console.print(Panel(table, title=title, title_align="left", expand=False))


def _synced(narrator: Narrator, status: Status) -> None:
    narrator.saw("Argo CD", f"{status.sync} {status.health}, revision {status.revision[:_SHORT]}", good=True)


def _quoted(error: str) -> str:
    """Return the error from `dial tcp` on: before it stands only which step of Argo CD's met it."""
    return error[error.index(NO_SUCH_HOST) :].splitlines()[0] if NO_SUCH_HOST in error else error


def _of_interest(printed: str) -> list[str]:
    """Return what `pulumi up` made in the cluster, as `Application argo-docserver`."""
    return re.findall(r"^ \+  (?:kubernetes|pulumi-python):\S+:(\w+ \S+) created", printed, re.MULTILINE)


def _as_lines(entries: list[tuple[str, list[str]]]) -> str:
    return "; ".join(f"/etc/hosts has {ip} {' '.join(names)}" for ip, names in entries) or "no entry"
