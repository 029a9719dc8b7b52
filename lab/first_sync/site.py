"""The site, as it is driven from outside: each method is a step of the page's story, or looks at it.

Everything runs in the private namespaces, on the page's own addresses; arguments and results are plain data.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Service

from lab import site
from lab.control_plane import exists
from lab.dns.asking import Answer
from lab.engine import stack_environment
from lab.errors import LabError
from lab.first_sync.argocd import APPLICATION, ArgoCD
from lab.first_sync.git_server import PORT, PREFIX
from lab.first_sync.namespace import ASK_PASS_SOCKET, SERVER_SOCKET
from lab.first_sync.pods import ArgoPods
from lab.first_sync.programs import FirstSyncPrograms
from lab.first_sync.repository import BRANCH, GROUP, PROJECT, Repository
from lab.first_sync.server import api, send_webhook
from lab.lab import Lab
from lab.local_stack import LAYERS, ROOT, LocalStack
from lab.processes import Processes
from lab.programs import find_optional

HOST = "git.protobox"
_FORWARDED = {"zones": ["protobox"], "servers": [site.SUPERVISOR]}
STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "dnsmasq": _FORWARDED,
    "consul": {**_FORWARDED, "rewrite": {HOST: "git.service.consul"}},
    "hosts": {"hosts": {"entries": {site.SUPERVISOR: [HOST]}}},
    "hostAliases": {"hosts": {"entries": {site.SUPERVISOR: [HOST]}}},
    "none": {},
}
"""Strategy → its keys in the stack file."""
_GIT_SERVER = "git-server"
_SECONDS_TO_VERIFY = 120  # CoreDNS reads a new Corefile after 2 s here, but others may be at work


class FirstSync(LocalStack, ArgoCD):
    """The page's site: the stack on it, and a real Argo CD.

    Args:
        folder: where everything of it is kept.

    Raises:
        LabError: a program that it needs is not on this machine.
    """

    def __init__(self, folder: Path) -> None:
        programs = FirstSyncPrograms.find()
        self._folder = folder
        commands = folder / "in-pods"
        lab = Lab(folder / "lab", own_network=True, in_pods=commands)
        stack = folder / "stack"
        stack.mkdir()
        LocalStack.__init__(self, lab, stack)
        self.edit("argocd", {"chart": {"path": "lab/charts/argo-cd"}, "timeoutSeconds": 300})  # of Helm
        ArgoCD.__init__(self, lab.kubeconfig, programs.install_manifest)
        self._processes = Processes(folder / "argocd")
        self._pods = ArgoPods(
            folder / "argocd", lab.kubeconfig, programs, self._processes, folder / ASK_PASS_SOCKET
        )
        self._pods.write_shell(commands)
        self._repository = Repository(folder / "git", folder / "clone", f"http://{site.SUPERVISOR}{PREFIX}")
        self._originals: dict[str, str] = {}
        self._over = threading.Event()
        self._starting_or_stopping = threading.Lock()

    def start(self) -> list[str]:
        """Start the cluster, its DNS, the supervisor and its Git server; return what was said.

        Raises:
            LabError: something did not start.
        """
        said: list[str] = []

        def say(line: str) -> None:
            if self._over.is_set():
                raise LabError("The site is stopped while it starts.")
            said.append(line)

        with self._starting_or_stopping:
            self.lab.start(say)
            say(f"Starting the Git server: {PROJECT} with the branch {BRANCH}.")
            self._pods.start()
            self._start_git_server()
            if notice := self.engine.prepare():
                say(notice)
            self._originals = self.corefiles()
        return said

    def stop(self) -> None:
        """Stop everything; a start that is under way ends first, after its current step."""
        self._over.set()
        with self._starting_or_stopping:
            with contextlib.suppress(LabError):
                self._pods.stop()
                self._processes.stop_all()
            self.lab.stop()

    def choose(self, strategy: str, **changes: Any) -> None:
        """Write one of the `STRATEGIES` into the stack file, with `changes` to its keys."""
        patience = {} if strategy == "none" else {"verifySeconds": _SECONDS_TO_VERIFY}
        self.edit("dns", {"strategy": strategy, **STRATEGIES[strategy], **patience, **changes})

    def declare(self, section: str, value: Any) -> None:
        """Write another section of the stack file; None takes it out."""
        self.edit(section, value)

    def install_by_helm(self) -> None:
        """Install Argo CD with Helm, by the lab's chart.

        Raises:
            LabError: Helm is not built, or it failed.
        """
        helm = find_optional("helm")
        if not helm:
            raise LabError("Helm is not built; `make lab-full` builds it.")
        place = ["--namespace", "argocd", "--create-namespace", "--wait"]
        command = [str(helm), "install", "argocd", str(ROOT / "lab" / "charts" / "argo-cd"), *place]
        done = subprocess.run(
            command, env=stack_environment(self.lab), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise LabError(done.stderr)

    def push(self, greeting: str) -> str:
        """Push a change to the branch, tell Argo CD as GitLab does, and return the revision."""
        revision = self._repository.push(greeting)
        send_webhook(f"http://{HOST}{PREFIX}/{GROUP}/{PROJECT}", revision)
        return revision

    def as_served(self) -> dict[str, Any]:
        """Return the Application as argocd-server gives it to its web page."""
        return api(f"applications/{APPLICATION}")

    def server_socket(self) -> str:
        """Return the socket file by which argocd-server can be reached from outside."""
        return str(self._folder / SERVER_SOCKET)

    def greeting(self) -> str:
        """Return the text of the project's ConfigMap in the cluster."""
        with self.lab.client() as client:
            data = client.get(ConfigMap, PROJECT, namespace=PROJECT).data or {}
        return str(data["greeting"])

    def workload(self) -> list[str]:
        """Return the kinds of the project's objects that are in the cluster."""
        with self.lab.client() as client:
            kinds: list[type[Any]] = [Deployment, Service, ConfigMap]
            return [kind.__name__ for kind in kinds if exists(client, kind, PROJECT, PROJECT)]

    def wait_for_answers(self, addresses: tuple[str, ...], name: str = HOST) -> dict[str, Answer]:
        """Wait until both layers answer `addresses` for `name`; none means that it does not exist.

        Raises:
            LabError: a layer still answers otherwise.
        """
        return {layer: self.wait_for_answers_of(layer, addresses, name) for layer in LAYERS}

    def wait_for_answers_of(self, layer: str, addresses: tuple[str, ...], name: str = HOST) -> Answer:
        """Do the same for one layer.

        Raises:
            LabError: it still answers otherwise.
        """
        rcode = "NOERROR" if addresses else "NXDOMAIN"
        return self.lab.wait_for_answer(layer, name, rcode=rcode, addresses=addresses)

    def stop_server(self, name: str) -> None:
        """Stop dnsmasq or Consul on the supervisor."""
        self.lab.stop_server(name)

    def start_server(self, name: str) -> None:
        """Start it again."""
        self.lab.start_server(name)

    def declared(self) -> list[str]:
        """Return the names of the Applications in the cluster."""
        return list(self.applications())

    def hosts_entries(self) -> list[tuple[str, list[str]]]:
        """Return the hosts entries of the pod that dials Git."""
        return self.host_aliases("argocd-repo-server")

    def original(self, layer: str) -> str:
        """Return a layer's Corefile as it was at the start."""
        return self._originals[layer]

    def corefiles_are_the_originals(self) -> bool:
        """Return whether both Corefiles are byte for byte what they were at the start."""
        return self.corefiles() == self._originals

    def _start_git_server(self) -> None:
        self._repository.create()
        program = [sys.executable, "-m", "lab.first_sync.git_server"]
        arguments = [str(self._folder / "git"), site.SUPERVISOR]
        self._processes.start(_GIT_SERVER, [*program, *arguments], ready=_git_server_answers)
        self._repository.first_push()


def _git_server_answers() -> bool:
    with contextlib.suppress(OSError), socket.create_connection((site.SUPERVISOR, PORT), timeout=1):
        return True
    return False
