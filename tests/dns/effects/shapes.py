"""How distributions lay out their Corefiles, with the things of others already in them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from components.dns.corefile.imports import located
from components.dns.corefile.lexer import BYTE_ORDER_MARK
from tests.dns.effects.neighbours import Written
from tests.dns.effects.network import CLUSTER_DNS, PUBLIC

Block = tuple[str, Sequence[str]]
"""The keys of a server block and its directives, `|` for a line break."""


@dataclass(frozen=True)
class Frame:
    """A whole Corefile in parts."""

    blocks: Sequence[Block]
    imports: Sequence[str] = ()
    """What is imported at top level, below all blocks."""
    hidden: str = ""
    """A folder with imported files that only CoreDNS can read."""
    first: bool = False
    """Whether it is imported above all blocks."""
    cluster: Sequence[str] = ()
    """The cluster's own zones, where another Corefile serves them."""


DOMAINS = (
    *("cluster.local",) * 6,
    "k8s.protobox",
    "k8s.local",
    "kube.firm",
    "prod.internal",
    "k8s.corp.test",
)
_REVERSE = (*(" in-addr.arpa ip6.arpa",) * 6, " 10.96.0.0/12", "", " in-addr.arpa")
_NODE_CACHE = frozenset(
    [
        "bind",
        "cache",
        "debug",
        "errors",
        "forward",
        "hosts",
        "loadbalance",
        "loop",
        "reload",
        "rewrite",
        "template",
        "whoami",
        "bufsize",
        "dns64",
    ]
)
"""The plugins that Kubernetes's node-local cache has."""


def _kubernetes(random: Random, domains: str) -> str:
    if " " not in domains:
        domains += random.choice(_REVERSE)
    if random.random() < 0.1:
        domains = domains.replace("cluster.local", "cluster.local k8s.protobox", 1)
    pods = random.choice(("insecure", "insecure", "insecure", "verified", "disabled"))
    fall = random.choice(("fallthrough in-addr.arpa ip6.arpa",) * 4 + ("fallthrough", ""))
    options = [f"pods {pods}", *([fall] if fall else []), *random.choice(([], ["ttl 30"]))]
    return (
        f"kubernetes {domains} {{|{'|'.join(options)}|}}"
        if random.random() < 0.95
        else f"kubernetes {domains}"
    )


def _forward(random: Random) -> str:
    targets = random.choice(
        ("/etc/resolv.conf",) * 4 + ("8.8.8.8 8.8.4.4", PUBLIC[0], "dns://1.1.1.1", "9.9.9.9:53")
    )
    options = random.choice(
        (
            "",
            "",
            " {|max_concurrent 1000|}",
            " {|prefer_udp|}",
            " {|policy sequential|}",
            " {|except intern.test|}",
        )
    )
    return f"forward . {targets}{options}"


def _root(random: Random, written: Written, *more: str, domains: str = "") -> list[str]:
    """Return what nearly every block for `.` has."""
    lines = ["errors", random.choice(("health {|lameduck 5s|}", "health")), "ready"]
    lines += [_kubernetes(random, domains or written.domain), "prometheus :9153", _forward(random)]
    lines += [
        random.choice(("cache 30", "cache 30", "cache 30 {|denial 9984 30|}", "cache")),
        "loop",
        "reload",
    ]
    return [*lines, *more]


def _with(lines: Sequence[str], written: Written) -> list[str]:
    """Return the lines of a block with those of others; what may stand only once stands once."""
    once = {"cache", "loadbalance"}
    theirs = {line.split()[0] for line in written.lines} & once
    mine = [line for line in lines if line.split()[0] not in theirs]
    # Where there are several `forward`, the narrower ones are asked first.
    narrow = [line for line in written.lines if line.startswith("forward")]
    return [*narrow, *mine, *(line for line in written.lines if line not in narrow)]


def _blocks(written: Written, *lines: str, port: str = "") -> list[Block]:
    """Return the server blocks of others, on the port and the addresses that this Corefile uses."""
    return [
        (
            " ".join(key if ":" in key or not port else f"{key}:{port}" for key in keys.split()),
            [*lines, *theirs],
        )
        for keys, theirs in written.blocks
    ]


def plain(random: Random, zone: str, written: Written) -> Frame:
    """Lay out kubeadm, kind, minikube, Talos, MicroK8s, RKE, EKS, MetaKube: one block for everything."""
    key = random.choice((".:53", ".:53", ".:53", ".", "dns://.:53"))
    more = random.choice(([], ["loadbalance"], ["loadbalance"], ["log . {|class error|}", "loadbalance"]))
    return Frame([(key, _with(_root(random, written, *more), written)), *_blocks(written)])


def rke2(random: Random, zone: str, written: Written) -> Frame:
    """Lay out RKE2's chart, which names the cluster's domain twice."""
    domains = f"{written.domain}  {written.domain} in-addr.arpa ip6.arpa"
    return Frame(
        [(".:53", _with(_root(random, written, "loadbalance", domains=domains), written)), *_blocks(written)]
    )


def own_block(random: Random, zone: str, written: Written) -> Frame:
    """Give the cluster's zones a server block of their own, as CoreDNS's chart can."""
    domain = written.domain
    keys = f"{domain}{random.choice((' in-addr.arpa ip6.arpa', ''))}"
    cluster = ["errors", f"kubernetes {keys} {{|pods verified|}}", "cache 10"]
    if random.random() < 0.3:
        cluster[1] = "kubernetes {|pods insecure|}"
    lines = ["errors", "health :8080", _forward(random), "cache 300"]
    return Frame(
        [(keys, cluster), (random.choice((".", "dns://.:53")), _with(lines, written)), *_blocks(written)]
    )


def kubespray(random: Random, zone: str, written: Written) -> Frame:
    """Lay out Kubespray's CoreDNS, its external zones first."""
    blocks: list[Block] = [
        (key, [*lines, "loadbalance", "reload"])
        for key, lines in _blocks(written)
        if "loadbalance" not in lines
    ]
    blocks += [block for block in _blocks(written) if "loadbalance" in block[1]]
    return Frame([*blocks, (".:53", _with(_root(random, written, "loadbalance"), written))])


def node_local(random: Random, zone: str, written: Written) -> Frame:
    """Lay out Kubespray's node-local cache, the first or the second."""
    binds = random.choice(("169.254.25.10", "169.254.25.10", "169.254.20.10 10.96.0.10"))
    common = (
        "errors",
        "cache 30",
        "reload",
        "loop",
        f"bind {binds}",
        f"prometheus :{random.choice((9253, 9255))}",
    )
    cluster = f"forward . {random.choice(CLUSTER_DNS)} {{|force_tcp|}}"
    domain = written.domain
    zones = [
        domain,
        *random.choice((["in-addr.arpa", "ip6.arpa"], ["in-addr.arpa", "ip6.arpa"], ["in-addr.arpa"], [])),
    ]
    blocks: list[Block] = [(f"{name}:53", [*common, cluster]) for name in zones]
    written.lines = [line for line in written.lines if line.split()[0] in _NODE_CACHE]
    root = _with([*common, _forward(random)], written)
    others: list[Block] = [
        (key, [line for line in lines if line.split()[0] in _NODE_CACHE])
        for key, lines in _blocks(written, f"bind {binds}")
    ]
    return Frame([*others, *blocks, (".:53", root)], cluster=(domain, "in-addr.arpa", "ip6.arpa"))


def importing(random: Random, zone: str, written: Written) -> Frame:
    """Lay out AKS, Gardener, DigitalOcean, Scaleway, k3s: files of the user's are imported."""
    folder = random.choice(("custom", "custom", "/etc/coredns/custom"))
    port = random.choice(("53", "53", "8053"))
    root = _root(random, written, "loadbalance", f"import {folder}/*.override")
    lines = list(written.lines)
    if lines and random.random() < 0.5:
        moved = [line for line in lines if not line.startswith("forward")]
        written.files[f"{folder}/user.override"] = "".join(_plain_text(line) for line in moved)
        written.lines = [line for line in lines if line not in moved]
        root = [
            line
            for line in root
            if line.split()[0] not in {found.split()[0] for found in moved} & {"cache", "loadbalance"}
        ]
    suffix = random.choice(("server", "server", "server", "include"))
    blocks = _blocks(written, port=port)
    there = [block for block in blocks if random.random() < 0.7]
    for number, (keys, theirs) in enumerate(there):
        body = "".join(f"    {_plain_text(line)}" for line in theirs)
        mark = BYTE_ORDER_MARK if random.random() < 0.1 else ""
        written.files[f"{folder}/user{number}.{suffix}"] = f"{mark}{keys} {{\n{body}}}\n"
    rest = [block for block in blocks if block not in there]
    return Frame([(f".:{port}", _with(root, written)), *rest], [f"{folder}/*.{suffix}"])


def files_elsewhere(random: Random, zone: str, written: Written) -> Frame:
    """Import further files at top level: one by its name, or all of a folder, with blocks or snippets."""
    folder, suffix = random.choice(
        (("conf.d", "conf"), ("/etc/coredns/zones.d", "zone"), ("extra", "corefile"))
    )
    blocks = _blocks(written)
    by_name = random.random() < 0.5
    text = "".join(f"{keys} {{\n{''.join(map(_plain_text, theirs))}}}\n" for keys, theirs in blocks)
    lines = _with(_root(random, written, "loadbalance"), written)
    if random.random() < 0.3:
        text = f"(theirs) {{\n{''.join(map(_plain_text, written.lines))}bufsize 1232\n}}\n{text}"
        lines = [*(line for line in lines if line not in written.lines), "import theirs"]
    path = f"{folder}/more.{suffix}"
    written.files[path] = text
    imports = [path if by_name else f"{folder}/*.{suffix}"]
    hidden = posixpath.dirname(located(path)) if random.random() < 0.15 else ""
    return Frame([(".:53", lines)], imports, hidden=hidden, first=random.random() < 0.7)


def open_shift(random: Random, zone: str, written: Written) -> Frame:
    """Lay out OpenShift: every block on port 5353."""
    lines = _with(_root(random, written), written)
    chaos: Block = ("hostname.bind:5353", ["chaos"])
    return Frame([*_blocks(written, port="5353"), (".:5353", lines), chaos])


def several_addresses(random: Random, zone: str, written: Written) -> Frame:
    """Listen on several addresses or interfaces, with one block for `.` or with one for each."""
    binds = random.choice(
        (
            "bind 10.0.0.53 10.0.0.54",
            "bind lo",
            "bind eth0",
            "bind eth0 lo {|except 172.18.0.5|}",
            "bind lo {|except ::1 fd00::53 127.0.0.1|}",
            "bind 10.0.0.53|bind 10.0.0.54",
            "bind fd00::53",
            "bind FD00:0::53",
            "bind 10.0.0.53 127.0.0.1 ::1",
        )
    )
    lines = [line for line in _root(random, written) if not line.startswith("loop")]
    if random.random() < 0.5:
        first, second = random.sample(("10.0.0.53", "10.0.0.54", "169.254.25.10", "10.0.2.15"), 2)
        roots: list[Block] = [
            (".:53", _with([f"bind {first}", *lines], written)),
            (
                random.choice((".:53", ".", ".:53", ".:5353")),
                [f"bind {second}", "errors", _forward(random), "cache 30"],
            ),
        ]
        return Frame(
            [*roots, *_blocks(written, f"bind {random.choice((first, second, f'{first} {second}'))}")]
        )
    inline = binds.split("|bind")
    parts = [inline[0], *(f"bind{rest}" for rest in inline[1:])]
    return Frame([(".:53", _with([*parts, *lines], written)), *_blocks(written, *parts)])


def several_ports(random: Random, zone: str, written: Written) -> Frame:
    """Listen on two ports for `.`, in one block or in two."""
    if random.random() < 0.5:
        return Frame([(".:53 .:5353", _with(_root(random, written), written)), *_blocks(written)])
    second: Block = (random.choice((".:1053", ".:5353")), ["errors", _forward(random)])
    return Frame([(".:53", _with(_root(random, written), written)), second, *_blocks(written)])


def snippets(random: Random, zone: str, written: Written) -> Frame:
    """Share lines between blocks by snippets."""
    listen = random.choice(("bind 10.0.0.53", "bind 10.0.0.53 10.0.0.54", "loadbalance"))
    root = _with(
        [line for line in _root(random, written) if not line.startswith(("errors", "cache", "reload"))],
        written,
    )
    root = [line for line in root if line != "loadbalance"]
    parts: list[Block] = [("(common)", ["errors", "cache 30", "reload"]), ("(listen)", [listen])]
    if random.random() < 0.3:
        forward = next((line for line in root if line.startswith("forward .")), "")
        parts.append(("(up)", [forward] if forward else ["bufsize 1232"]))
        root = [*(line for line in root if line != forward), "import up"]
    others = [
        (
            key,
            [
                "import common",
                "import listen",
                *(x for x in lines if x.split()[0] not in {"errors", "cache", "reload", "loadbalance"}),
            ],
        )
        for key, lines in _blocks(written)
    ]
    root = [line for line in root if not line.startswith("cache ")]
    return Frame([*parts, (".:53", ["import common", "import listen", *root]), *others])


def views(random: Random, zone: str, written: Written) -> Frame:
    """Answer some clients otherwise than the rest."""
    view = "view lan {|expr incidr(client_ip(), '10.244.0.0/16')|}"
    lines = _with(_root(random, written), written)
    rest: Block = (".:53", ["errors", _forward(random)])
    return Frame([(".:53", [view, *lines]), rest, *_blocks(written)])


def environment(random: Random, zone: str, written: Written) -> Frame:
    """Leave words to the environment of the pod."""
    lines = _root(random, written)
    kind = random.choice(("bind", "forward", "zone", "kubernetes"))
    if kind == "bind":
        return Frame(
            [
                (".:53", _with(["bind {$MY_HOST_IP}", *lines], written)),
                *_blocks(written, "bind {$MY_HOST_IP}"),
            ]
        )
    if kind == "forward":
        lines = [line for line in lines if not line.startswith("forward")] + ["forward . {%UPSTREAM%}"]
        return Frame([(".:53", _with(lines, written)), *_blocks(written)])
    if kind == "kubernetes":
        lines = [line for line in lines if not line.startswith("kubernetes")] + [
            "kubernetes {$CLUSTER_DOMAIN}"
        ]
        return Frame([(".:53", _with(lines, written)), *_blocks(written)])
    own: Block = ("{$CLUSTER_DOMAIN}:53", ["errors", "kubernetes {$CLUSTER_DOMAIN}"])
    lines = [line for line in lines if not line.startswith("kubernetes")]
    return Frame([own, (".:53", _with(lines, written)), *_blocks(written)])


def _plain_text(line: str) -> str:
    return line.replace("|", "\n        ") + "\n"


SHAPES: dict[str, Callable[[Random, str, Written], Frame]] = {
    "kubeadm": plain,
    "kind": plain,
    "microk8s": plain,
    "metakube": plain,
    "minikube": plain,
    "rke2": rke2,
    "own block for the cluster": own_block,
    "own block (chart)": own_block,
    "kubespray": kubespray,
    "kubespray-external": kubespray,
    "nodelocaldns": node_local,
    "nodelocaldns-second": node_local,
    "node-local-dns": node_local,
    "aks": importing,
    "gardener": importing,
    "k3s": importing,
    "openshift": open_shift,
    "files elsewhere": files_elsewhere,
    "several addresses": several_addresses,
    "two blocks for .": several_addresses,
    "several ports": several_ports,
    "snippets": snippets,
    "views": views,
    "environment": environment,
}
