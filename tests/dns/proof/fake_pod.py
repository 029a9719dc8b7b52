"""A pod in which commands end as a test says, and a DNS server that answers as it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from components.dns.proof.pod import PodError, Result

CLUSTER = "kubernetes.default.svc.cluster.local"
RESOLV_CONF = """\
search x.svc.cluster.local svc.cluster.local cluster.local
nameserver 169.254.25.10
nameserver 10.0.0.1
options ndots:5
"""


class FakePod:
    """What the commands say, and which were run.

    Args:
        getent: what `getent ahosts` prints, for names that are not the cluster's.
        hosts: the pod's /etc/hosts.
        answers: server → what the DNS query prints.
        git: what `git ls-remote` comes to.
    """

    def __init__(
        self,
        getent: str = "",
        hosts: str = "",
        answers: dict[str, str] | None = None,
        git: Result | None = None,
    ) -> None:
        self.getent, self.hosts = getent, hosts
        self.answers = answers or {}
        self.git = git or Result(0, "abc\trefs/heads/CD\n")
        self.cluster = "10.233.0.1 STREAM kubernetes\n"
        """What `getent ahosts` prints for the cluster's own name."""
        self.resolv_conf = RESOLV_CONF
        self.unreachable = 0
        self.run: list[tuple[str, ...]] = []

    def __call__(self, *command: str) -> Result:
        """Be a `Runner`."""
        self.run.append(command)
        if self.unreachable:
            self.unreachable -= 1
            raise PodError("no pod yet")
        match command:
            case ("getent", "ahosts", name):
                found = self.cluster if name == CLUSTER else self.getent
                return Result(0 if found else 2, found)
            case ("cat", "/etc/hosts"):
                return Result(0, self.hosts)
            case ("cat", "/etc/resolv.conf"):
                return Result(0, self.resolv_conf)
            case ("perl", "-e", _, server, port, _):
                return Result(0, self.answers.get(f"{server}:{port}", "no answer") + "\n")
            case ("env", *_):
                return self.git
        raise AssertionError(command)


@contextlib.contextmanager
def dns_server(rcode: str, *addresses: str, family: socket.AddressFamily = socket.AF_INET) -> Iterator[int]:
    """Answer every question on a UDP port of the loopback address, which is yielded."""
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind(("::1" if family is socket.AF_INET6 else "127.0.0.1", 0))
        server.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    data, client = server.recvfrom(4096)
                    question = dns.message.from_wire(data)
                    answer = dns.message.make_response(question)
                    answer.set_rcode(dns.rcode.from_text(rcode))
                    name = question.question[0].name
                    if addresses:
                        alias = dns.rrset.from_text(name, 5, "IN", "CNAME", "other.protobox.")
                        answer.answer = [
                            alias,
                            dns.rrset.from_text("other.protobox.", 5, "IN", "A", *addresses),
                        ]
                    server.sendto(answer.to_wire(), client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()
