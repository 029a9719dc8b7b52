"""From what the pod sees to the layer that fails, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from components.dns.proof.observing import NO_ANSWER, NOBODY_LISTENS, NODE_LOCAL, Answer, Observation
from components.dns.proof.pod import POD, Result
from components.dns.proof.question import Host

HOSTS_FILE, FORWARDER, HTTP = "hosts file", "forwarder", "HTTP"
_TIMED_OUT = 124
_NEEDS_CREDENTIALS = ("authentication failed", "could not read username", "error: 401", "error: 403")
_REDIRECTS = (
    "unable to update url base from redirection",
    *(f"error: {code}" for code in (301, 302, 307, 308)),
)


@dataclass(frozen=True)
class Verdict:
    """The layer at which a host fails."""

    layer: str
    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.layer}: {self.what}\n    fix: {self.fix}"


def judge(host: Host, seen: Observation) -> Verdict | None:
    """Return the layer at which `host` fails to resolve; None if it resolves as it has to."""
    if host.addresses:
        return _judge_entries(host, seen)
    # First the servers: as long as CoreDNS has not read its new Corefile, the old one may still answer.
    if seen.servers and not any(answer.addresses for answer in seen.servers.values()):
        return _forwarder(host, seen.servers.items())
    if seen.resolved and not host.answers:
        return None
    failing = next((layer for layer, answer in seen.layers.items() if not _is_right(host, answer)), "")
    if failing:
        return _layer(host, failing, seen.layers[failing])
    if set(host.answers) & set(seen.resolved):
        return None
    return _in_the_pod(host.name)


def _is_right(host: Host, answer: Answer) -> bool:
    """Tell whether a layer answers as it has to; of IPv6 alone no layer is asked."""
    if not host.answers:
        return bool(answer.addresses)
    wanted = {address for address in host.answers if ":" not in address}
    return not wanted or bool(wanted & set(answer.addresses))


def judge_cluster(name: str, seen: Observation) -> Verdict | None:
    """Return the layer at which the cluster's own `name` fails to resolve; None if it resolves."""
    if seen.resolved:
        return None
    for layer, answer in seen.layers.items():
        if not answer.addresses:
            kind = layer.rpartition(" ")[0]
            fix = (
                "`pulumi up` with other protobox-cd:dns.zones, or `pulumi destroy`, takes our zone out; "
                f"the ConfigMap kube-system/{_config_map(kind)} shows whether somebody else has the name"
            )
            what = f"{layer} {_words(answer, name)}, so that pods find no Service of the cluster any more"
            return Verdict(kind, what, fix)
    return _in_the_pod(name)


def _in_the_pod(name: str) -> Verdict:
    return Verdict(
        "pod",
        f"every server answers for {name}, and yet the pod's own resolver finds nothing",
        "look at /etc/nsswitch.conf and /etc/resolv.conf in the pod",
    )


def judge_http(host: Host, done: Result) -> Verdict | None:
    """Return why Git cannot read the repository; None if it can, or would with credentials."""
    if not done.code or needs_credentials(done):
        return None
    output = (done.err or done.out).strip()
    lower = output.lower()
    if any(sign in lower for sign in _REDIRECTS):
        what = f"{host.repository} redirects, and Argo CD does not follow"
        fix = "write the URL to which it leads; GitLab wants `.git` at the end"
    elif "not found" in lower or "error: 404" in lower:
        what = f"{host.name} answers, but has no repository at {host.repository}"
        fix = (
            "compare protobox-cd:git.baseUrl (is the sub-path, such as /gitlab, in it?) and the group's name"
        )
    elif done.code == _TIMED_OUT or "timed out" in lower:
        what = f"{host.repository} does not answer"
        fix = "is the Git server running, and may the cluster's nodes reach its port?"
    else:
        what = (
            f"Git cannot read {host.repository}: {output.splitlines()[-1] if output else f'code {done.code}'}"
        )
        fix = f"try it in the pod: kubectl exec {POD} -- git ls-remote {host.repository}"
    return Verdict(HTTP, what, fix)


def needs_credentials(done: Result) -> bool:
    """Tell whether Git was refused for want of credentials, which Argo CD has in Secrets of its own."""
    output = (done.err + done.out).lower()
    return bool(done.code) and any(sign in output for sign in _NEEDS_CREDENTIALS)


def _judge_entries(host: Host, seen: Observation) -> Verdict | None:
    wanted = ", ".join(host.addresses)
    if not set(host.addresses) & set(seen.hosts_file):
        had = f", but {', '.join(seen.hosts_file)}" if seen.hosts_file else ""
        return Verdict(
            HOSTS_FILE,
            f"the pod's /etc/hosts has no entry {wanted} {host.name}{had}",
            f"the pod may be older than the entry: kubectl rollout status {POD}; else look at "
            "spec.template.spec.hostAliases of that Deployment",
        )
    if not set(host.addresses) & set(seen.resolved):
        return Verdict(
            HOSTS_FILE,
            f"the pod's /etc/hosts has {wanted} {host.name}, but its resolver does not read it",
            "look at /etc/nsswitch.conf in the pod: `hosts: files dns`",
        )
    return None


def _forwarder(host: Host, servers: Iterable[tuple[str, Answer]]) -> Verdict:
    output = "; ".join(f"{server} {_words(answer, host.name_at_server)}" for server, answer in servers)
    rcodes = {answer.rcode for _, answer in servers}
    if rcodes <= {NO_ANSWER, NOBODY_LISTENS}:
        fix = (
            "is the DNS server running, is its port the one in protobox-cd:dns.servers (Consul: 8600), does "
            "it listen on that address, and does a firewall let the cluster's nodes in, UDP and TCP?"
        )
    elif "REFUSED" in rcodes:
        fix = (
            "Consul answers for its own domain only: write protobox-cd:dns.rewrite "
            f"{{{host.name}: <service>.service.consul}}; dnsmasq: see its options local-service and auth-zone"
        )
    else:
        fix = f"make the name known there: for dnsmasq a line in its machine's hosts file, `<IP> {host.name}`"
    return Verdict(FORWARDER, output, fix)


def _layer(host: Host, layer: str, answer: Answer) -> Verdict:
    kind = layer.rpartition(" ")[0]
    config_map = _config_map(kind)
    zone = host.name.rpartition(".")[2]
    if answer.rcode in {NO_ANSWER, NOBODY_LISTENS}:
        label = "nodelocaldns" if kind == NODE_LOCAL else "kube-dns"  # CoreDNS bears its predecessor's label
        fix = f"look at its pods: kubectl --namespace kube-system get pods --selector k8s-app={label}"
    elif answer.rcode == "SERVFAIL":
        fix = "it has the zone, but cannot reach the server from there: a firewall between the nodes and it?"
    else:
        fix = (
            f"`pulumi preview --diff` shows whether the ConfigMap kube-system/{config_map} still has the "
            f"block for {zone}; if so, look for `Corefile parse failed` in CoreDNS's log"
        )
    what = f"{layer} {_words(answer, host.name)}"
    if answer.addresses:
        what = f"{layer} has {', '.join(answer.addresses)} for {host.name}"
    known = (
        f"the stack file has {', '.join(host.answers)}" if host.answers else "the server behind it knows it"
    )
    return Verdict(kind, f"{what}, though {known}", fix)


def _config_map(layer: str) -> str:
    return "nodelocaldns" if layer == NODE_LOCAL else "coredns"


def _words(answer: Answer, name: str) -> str:
    return {
        NO_ANSWER: "does not answer",
        NOBODY_LISTENS: "has nobody who listens on that port",
        "NXDOMAIN": f"says that {name} does not exist (NXDOMAIN)",
        "REFUSED": f"refuses to answer for {name} (REFUSED)",
        "NOERROR": f"has no IPv4 address for {name}",
    }.get(answer.rcode, f"says {answer.rcode}")
