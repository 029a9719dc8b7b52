"""Look, from the pod that dials Git, at everything between it and the Git server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from components.dns.hosts.entries import hosts_lines
from components.dns.proof.pod import Result, Runner
from components.dns.proof.question import Host

NO_ANSWER, NOBODY_LISTENS = "no answer", "nobody listens"
NODE_LOCAL, COREDNS = "node-local cache", "CoreDNS"
_QUERY = Path(__file__).with_name("dns_query.pl")
_DNS_PORT = "53"


@dataclass(frozen=True)
class Answer:
    """What one DNS server said."""

    rcode: str
    """`NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` …, or `no answer`, `nobody listens`."""
    addresses: tuple[str, ...] = ()

    @classmethod
    def read(cls, line: str) -> Answer:
        """Return the answer that `dns_query.pl` printed."""
        if line in {NO_ANSWER, NOBODY_LISTENS}:
            return cls(line)
        rcode, *addresses = line.split() or [NO_ANSWER]
        return cls(rcode, tuple(addresses))

    def __str__(self) -> str:
        return " ".join([self.rcode, *self.addresses])


@dataclass(frozen=True)
class Observation:
    """What the pod sees of one host."""

    resolved: tuple[str, ...] = ()
    """The addresses that the pod's own resolver finds, hosts file first."""
    hosts_file: tuple[str, ...] = ()
    """The addresses for it in the pod's /etc/hosts."""
    layers: Mapping[str, Answer] = field(default_factory=dict)
    """`node-local cache 169.254.25.10` and the like → its answer, the pod's own resolver first."""
    servers: Mapping[str, Answer] = field(default_factory=dict)
    """`192.168.1.7:53` → its answer."""


def resolve(host: Host, run: Runner) -> tuple[str, ...]:
    """Return the addresses that the pod's own resolver finds for `host`."""
    lines = run("getent", "ahosts", host.name).out.splitlines()
    return tuple(dict.fromkeys(words[0] for words in map(str.split, lines) if words))


def observe(host: Host, run: Runner, services: Sequence[str]) -> Observation:
    """Return what the pod sees of `host`; takes some seconds where something does not answer.

    `services` are the addresses of the cluster's DNS Services.
    """
    resolved = resolve(host, run)
    resolvers = [words[0] for words in _resolv_conf("nameserver", run) if words][:1]
    asked = [*resolvers, *(address for address in services if address not in resolvers)]
    return Observation(
        resolved,
        tuple(line.address for line in hosts_lines(run("cat", "/etc/hosts").out) if host.name in line.names),
        {_layer(address, services): _ask(run, address, _DNS_PORT, host.name) for address in asked},
        {server: _ask(run, *_split(server), host.name_at_server) for server in host.servers},
    )


def name_of_the_cluster(run: Runner) -> str:
    """Return the name of the API server's Service; "" where the pod's resolver tells no cluster domain.

    The kubelet writes `svc.<cluster domain>` into the search list of each pod that asks the cluster's DNS.
    """
    searched = next(iter(_resolv_conf("search", run)), [])
    domains = [word.removeprefix("svc.").rstrip(".") for word in searched if word.startswith("svc.")]
    return f"kubernetes.default.svc.{domains[0]}" if domains else ""


def list_refs(host: Host, run: Runner) -> Result:
    """Return what `git ls-remote` says in the pod, which follows no redirect, as Argo CD does not."""
    options = ["-c", "http.followRedirects=false", "-c", "credential.helper="]
    # A link is text of others: no transport that runs a command (`ext::`), and no option in its place.
    quiet = ["env", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_ALLOW_PROTOCOL=http:https"]
    return run(*quiet, "timeout", "30", "git", *options, "ls-remote", "--heads", "--", host.repository)


def _ask(run: Runner, server: str, port: str, name: str) -> Answer:
    done = run("perl", "-e", _QUERY.read_text(encoding="utf-8"), server, port, name)
    return Answer.read(done.out.strip()) if not done.code else Answer(f"not asked ({done.err.strip()})")


def _layer(address: str, services: Sequence[str]) -> str:
    return f"{COREDNS if address in services else NODE_LOCAL} {address}"


def _resolv_conf(keyword: str, run: Runner) -> list[list[str]]:
    """Return the words behind `keyword` in each of its lines in the pod's /etc/resolv.conf."""
    lines = map(str.split, run("cat", "/etc/resolv.conf").out.splitlines())
    return [words[1:] for words in lines if words[:1] == [keyword]]


def _split(server: str) -> tuple[str, str]:
    address, _, port = server.rpartition(":")
    return address.strip("[]"), port
