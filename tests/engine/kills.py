"""Kill what works on a stack in the middle of its work, and see what one plain `up` makes of it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
from lightkube import Client
from lightkube.resources.core_v1 import Secret

from lab.engine import stack_environment
from lab.lab import Lab
from lab.local_stack import Application, LocalStack
from lab.processes import wait_until
from tests.engine.pod import write_shell

VICTIMS = ("pulumi", "its whole tree", "the Kubernetes plugin", "the dynamic provider")
FIRST, MORE, SWITCH, DESTROY = PHASES = ("first up", "many more", "switch", "destroy")
FEW: dict[str, dict[str, str]] = {"docserver": {}, "shop": {"appProject": "shop"}}
DNSMASQ = {"strategy": "dnsmasq", "verify": False, "zones": ["protobox"], "servers": ["192.168.1.7"]}
HOST_ALIASES = {
    "strategy": "hostAliases",
    "verify": False,
    "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}},
}
_SEEN_IN = {
    "the Kubernetes plugin": re.compile(r"pulumi-resource-kubernetes"),
    "the dynamic provider": re.compile(r"pulumi\.dynamic|pulumi-resource-pulumi-python"),
}
ONE_STATE = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""Pulumi writes its state once, at the end."""
_PLAIN = ("--yes", "--non-interactive", "--color=never")
_LONGEST = {FIRST: 14.0, MORE: 14.0, SWITCH: 12.0, DESTROY: 12.0}
"""For how many seconds each phase is at work on a quiet machine."""


class Kills:
    """A stack that is killed again and again.

    Attributes:
        stack: the stack.
        longest: for how many seconds each phase is at work.
        options: of the plain `up`.
        verify: whether DNS is proved from the pod that dials Git, which needs a lab with a shell in its pods.

    Args:
        stack: the stack, with nothing in the cluster yet.
        folder: where the program is.
        many: how many Applications the second phase adds.
    """

    def __init__(self, stack: LocalStack, folder: Path, many: int = 80) -> None:
        self.stack = stack
        self.longest = _LONGEST
        self.options: tuple[str, ...] = ()
        self.verify = False
        self._many: dict[str, dict[str, str]] = {f"p{number}": {} for number in range(many)}
        self._folder = folder
        self._environment = stack_environment(stack.lab)
        stack.edit("appProjects", {"shop": {}})
        stack.edit("repositories", {"shop": {"url": "http://git.protobox/gitlab/protobox1/shop.git"}})
        self.declare("first up")

    def declare(self, phase: str) -> tuple[str, ...]:
        """Write into the stack file what a phase is about; return the command that it is killed in."""
        self.projects = {**FEW, **(self._many if phase == MORE else {})}
        self.stack.edit("projects", self.projects)
        dns = HOST_ALIASES if phase == SWITCH else {**DNSMASQ, "verify": self.verify, "verifySeconds": 60}
        self.stack.edit("dns", dns)
        return ("destroy" if phase == DESTROY else "up", "--skip-preview")

    def bring_to(self, phase: str) -> None:
        """Bring the stack to where a phase ends, whatever it was brought to before."""
        command, *_ = self.declare(phase)
        if command == "destroy":
            self.stack.destroy()
        else:
            self.stack.up()

    def kill(
        self,
        phase: str,
        victim: str,
        ready: Callable[[Client], bool],
        *,
        checkpoints: bool = True,
        seconds: float = 120,
    ) -> None:
        """Begin a phase, and kill a victim as soon as it is `ready`.

        Args:
            phase: the phase.
            victim: the victim.
            ready: tells when; it is asked again and again.
            checkpoints: whether Pulumi writes its state at every step; else a kill makes it forget all.
            seconds: how long `ready` is waited for.
        """
        with self.stack.lab.client() as client, self.begin(phase, {} if checkpoints else ONE_STATE) as up:
            wait_until(lambda: ready(client) or up.poll() is not None, seconds, pause=0.02)
            for process in _victims(up.pid, victim):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            up.wait(300)

    def begin(
        self, phase: str, changes: Mapping[str, str] | None = None, output: IO[str] | int = subprocess.DEVNULL
    ) -> subprocess.Popen[str]:
        """Begin a phase's command, and return it at work.

        Args:
            phase: the phase.
            changes: of its environment.
            output: where it prints.
        """
        return subprocess.Popen(
            [self.stack.lab.programs.pulumi, *self.declare(phase), *_PLAIN],
            cwd=self._folder,
            env={**self._environment, **(changes or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def take_up(self) -> str:
        """Run one `up`, after `pulumi cancel` where Pulumi demands it; return what is wrong after it."""
        self._unlock()
        printed = self._run("pulumi", "up", *self.options, *_PLAIN)
        return reason(printed) if printed else "; ".join(self._wrong())

    def finish(self) -> str:
        """Run `destroy` again, with a refresh where the first one fails; return what is wrong after all."""
        self._unlock()
        again = ("pulumi", "destroy", *_PLAIN)
        printed = self._run(*again) and self._run(*again, "--refresh")
        return reason(printed) if printed else "".join(self.stack.applications())

    def _unlock(self) -> None:
        if any((self.stack.lab.directory / "state" / ".pulumi" / "locks").rglob("*.json")):
            self._run("pulumi", "cancel", "--yes")

    def _wrong(self) -> Iterator[str]:
        """Yield what is not as the stack file says it."""
        self.stack.engine.clear_pending_creates()
        printed = self.stack.engine.run("preview", "--suppress-progress")
        if not re.search(r"Resources:\s+\d+ unchanged", printed):
            yield f"the next preview has changes: {printed}"
        if "warning" in printed:
            yield f"the next preview warns: {printed}"
        there, wanted = set(self.stack.applications()), {f"argo-{name}" for name in self.projects}
        if there != wanted:
            yield f"Applications: lost {sorted(wanted - there)}, left {sorted(there - wanted)}"
        status = self._output("kubectl", "get", "secret", "-n", "argocd", "-l", "owner=helm", "-L", "status")
        if not re.search(r"\bdeployed\b", status) or "pending" in status:
            yield f"the release: {status}"
        for kind, name in (
            ("secret", "argocd-repo-shop"),
            ("appproject", "shop"),
            ("deploy", "argocd-server"),
        ):
            if name not in self._output("kubectl", "get", kind, "-n", "argocd"):
                yield f"there is no {kind} {name}"

    def _output(self, *command: str) -> str:
        return subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        ).stdout

    def _run(self, *command: str) -> str:
        """Run a command; return "" if it went well, and what it printed otherwise."""
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        return (done.stdout or "failed without a word") if done.returncode else ""


def applications(client: Client) -> int:
    """Return how many Applications the cluster has."""
    return sum(1 for _ in client.list(Application, namespace="argocd"))


def helm_is_at_work(client: Client) -> bool:
    """Tell whether Helm has begun, and not ended."""
    at_work = ["pending-install", "pending-upgrade", "uninstalling"]
    return any(
        True for _ in client.list(Secret, namespace="argocd", labels={"owner": "helm", "status": at_work})
    )


def _victims(pid: int, victim: str) -> list[psutil.Process]:
    try:
        pulumi = psutil.Process(pid)
        below = pulumi.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    if victim in _SEEN_IN:
        return [one for one in below if _SEEN_IN[victim].search(" ".join(_command(one)))]
    return [pulumi, *(below if victim == "its whole tree" else ())]


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


def reason(printed: str) -> str:
    """Return the first error that Pulumi has printed."""
    found = re.search(r"error: .*", printed)
    return found[0] if found else printed[-300:]


@contextmanager
def stack_of_its_own() -> Iterator[LocalStack]:
    """Give a stack with nothing in the cluster, on a lab that ends with it."""
    with tempfile.TemporaryDirectory(prefix="kills-") as made:
        project, in_pods = Path(made) / "project", Path(made) / "in-pods"
        project.mkdir()
        lab = Lab(Path(made) / "lab", in_pods=in_pods)
        write_shell(in_pods, lab.directory)
        lab.start(print)
        try:
            stack = LocalStack(lab, project)
            stack.engine.prepare()
            yield stack
        finally:
            lab.stop(print)
