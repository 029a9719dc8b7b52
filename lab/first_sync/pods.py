"""What the kubelet does for Argo CD's pods: a real process for each workload that is in the cluster.

A workload whose pod template has other `hostAliases` than its process was started with gets a new
process, as it would get a new pod. Each process has a mount namespace of its own, for its /etc/hosts.
"""

from __future__ import annotations

import base64
import logging
import shlex
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
from lightkube import Client
from lightkube.resources.apps_v1 import Deployment, StatefulSet
from lightkube.resources.core_v1 import Secret

from lab.control_plane import LOOPBACK, cluster_client
from lab.environment import on_the_site
from lab.first_sync.addresses import hosts_file
from lab.first_sync.programs import FirstSyncPrograms
from lab.processes import Processes

NAMESPACE = "argocd"
SERVER = f"{LOOPBACK}:8080"
_REPO_SERVER, _REDIS = f"{LOOPBACK}:8081", f"{LOOPBACK}:6379"
_SECONDS_BETWEEN_LOOKS = 0.4
_SECONDS_BETWEEN_STARTS = 2.0
_log = logging.getLogger(__name__)

Aliases = list[tuple[str, list[str]]]


_TO_REDIS = ("--redis", _REDIS)
_TO_BOTH = (*_TO_REDIS, "--repo-server", _REPO_SERVER, "--repo-server-plaintext", "--namespace", NAMESPACE)
_ON_LOOPBACK = ("--address", LOOPBACK, "--port")
PODS: Mapping[str, tuple[str, ...]] = {
    "argocd-redis": (),
    "argocd-repo-server": (*_TO_REDIS, "--disable-tls", *_ON_LOOPBACK, _REPO_SERVER.partition(":")[2]),
    "argocd-server": (*_TO_BOTH, "--insecure", "--disable-auth", *_ON_LOOPBACK, SERVER.partition(":")[2]),
    "argocd-application-controller": _TO_BOTH,
}
"""Workload → the arguments of its process; Redis has a file instead."""


class ArgoPods:
    """Argo CD's pods, looked after by a thread until `stop`.

    Args:
        folder: where their files are kept.
        kubeconfig: how to reach the cluster.
        programs: what runs in the pods.
        processes: where the processes are registered.
        ask_pass: the socket by which repo-server hands passwords to Git; it makes the file.
    """

    def __init__(
        self,
        folder: Path,
        kubeconfig: Path,
        programs: FirstSyncPrograms,
        processes: Processes,
        ask_pass: Path,
    ) -> None:
        self._folder = folder
        self._kubeconfig = kubeconfig
        self._programs = programs
        self._ask_pass = ask_pass
        self._processes = processes
        self._pid_file = folder / "argocd-repo-server.pid"
        self._running: dict[str, Aliases] = {}
        self._started: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Begin to look after the pods."""
        for name in ("tls", "ssh", "plugins", "home", "tmp", "hosts"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "ssh" / "ssh_known_hosts").touch()
        self._thread.start()

    def write_shell(self, folder: Path) -> None:
        """Write the shell that `kubectl exec` runs: this machine's, with the files of repo-server's pod."""
        folder.mkdir(parents=True)
        shell = folder / "sh"
        enter = f'nsenter --mount="/proc/$(cat {shlex.quote(str(self._pid_file))})/ns/mnt"'
        shell.write_text(f'#!/bin/sh\nexec {enter} -- /bin/sh "$@"\n', encoding="utf-8")
        shell.chmod(0o755)

    def stop(self) -> None:
        """Stop looking after them, and stop them."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        for name in PODS:
            self._processes.stop(name)

    def _serve(self) -> None:
        with cluster_client(self._kubeconfig) as client:
            while not self._over.wait(_SECONDS_BETWEEN_LOOKS):
                try:
                    self._look(client)
                except httpx2.HTTPError as error:  # lightkube's ApiError is one of these, too
                    _log.info("Argo CD's pods: %s", error)

    def _look(self, client: Client) -> None:
        wanted = dict(_wanted(client))
        alive = {process.name for process in self._processes.running()}
        for name in PODS:
            if name in alive and wanted.get(name) != self._running.get(name):
                _log.info("%s is stopped", name)
                self._processes.stop(name)
                alive.discard(name)
        for name, aliases in wanted.items():
            pause = time.monotonic() - self._started.get(name, float("-inf"))
            # Another pod is started at once; a process that has ended, after a pause.
            if name not in alive and (aliases != self._running.get(name) or pause > _SECONDS_BETWEEN_STARTS):
                self._start(client, name, aliases)
        self._running = {name: self._running[name] for name in wanted if name in self._running}

    def _start(self, client: Client, name: str, aliases: Aliases) -> None:
        password = _redis_password(client)
        hosts = self._folder / "hosts" / name
        hosts.write_text(hosts_file(aliases), encoding="utf-8")
        in_a_pod = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
        if name == "argocd-redis":
            program: list[str | Path] = [self._programs.redis, self._redis_configuration(password)]
        else:
            program = [self._programs.argocd, *PODS[name]]
        _log.info("%s is started, with the hosts entries %s", name, aliases)
        process = self._processes.start(
            name, [*in_a_pod, *program], environment=self._environment(name, password)
        )
        if name == "argocd-repo-server":
            self._pid_file.write_text(str(process.pid), encoding="utf-8")
        self._running[name] = aliases
        self._started[name] = time.monotonic()

    def _redis_configuration(self, password: str) -> Path:
        address, _, port = _REDIS.partition(":")
        lines = [
            f"bind {address}",
            f"port {port}",
            'save ""',
            f"requirepass {password}",
            f"dir {self._folder}",
        ]
        file = self._folder / "redis.conf"
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return file

    def _environment(self, name: str, password: str) -> dict[str, str]:
        folders = {
            "HOME": "home",
            "TMPDIR": "tmp",
            "ARGOCD_TLS_DATA_PATH": "tls",
            "ARGOCD_SSH_DATA_PATH": "ssh",
            "ARGOCD_PLUGINSOCKFILEPATH": "plugins",
        }
        pod = {
            "ARGOCD_BINARY_NAME": name,
            "ARGOCD_GPG_ENABLED": "false",
            # By itself it takes one file in /tmp for the whole machine (v3.1.9, util/askpass/common.go).
            "ARGOCD_ASK_PASS_SOCK": str(self._ask_pass),
            # The cluster of the kubeconfig is the one that is called https://kubernetes.default.svc.
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "KUBECONFIG": str(self._kubeconfig),
            "REDIS_PASSWORD": password,
        }
        paths = {variable: str(self._folder / folder) for variable, folder in folders.items()}
        return on_the_site() | pod | paths


def _wanted(client: Client) -> Iterator[tuple[str, Aliases]]:
    """Yield the workloads that are in the cluster, each with the hosts entries of its pods."""
    workloads: list[Any] = [
        *client.list(Deployment, namespace=NAMESPACE),
        *client.list(StatefulSet, namespace=NAMESPACE),
    ]
    for workload in workloads:
        name = workload.metadata.name
        if name in PODS and not workload.metadata.deletionTimestamp:
            aliases = workload.spec.template.spec.hostAliases or []
            yield name, [(str(alias.ip), list(alias.hostnames or [])) for alias in aliases]


def _redis_password(client: Client) -> str:
    """Return the password that the chart, or Argo CD's own init container, has made for Redis."""
    data = client.get(Secret, "argocd-redis", namespace=NAMESPACE).data or {}
    return base64.b64decode(data["auth"]).decode()
