"""A real Kubernetes control plane on loopback: etcd, API server, controllers, scheduler and fake nodes.

kwok plays the kubelet: pods become ready without a container being run, so a Deployment is ready in
seconds and a wait for it ends.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError
from lightkube.models.core_v1 import NodeSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Node

from lab.endpoints import Endpoints
from lab.environment import on_the_site
from lab.errors import LabError
from lab.processes import Processes, wait_until
from lab.programs import Programs
from lab.site import POD_NETWORK, SERVICE_NETWORK

CONTEXT = "lab"
LOOPBACK = "127.0.0.1"
ADDRESSES = dict.fromkeys(("etcd", "etcd-peer", "kube-apiserver", "kubelet"), LOOPBACK)
PROCESSES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
_FAKE_NODE = {"kwok.x-k8s.io/node": "fake"}
_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [{"level": "Metadata"}],
}
_ISSUER = "https://kubernetes.default.svc.cluster.local"


class ControlPlane:
    """The control plane of one lab directory.

    Args:
        directory: the lab's directory.
        programs: what to run.
        processes: where the processes are registered.
        endpoints: where each server listens.
        container_logs: container name → the file in which the kubelet keeps its log, for `kubectl logs`.
        in_pods: the folder of the programs that `kubectl exec` runs, in place of those in a pod's image;
            without it nothing can be run in a pod.
        nodes: how many nodes the cluster has: `lab`, `lab-2`, `lab-3` and so on. Nodes of an earlier start
            stay.
        audited: whether the API server keeps a log of who has asked for what, in `audit.log`.
    """

    def __init__(  # noqa: PLR0913 - what to run, where, and how large
        self,
        directory: Path,
        programs: Programs,
        processes: Processes,
        endpoints: Endpoints,
        container_logs: Mapping[str, Path],
        *,
        in_pods: Path | None = None,
        nodes: int = 1,
        audited: bool = False,
    ) -> None:
        self._audited = audited
        self._directory = directory / "kubernetes"
        self._programs = programs
        self._processes = processes
        self._endpoints = endpoints
        self._container_logs = container_logs
        self._in_pods = in_pods
        self._nodes = ["lab", *(f"lab-{number}" for number in range(2, nodes + 1))]
        self.kubeconfig = directory / "kubeconfig"

    def start(self) -> None:
        """Start everything and return when the cluster can be used."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._start_etcd()
        self._start_api_server()
        for name in ("kube-controller-manager", "kube-scheduler", "kwok"):
            self._processes.start(name, self._commands()[name], environment=self._environment())
        self._add_nodes()

    def start_again(self, name: str) -> None:
        """Start etcd or the API server, which has ended, and return when the cluster can be used again."""
        if name == "etcd":
            self._start_etcd()
        else:
            self._start_api_server()
        authority = self._directory / "certificates" / "apiserver.crt"
        self._processes.wait("kube-apiserver", lambda: self._api_server_is_ready(authority), 180)

    def _start_etcd(self) -> None:
        client, peer = (f"http://{self._endpoints[name]}" for name in ("etcd", "etcd-peer"))
        flags = {
            "name": "lab",
            "data-dir": self._directory / "etcd",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"lab={peer}",
            "log-level": "warn",
            # The data need not survive a power cut, and waiting for the disk costs seconds.
            "unsafe-no-fsync": "true",
        }
        self._processes.start(
            "etcd",
            [self._programs.cluster / "etcd", *_flags(flags)],
            ready=lambda: _answers(
                http.client.HTTPConnection(LOOPBACK, self._endpoints["etcd"].port, timeout=2)
            ),
        )

    def _start_api_server(self) -> None:
        certificates = self._directory / "certificates"
        private, public = _service_account_key(self._directory)
        tokens, token = self._token()
        flags = {
            "etcd-servers": f"http://{self._endpoints['etcd']}",
            "bind-address": LOOPBACK,
            "advertise-address": LOOPBACK,
            "secure-port": self._endpoints["kube-apiserver"].port,
            "cert-dir": certificates,
            "token-auth-file": tokens,
            "authorization-mode": "RBAC",
            "service-account-issuer": _ISSUER,
            "service-account-key-file": public,
            "service-account-signing-key-file": private,
            "service-cluster-ip-range": SERVICE_NETWORK,
            # There is no route from a pod to this server, so its address is not published.
            "endpoint-reconciler-type": "none",
            "allow-privileged": "true",
        }
        if self._audited:
            policy = self._directory / "audit-policy.json"
            policy.write_text(json.dumps(_AUDIT), encoding="utf-8")
            flags |= {"audit-policy-file": policy, "audit-log-path": self._directory / "audit.log"}
        authority = certificates / "apiserver.crt"
        self._processes.start(
            "kube-apiserver",
            [self._programs.cluster / "kube-apiserver", *_flags(flags)],
            ready=lambda: authority.exists() and self._api_server_is_ready(authority),
            seconds=180,
        )
        self._write_kubeconfig(token, authority)

    def _token(self) -> tuple[Path, str]:
        """Return the file of the API server's tokens and the one token in it, the same at every start."""
        tokens = self._directory / "tokens.csv"
        if not tokens.exists():
            _write_secret(tokens, f"{secrets.token_urlsafe(32)},lab-admin,lab-admin,system:masters\n")
        return tokens, tokens.read_text(encoding="utf-8").partition(",")[0]

    def _api_server_is_ready(self, authority: Path) -> bool:
        try:
            context = ssl.create_default_context(cafile=str(authority))
        except ssl.SSLError:  # it is being written
            return False
        port = self._endpoints["kube-apiserver"].port
        return _answers(http.client.HTTPSConnection(LOOPBACK, port, timeout=2, context=context))

    def _write_kubeconfig(self, token: str, authority: Path) -> None:
        cluster = {
            "server": f"https://{self._endpoints['kube-apiserver']}",
            "certificate-authority": str(authority),
            "disable-compression": True,  # which would cost a preview 50 ms, and gain nothing on one machine
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": CONTEXT,
            "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
            "clusters": [{"name": CONTEXT, "cluster": cluster}],
            "users": [{"name": CONTEXT, "user": {"token": token}}],
        }
        _write_secret(self.kubeconfig, json.dumps(config, indent=2) + "\n")  # JSON is YAML, too

    def _commands(self) -> dict[str, list[str | Path]]:
        programs = self._programs
        kubeconfig: dict[str, object] = {"kubeconfig": self.kubeconfig}
        # One of each runs here: no election, and nothing that anybody would ask them over the network.
        alone: dict[str, object] = {"leader-elect": "false", "secure-port": 0}
        controllers: dict[str, object] = {
            "service-account-private-key-file": self._directory / "service-account.key",
            "root-ca-file": self._directory / "certificates" / "apiserver.crt",
            "service-cluster-ip-range": SERVICE_NETWORK,
        }
        kubelet: dict[str, object] = {
            "manage-nodes-with-annotation-selector": ",".join(f"{k}={v}" for k, v in _FAKE_NODE.items()),
            "cidr": POD_NETWORK,
            "node-ip": LOOPBACK,
            "server-address": self._endpoints["kubelet"],
            "node-port": self._endpoints["kubelet"].port,
            "tls-cert-file": self._directory / "certificates" / "apiserver.crt",
            "tls-private-key-file": self._directory / "certificates" / "apiserver.key",
            "config": self._in_pods_rules(),
        }
        stages = [f"--config={stage}" for stage in programs.kwok_stages]
        return {
            "kube-controller-manager": [
                programs.cluster / "kube-controller-manager",
                *_flags(kubeconfig | alone | controllers),
            ],
            "kube-scheduler": [programs.cluster / "kube-scheduler", *_flags(kubeconfig | alone)],
            "kwok": [programs.cluster / "kwok", *_flags(kubeconfig | kubelet), *stages],
        }

    def _in_pods_rules(self) -> Path:
        """Write what kwok does in pods: serve the DNS pods' logs, and run commands for `kubectl exec`."""
        logs = [{"containers": [name], "logsFile": str(file)} for name, file in self._container_logs.items()]
        rules = [_rule("ClusterLogs", {"logs": logs})]
        rules += [_rule("ClusterExec", {"execs": [{"local": {}}]})] if self._in_pods else []
        file = self._directory / "in-pods.yaml"
        file.write_text("\n---\n".join(map(json.dumps, rules)), encoding="utf-8")  # JSON is YAML, too
        return file

    def _environment(self) -> dict[str, str]:
        path = os.environ.get("PATH", os.defpath)
        return on_the_site() | {"PATH": f"{self._in_pods}{os.pathsep}{path}" if self._in_pods else path}

    def _add_nodes(self) -> None:
        with cluster_client(self.kubeconfig) as client:
            if not wait_until(lambda: exists(client, Namespace, "kube-system"), 120):
                raise LabError("The cluster did not create its namespace kube-system within 120 s.")
            for name in self._nodes:
                labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
                metadata = ObjectMeta(name=name, annotations=_FAKE_NODE, labels=labels)
                create_missing(client, Node(metadata=metadata, spec=NodeSpec()))


def _service_account_key(directory: Path) -> tuple[Path, Path]:
    """Return the files with the private and the public key for service accounts; makes them if need be.

    Kubernetes does not make them by itself. They are kept over a restart, so that tokens which are in the
    cluster already stay valid.
    """
    private, public = directory / "service-account.key", directory / "service-account.pub"
    if not (private.exists() and public.exists()):
        key = ec.generate_private_key(ec.SECP256R1())
        private.touch(mode=0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        public.write_bytes(
            key.public_key().public_bytes(
                serialization.Encoding.PEM,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
        )
    return private, public


def _rule(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": "every-pod"},
        "spec": spec,
    }


def create_missing(client: Client, resource: Any, field_manager: str | None = None) -> None:
    """Create `resource` unless the cluster has an object of that kind and name; then leave it as it is."""
    metadata = resource.metadata
    # Looked up first: a Service whose address is in use by itself is not reported as "exists already".
    if not exists(client, type(resource), metadata.name, metadata.namespace):
        client.create(resource, field_manager=field_manager)


def cluster_client(kubeconfig: Path) -> Client:
    """Return a client for the lab's cluster that ignores the proxies of this machine."""
    return Client(KubeConfig.from_file(kubeconfig), timeout=httpx2.Timeout(120), trust_env=False)


def exists(client: Client, kind: Any, name: str, namespace: str | None = None) -> bool:
    """Return whether the cluster has the object."""
    try:
        client.get(kind, name, namespace=namespace)
    except ApiError as error:
        if error.status.code == HTTPStatus.NOT_FOUND:
            return False
        raise
    return True


def _answers(connection: http.client.HTTPConnection) -> bool:
    """Return whether `/readyz` says yes."""
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def _flags(flags: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in flags.items()]


def _write_secret(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(file)
