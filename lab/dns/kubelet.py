"""What the kubelet does for the two DNS pods: mount the ConfigMap as a file, start CoreDNS, restart it.

Runs as a process of its own: `python -m lab.dns.kubelet <lab directory> <coredns program>`.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import dns.message
import httpx2
import psutil
from lightkube import Client
from lightkube.resources.core_v1 import ConfigMap

from components.dns.corefile import CorefileError
from components.dns.proof.pod_log import digests
from lab import site
from lab.control_plane import cluster_client
from lab.dns.network import Network, network_of
from lab.dns.translate import translate
from lab.endpoints import Endpoints
from lab.processes import Processes

SECONDS_BETWEEN_LOOKS = 0.4
_SECONDS_BETWEEN_STARTS = 2.0
_QUIET_RELOAD_SECONDS = 2.0
_RELOAD_BEGINS, _RELOAD_ENDS = b"[INFO] Reloading", (b"Reloading complete", b"reload failed", b"CoreDNS-")
_log = logging.getLogger(__name__)


class Pod:
    """A DNS pod: its mounted Corefile and its CoreDNS process."""

    def __init__(self, place: site.Place, network: Network, processes: Processes, directory: Path) -> None:
        self.name = place.name
        self._network = network
        self._processes = processes
        self._file = directory / "dns" / f"{place.name}.Corefile"
        self._mounted: str | None = None
        self._texts: dict[bytes, bytes] = {}  # the digest of what CoreDNS reads → of the ConfigMap's text
        self._started = float("-inf")
        self._reload_began: float | None = None
        self._printed = processes.log(place.name)
        self._log = container_log(directory, place)
        self._log.touch()
        self._copied = self._printed.stat().st_size if self._printed.exists() else 0

    def mount(self, corefile: str) -> None:
        """Write the Corefile, in one step, if it is another one."""
        text = translate(corefile, self._network)
        if text == self._mounted:
            return
        self._mounted = text
        with suppress(CorefileError):  # CoreDNS gets another text then, and never runs that
            read, meant = (max(digests(one), key=len, default="").encode() for one in (text, corefile))
            if read and meant:
                self._texts[read] = meant
        new = self._file.with_suffix(".new")
        new.write_text(text, encoding="utf-8", newline="")
        new.replace(self._file)
        _log.info("%s: a new Corefile is mounted", self.name)

    def run(self, coredns: Path) -> None:
        """Start CoreDNS unless it runs; like the kubelet, not again at once after a crash."""
        running = self._processes.find(self.name)
        if running and self._reload_began and time.monotonic() > self._reload_began + _QUIET_RELOAD_SECONDS:
            self._ask(running.pid)
        if running or not self._file.exists():
            return
        if time.monotonic() - self._started >= _SECONDS_BETWEEN_STARTS:
            self._started = time.monotonic()
            _log.info("%s: CoreDNS is started", self.name)
            self._processes.start(self.name, [coredns, "-conf", self._file], environment={})

    def _ask(self, pid: int) -> None:
        """Ask CoreDNS something at each of its sockets, as everybody in a cluster does all the time.

        It hands a socket on to itself in a reload, and for a moment reading from it blocks. What begins to
        read then waits for the next question, and the end of the reload waits for it: without any, for ever.
        """
        question = dns.message.make_query("kubernetes.default.svc.cluster.local", "A").to_wire()
        with suppress(psutil.Error), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            for listening in psutil.Process(pid).net_connections("udp4"):
                asking.sendto(question, tuple(listening.laddr))

    def keep_log(self) -> None:
        """Append what CoreDNS has printed to the container's log, as a runtime of the CRI does."""
        if not self._printed.exists():
            return
        with self._printed.open("rb") as printed, self._log.open("ab") as log:
            printed.seek(self._copied)
            whole, newline, _ = printed.read().rpartition(b"\n")
            now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            for line in whole.split(b"\n") if newline else ():
                if line.endswith(_RELOAD_BEGINS):
                    self._reload_began = time.monotonic()
                elif any(end in line for end in _RELOAD_ENDS):
                    self._reload_began = None
                words, space, last = line.rpartition(b" ")
                shown = words + space + self._texts.get(last, last)
                log.write(f"{now} stdout F ".encode() + shown + b"\n")
            self._copied += len(whole + newline)


def container_log(directory: Path, place: site.Place) -> Path:
    """Return the file with the log of a DNS pod's container, which `kubectl logs` shows."""
    return directory / "dns" / f"{place.name}.container.log"


def follow(client: Client, corefiles: dict[str, str], over: threading.Event) -> None:
    """Keep the Corefile of each ConfigMap as the API server tells of it; the last one stays without it.

    Asked for them every 0.4 s, the API server had a quarter of its work with that.
    """
    while not over.is_set():
        try:
            for operation, found in client.watch(ConfigMap, namespace="kube-system"):
                text = (found.data or {}).get("Corefile")
                if found.metadata and text is not None and operation != "DELETED":
                    corefiles[str(found.metadata.name)] = text
        except httpx2.HTTPError as error:  # lightkube's ApiError is one of these, too
            _log.info("%s", error)
            over.wait(SECONDS_BETWEEN_LOOKS)


def serve(directory: Path, coredns: Path) -> None:
    """Look after both pods until a SIGTERM; then stop them."""
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    (directory / "dns").mkdir(exist_ok=True)
    endpoints, kubeconfig = Endpoints(directory / "endpoints.json"), directory / "kubeconfig"
    processes = Processes(directory)
    pods = [Pod(pod, network_of(pod, endpoints, kubeconfig), processes, directory) for pod in site.PODS]
    corefiles: dict[str, str] = {}
    followed = (cluster_client(kubeconfig), corefiles, over)
    threading.Thread(target=follow, args=followed, daemon=True).start()
    while not over.wait(SECONDS_BETWEEN_LOOKS):
        for pod in pods:
            if pod.name in corefiles:
                pod.mount(corefiles[pod.name])
            pod.run(coredns)
            pod.keep_log()
    for pod in pods:
        processes.stop(pod.name)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
