"""The lab as a whole: start it, ask its DNS, run the engine in it, stop it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from lightkube import Client

from lab import control_plane, pulumis, seed, site
from lab.chart import complete_chart
from lab.control_plane import ControlPlane, cluster_client
from lab.dns import servers
from lab.dns.asking import Answer, ask
from lab.dns.kubelet import container_log
from lab.dns.network import dns_addresses, own_endpoints
from lab.endpoints import Endpoints
from lab.environment import engine_environment
from lab.errors import LabError
from lab.processes import Process, Processes, one_at_a_time, wait_until
from lab.programs import Programs, find_programs

Progress = Callable[[str], object]

LAYERS = {place.name: place for place in site.PLACES}
"""The DNS servers that can be asked, by name."""

_KUBELET = "dns-kubelet"
_PROCESSES = (*control_plane.PROCESSES, servers.PLAYED, _KUBELET)
_PROBE = "kubernetes.default.svc.cluster.local"
# A question to a server that does not listen yet is lost without a word, so ask again soon.
_SECONDS_FOR_ONE_QUESTION = 0.5
_SECONDS_TO_ANSWER = 60.0
_SECONDS_TO_CHANGE = 60.0


class Lab:
    """A lab in a directory of its own. Several may run at once, each in another directory.

    Args:
        directory: where everything of this lab is kept: the cluster's data, the logs, the engine's state.
        programs: what to run; by default what is in the user's cache.
        own_network: whether this process is in a network of its own, which has all the site's addresses.
            Then every server is where it is on the site; otherwise on loopback addresses and free ports.
        in_pods: the folder of the programs that `kubectl exec` runs in pods; none can be run without it.
        nodes: how many nodes the cluster has.
        audited: whether its API server keeps a log of who has asked for what.
        venv: the virtual environment whose Python runs the program; by default this process's own.
    """

    def __init__(  # noqa: PLR0913 - what to run, where, and how large
        self,
        directory: Path,
        programs: Programs | None = None,
        *,
        own_network: bool = False,
        in_pods: Path | None = None,
        nodes: int = 1,
        audited: bool = False,
        venv: Path | None = None,
    ) -> None:
        self.directory = directory.absolute()
        self.venv = venv or Path(sys.prefix)
        self._own_network = own_network
        self._in_pods = in_pods
        self._nodes = nodes
        self._audited = audited
        self._given_programs = programs
        self._processes = Processes(self.directory)
        self._is_held = False

    @property
    def programs(self) -> Programs:
        """What the lab runs. Looked up late: stopping a lab must work without them."""
        return self._given_programs or find_programs()

    @property
    def kubeconfig(self) -> Path:
        """The cluster's kubeconfig; its one context is `lab`."""
        return self.directory / "kubeconfig"

    def start(self, progress: Progress = lambda _: None) -> None:
        """Start what is not running; returns when the cluster and its DNS answer.

        `progress` gets one sentence for each step. When the start fails or is interrupted, nothing
        keeps running. A cluster that was stopped earlier comes back as it was.

        Raises:
            LabError: something did not start.
        """
        self._given_programs = self.programs
        complete_chart(self._given_programs)
        with self.alone(progress):
            if self.running():
                progress("The lab is running already.")
                return
            self._stop(progress)  # what a crashed run may have left
            try:
                self._start(progress)
            except BaseException:
                self._stop(progress)
                raise

    def stop(self, progress: Progress = lambda _: None) -> None:
        """Stop every process of this lab. What is in the cluster is kept for the next start."""
        if self._is_ours():
            with self.alone(progress):
                self._stop(progress)

    def clean(self, progress: Progress = lambda _: None) -> None:
        """Stop, and delete the lab's directory with the cluster and the engine's state in it.

        Raises:
            LabError: the directory is not a lab's.
        """
        if not self.directory.exists():
            return
        if not self._is_ours():
            raise LabError(f"{self.directory} is not the directory of a lab, so it is not deleted.")
        with self.alone(progress):
            self._stop(progress)
            shutil.rmtree(self.directory)

    @contextlib.contextmanager
    def alone(self, progress: Progress) -> Iterator[None]:
        """Wait until no other process starts, stops or deploys to this lab, and let none do so meanwhile.

        `progress` gets a sentence if there is something to wait for.

        Raises:
            LabError: the directory is not a lab's, and not empty.
        """
        if self._is_held:
            yield
            return
        if self.directory.is_dir() and not self._is_ours() and any(self.directory.iterdir()):
            raise LabError(f"{self.directory} holds files that are not the lab's; choose another directory.")
        with one_at_a_time(self._lock, "Another command works on this lab; waiting for it to end.", progress):
            self._is_held = True
            try:
                yield
            finally:
                self._is_held = False

    def running(self) -> bool:
        """Return whether all of the lab runs. A DNS pod may be down: its Corefile is the user's."""
        wanted = {*_PROCESSES, *self._processes.names()} - {pod.name for pod in site.PODS}
        return all(map(self._processes.find, wanted))

    def processes(self) -> list[Process]:
        """Return the lab's processes that run."""
        return self._processes.running()

    def stop_server(self, name: str) -> None:
        """Stop one of the supervisor's servers that is a real program, as when its machine is down."""
        self._processes.stop(name)

    def start_server(self, name: str) -> None:
        """Start it again, and return when it answers.

        Raises:
            LabError: it does not.
        """
        commands = servers.commands(self.directory / "dns", self.programs, self._endpoints())
        self._processes.start(name, commands[name], environment={})
        place = _layer(name)
        self._wait_for_process(name, place, servers.KNOWN[place])

    @contextlib.contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Let etcd or the API server be dead meanwhile, killed in the middle of its work."""
        self._processes.kill(name)
        try:
            yield
        finally:
            self._control_plane(self._endpoints()).start_again(name)

    def is_real(self, layer: str) -> bool:
        """Return whether one of the `LAYERS` is the real program, not another one that plays it."""
        return layer in self._processes.names()

    def client(self) -> Client:
        """Return a Kubernetes client for the lab's cluster, to be closed after use."""
        return cluster_client(self.kubeconfig)

    def address(self, layer: str) -> str:
        """Return the address and port of one of the `LAYERS`."""
        return str(self._endpoints()[_layer(layer).name])

    def ask(self, layer: str, name: str, rdtype: str = "A", *, seconds: float = 2.0) -> Answer:
        """Ask one of the `LAYERS` for `name`, waiting at most `seconds`."""
        return ask(self._endpoints()[_layer(layer).name], name, rdtype, seconds=seconds)

    def wait_for_answer(
        self,
        layer: str,
        name: str,
        *,
        rcode: str = "NOERROR",
        addresses: tuple[str, ...] | None = None,
        seconds: float = _SECONDS_TO_CHANGE,
    ) -> Answer:
        """Ask until the answer is the wanted one and return it; `addresses` None: any.

        Raises:
            LabError: it still is another one after `seconds`.
        """
        answer = Answer("")

        def is_wanted() -> bool:
            nonlocal answer
            answer = self.ask(layer, name, seconds=_SECONDS_FOR_ONE_QUESTION)
            return answer.rcode == rcode and addresses in (None, answer.addresses)

        if not wait_until(is_wanted, seconds, pause=0.2):
            raise LabError(
                f"After {seconds:.0f} s, {layer} still answers {answer} for {name}, not "
                f"{Answer(rcode, addresses or ())}. The logs are in {self._processes.log(layer).parent}."
            )
        return answer

    def environment(self) -> dict[str, str]:
        """Return the environment in which the engine and kubectl work on this lab and on nothing else."""
        return engine_environment(self.directory, self.kubeconfig, self.programs, self.venv)

    def _start(self, progress: Progress) -> None:
        endpoints = self._endpoints()
        fixed = own_endpoints() if self._own_network else {}
        chosen = control_plane.ADDRESSES | dns_addresses()
        endpoints.choose({name: chosen[name] for name in chosen.keys() - fixed.keys()}, fixed)
        progress(f"Starting the cluster: etcd, the Kubernetes control plane, and {_number(self._nodes)}.")
        self._start_servers(endpoints)  # beside the cluster, since Consul needs seconds to elect itself
        cluster = self._control_plane(endpoints)
        cluster.start()
        with self.client() as client:
            seed.sow(client)
        real = servers.real_servers(self.programs)
        progress(f"Starting the site's DNS: node-local cache and CoreDNS; {servers.description(real)}.")
        self._start_pods(progress)

    def _control_plane(self, endpoints: Endpoints) -> ControlPlane:
        return ControlPlane(
            self.directory,
            self.programs,
            self._processes,
            endpoints,
            {pod.container: container_log(self.directory, pod) for pod in site.PODS},
            in_pods=self._in_pods,
            nodes=self._nodes,
            audited=self._audited,
        )

    def _start_servers(self, endpoints: Endpoints) -> None:
        folder = self.directory / "dns"
        folder.mkdir(exist_ok=True)
        for name, command in servers.commands(folder, self.programs, endpoints).items():
            self._processes.start(name, command, environment={})

    def _start_pods(self, progress: Progress) -> None:
        self._processes.start(
            _KUBELET,
            [sys.executable, "-m", "lab.dns.kubelet", self.directory, self.programs.coredns],
            environment=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        )
        for pod in site.PODS:
            try:
                self._wait_for_process(_KUBELET, pod, _PROBE)
            except LabError:
                if not self._processes.find(_KUBELET):
                    raise
                # Its Corefile is in the cluster and is the user's to repair, so the lab has to start.
                progress(
                    f"{pod.what} ({pod.name}) does not answer. The last lines of its log, "
                    f"{self._processes.log(pod.name)}:\n{self._processes.last_lines(pod.name)}"
                )
        for server, known in servers.KNOWN.items():
            real = self.is_real(server.name)
            self._wait_for_process(server.name if real else servers.PLAYED, server, known)

    def _wait_for_process(self, process: str, place: site.Place, known: str) -> None:
        """Wait until `place`, for which `process` is at work, has an address for the name `known`."""
        self._processes.wait(
            process,
            lambda: bool(self.ask(place.name, known, seconds=_SECONDS_FOR_ONE_QUESTION).addresses),
            _SECONDS_TO_ANSWER,
        )

    def _stop(self, progress: Progress) -> None:
        pulumis.end_all(self.directory, progress)  # before the cluster that they work on
        self._processes.stop(_KUBELET)  # first, since it restarts what is stopped after it
        self._processes.stop_all()

    def _endpoints(self) -> Endpoints:
        return Endpoints(self.directory / "endpoints.json")

    @property
    def _lock(self) -> Path:
        return self.directory / "lab.lock"

    def _is_ours(self) -> bool:
        return self._lock.exists()


def _number(nodes: int) -> str:
    return "one fake node" if nodes == 1 else f"{nodes} fake nodes"


def _layer(name: str) -> site.Place:
    try:
        return LAYERS[name]
    except KeyError:
        raise LabError(
            f"There is no DNS server {name!r} in the lab; there are {', '.join(LAYERS)}."
        ) from None
