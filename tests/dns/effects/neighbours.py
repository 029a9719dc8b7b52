"""What others have in a Corefile: each a line or more of a server block, or server blocks, for some zone.

`|` is a line break. Every function takes the zone that is about to be forwarded, since things that have
nothing to do with it show little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.dns.effects.network import FORWARDED, STUBS


@dataclass
class Written:
    """Parts of a Corefile that are still being put together."""

    domain: str = "cluster.local"
    """The cluster's domain."""
    has_services: bool = True
    """Whether the block for `.` answers the cluster's names itself."""
    lines: list[str] = field(default_factory=list)
    """Directives of the block for `.`."""
    blocks: list[tuple[str, list[str]]] = field(default_factory=list)
    """Keys and directives of further server blocks."""
    files: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


HOSTS = ("registry", "git", "gitlab", "www", "nexus", "deep.registry", "ci", "mirror")
STRANGE_ZONES = ("corp", "lab", "home.arpa", "corp.example.com", "intern.firm", "consul", "dnsmasq")
_ADDRESSES = ("10.20.30.40", "192.168.1.7", "192.168.1.9", "10.96.7.9", "172.16.5.5", "fd00::40")


def related(random: Random, zone: str) -> str:
    """Return a name in, below or above `zone`, or one that has nothing to do with it."""
    kind = random.random()
    if kind < 0.5:
        return f"{random.choice(HOSTS)}.{zone}"
    if kind < 0.6:
        return zone
    if kind < 0.7 and "." in zone:
        return f"{random.choice(HOSTS)}.{zone.partition('.')[2]}"
    return f"{random.choice(HOSTS)}.{random.choice(STRANGE_ZONES)}"


def zone_near(random: Random, zone: str) -> str:
    """Return a zone equal to, below or above `zone`, or a strange one."""
    kind = random.random()
    if kind < 0.25:
        return zone
    if kind < 0.5:
        return f"{random.choice(('lab', 'git', 'svc', 'registry'))}.{zone}"
    if kind < 0.6 and "." in zone:
        return zone.partition(".")[2]
    return random.choice(STRANGE_ZONES)


def hosts(random: Random, zone: str, written: Written) -> None:
    """Entries of the `hosts` plugin, inline or in a file."""
    entries = [
        " ".join(
            [random.choice(_ADDRESSES), *(_entry(random, zone) for _ in range(random.choice((1, 1, 2))))]
        )
        for _ in range(random.choice((1, 1, 2, 3)))
    ]
    fall = random.choice(("fallthrough", "fallthrough", "fallthrough", f"fallthrough {zone}", ""))
    zones = random.choice(("", "", "", f" {zone_near(random, zone)}"))
    tail = f"|{fall}" if fall else ""
    tail += random.choice(("", "", "", "|no_reverse", "|ttl 60"))
    if not fall and not zones:  # without it nobody else would be asked for anything
        zones = f" {zone_near(random, zone)}"
    kind = random.random()
    if kind < 0.25:
        written.files["/etc/coredns/NodeHosts"] = "\n".join(["# nodes", *entries, ""])
        written.lines.append(f"hosts /etc/coredns/NodeHosts{zones} {{|reload 15s{tail}|}}")
    elif zones:
        written.files["/etc/coredns/more.hosts"] = "# nothing yet\n"
        written.lines.append(f"hosts /etc/coredns/more.hosts{zones} {{|{'|'.join(entries)}{tail}|}}")
    else:
        if random.random() < 0.1:  # a whole entry may stand in quotes
            written.names += [name for entry in entries for name in entry.split()[1:]]
            entries = [f'"{entry}"' for entry in entries]
        written.lines.append(f"hosts {{|{'|'.join(entries)}{tail}|}}")


def _entry(random: Random, zone: str) -> str:
    name = related(random, zone)
    return random.choice((name, name, name, name, f"{name}.", name.upper()))


def rewrite(random: Random, zone: str, written: Written) -> None:
    """Rules of the `rewrite` plugin, most of them for names of the zone."""
    services = f"dev.svc.{written.domain}" if written.has_services else "example.com"
    service = random.choice((f"git.{services}", f"git.{services}", "www.example.com"))
    escaped_services = services.replace(".", "\\.")
    name = related(random, zone)
    escaped = zone.replace(".", "\\.")
    some = f"app{random.randrange(9)}.{zone}"
    and_back = f"answer name (.*)\\.{escaped_services} {{1}}.{zone}"
    label = zone.partition(".")[0]
    rules: Sequence[tuple[str, str]] = (
        (f"rewrite name {name} {service}", name),
        (f"rewrite name exact {name} {service}", name),
        (f"rewrite stop name exact {name} {service}", name),
        (f"rewrite continue {{|name exact {name} {service}|}}", name),
        (f"rewrite name suffix .{zone} .{services}", f"git.{zone}"),
        (f"rewrite name suffix .{zone} .{services} answer auto", f"git.{zone}"),
        (f"rewrite name prefix git. {random.choice(HOSTS[2:])}.", f"git.{zone}"),
        (f"rewrite name substring {zone} example.com", f"www.{zone}"),
        (f"rewrite name regex ^app[0-9]\\.{escaped}\\.$ {service}.", some),
        (f"rewrite name regex (.*)\\.{escaped} {{1}}.example.com", f"www.{zone}"),
        (f"rewrite stop {{|name regex (.*)\\.{escaped} {{1}}.{services}|{and_back}|}}", f"git.{zone}"),
        (f"rewrite name exact alias.corp {name}", "alias.corp"),
        (f"rewrite name suffix .old .{zone}", "git.old"),
        ("rewrite class CH IN", zone),
        ("rewrite type AAAA A", name),
        (f"rewrite stop {{|name exact {some} {service}|answer auto|}}", some),
        (f"rewrite stop {{|name suffix .{zone} .{services}|answer auto|}}", f"git.{zone}"),
        (f"rewrite name exact {name.upper()}. {service}.", name),
        (f"rewrite name regex (app[0-9])\\.({label}|other)\\..* {service}.", some),
        (f"rewrite name regex ^(git|registry)\\.{escaped}\\.?$ {service}.", f"git.{zone}"),
        (f"rewrite continue name suffix .{zone} .example.com", f"www.{zone}"),
        (f"rewrite cname exact git.{zone}. www.example.com.", f"git.{zone}"),
        (f"rewrite ttl suffix {zone} 30", f"git.{zone}"),
        (f"rewrite name regex ^[a-z]+\\.intern\\.$ {service}.", "abc.intern"),
    )
    rule, witness = random.choice(rules)
    written.lines.append(rule)
    written.names.append(witness)


def template(random: Random, zone: str, written: Written) -> None:
    """Answers of the `template` plugin."""
    near = zone_near(random, zone)
    fall = random.choice(("", "|fallthrough"))
    escaped = near.replace(".", "[.]")
    answer = 'answer "{{ .Name }} 60 IN A 10.1.0.1"'
    made = 'answer "{{ .Name }} 60 IN A 10.1.{{ .Group.a }}.{{ .Group.b }}"'
    led = f'answer "{{{{ .Name }}}} 60 IN CNAME {{{{ .Group.a }}}}.{zone}."'
    azure = "^(?:[^.]+\\.){4,}internal\\.cloudapp\\.net\\.$"
    lines = (
        f'template IN A {near} {{|match "^app[0-9]+[.]{escaped}[.]$"|{answer}|fallthrough|}}',
        f"template IN A {near} {{|{answer}{fall}|}}",
        f"template ANY ANY {near} {{|rcode NXDOMAIN{fall}|}}",
        f'template IN A {{|match "^(.*[.])?apps[.]{escaped}[.]$"|{answer}|fallthrough|}}',
        "template ANY AAAA {|rcode NOERROR|}",
        f'template IN A alias.test {{|answer "{{{{ .Name }}}} 60 IN CNAME git.{zone}."|}}',
        f"template IN A alias.test {{|match ^(?P<a>[a-z]+)[.]|{led}|}}",
        f"template IN A {near} {{|match ^ip-(?P<a>\\d*)-(?P<b>\\d*)[.]{escaped}[.]$|{made}|fallthrough|}}",
        "template ANY ANY reddog.microsoft.com {|rcode NXDOMAIN|}",
        f"template ANY ANY cloudapp.net {{|match {azure}|rcode NXDOMAIN|fallthrough|}}",
    )
    written.lines.append(random.choice(lines))
    written.names += [f"app1.{near}", f"x.apps.{near}", f"ip-2-3.{near}", "x.alias.test"]


def zone_file(random: Random, zone: str, written: Written) -> None:
    """A zone with a file, by `file` or `auto`, in the block for `.` or in a block of its own."""
    near = random.choice((zone_near(random, zone), random.choice(STRANGE_ZONES)))
    inside = random.choice((f"git.{zone}.", f"registry.{zone}.", "www.example.com."))
    path = f"/etc/coredns/zones/db.{near}"
    written.files[path] = (
        f"$ORIGIN {near}.\n@ 3600 IN SOA ns admin 1 7200 3600 1209600 60\n@ 3600 IN NS ns\n"
        f"ns IN A 10.3.0.1\nwww IN A 10.3.0.2\nwiki IN CNAME www\n"
        + random.choice(
            (
                *("", f"alias IN CNAME {inside}\n", "git IN A 10.3.0.3\n", "*.apps IN A 10.3.0.4\n"),
                f"*.apps 60 CNAME {inside}\n",
                f"$ORIGIN deep.{near}.\nalias CNAME {inside}\n",
                f"sub IN DNAME {inside}\n",
                f"$TTL 60\nalias ( IN\n  CNAME {inside} ) ; on two lines\nalias2 CNAME alias\n",
                f"ALIAS IN CNAME {inside.upper()}\n",
            )
        )
    )
    written.names += [f"www.{near}", f"alias.{near}", f"git.{near}", f"x.apps.{near}", f"wiki.{near}"]
    written.names += [f"alias.deep.{near}", f"x.sub.{near}", f"alias2.{near}"]
    plugin = random.choice(
        (f"file {path} {near}", f"auto {near} {{|directory /etc/coredns/zones db\\.(.*) {{1}}|}}")
    )
    if random.random() < 0.5:
        written.lines.append(plugin)
    else:
        written.blocks.append((near, ["errors", plugin, *_upstream(random)]))


def etcd(random: Random, zone: str, written: Written) -> None:
    """Records in a database."""
    near = zone_near(random, zone)
    fall = random.choice(("", "|fallthrough"))
    written.lines.append(f"etcd {near} {{|path /skydns|endpoint http://10.0.0.99:2379{fall}|}}")
    written.names.append(f"www.{near}")


def k8s_external(random: Random, zone: str, written: Written) -> None:
    """External addresses of Services."""
    near = zone_near(random, zone)
    written.lines.append(f"k8s_external {near}{random.choice(('', ' {|apex dns|}'))}")
    written.names.append(f"git.dev.{near}")


def partial_forward(random: Random, zone: str, written: Written) -> None:
    """A `forward` of a part of the names in the block for `.`."""
    near = zone_near(random, zone)
    servers = random.choice((*STUBS, FORWARDED[0]))
    written.lines.insert(0, f"forward {near} {' '.join(servers)}")
    written.names += [f"www.{near}", f"git.{near}"]


def stub(random: Random, zone: str, written: Written) -> None:
    """A server block for a zone of somebody else, above, below or beside ours."""
    near = zone_near(random, zone)
    servers = random.choice((*STUBS, *STUBS, *FORWARDED[:2]))
    lines = ["errors", "cache 30", f"forward . {' '.join(servers)}"]
    if random.random() < 0.2:
        lines.insert(1, f"hosts {{|10.20.30.41 {random.choice(HOSTS)}.{near}|fallthrough|}}")
    if random.random() < 0.15:
        lines[-1] += f" {{|except {random.choice(HOSTS)}.{near}|}}"
    if random.random() < 0.1:
        lines.insert(1, f"rewrite name exact git.{near} www.{near}")
    if random.random() < 0.1:
        lines.insert(1, f'template IN A git.{near} {{|answer "{{{{ .Name }}}} 60 IN A 10.1.0.7"|}}')
    if random.random() < 0.05:
        lines.insert(0, "view some {|expr incidr(client_ip(), '172.16.0.0/12')|}")
    keys = (near, near, near, f"{near} a.b", f"{near} other.test", f"*.{near}", f"{near}.")
    written.blocks.append((random.choice(keys), lines))


def by_hand(random: Random, zone: str, written: Written) -> None:
    """The zone itself, forwarded by somebody else already: alike or not."""
    servers = random.choice((*FORWARDED, *STUBS[:2]))
    lines = ["errors", "cache 30", f"forward . {' '.join(servers)}"]
    lines += random.choice(
        ([], [], ["log"], [f"hosts {{|10.9.9.9 git.{zone}|fallthrough|}}"], ["loadbalance", "reload"])
    )
    keys = (zone, zone, f"{zone.upper()}:53", f"dns://{zone}.", f"other.test {zone}")
    written.blocks.append((random.choice(keys), lines))


def reverse_zone(random: Random, zone: str, written: Written) -> None:
    """A block for addresses."""
    key = random.choice(("10.0.0.0/8", "1.168.192.in-addr.arpa", "192.168.0.0/16", "172.16.0.0/12"))
    written.blocks.append((key, ["errors", f"forward . {STUBS[1][0]}"]))


def policy(random: Random, zone: str, written: Written) -> None:
    """Who may ask what."""
    near = zone_near(random, zone)
    written.lines.append(
        random.choice(
            (
                f"acl {near} {{|block type A net 172.16.0.0/12|}}",
                "acl {|block net 172.16.0.0/12|}",
                f"acl {near} {{|filter type ANY|}}",
                f"acl example.com {near} {{|allow net 10.0.0.0/8|block|}}",
            )
        )
    )


def small(random: Random, zone: str, written: Written) -> None:
    """A plugin that changes how things are answered, or answers little."""
    line = random.choice(
        (
            "loadbalance round_robin",
            "minimal",
            "any",
            'chaos "Version 1" "A. Uthor"',
            "dns64",
            "dns64 64:ff9b::/96",
            "local",
            "bufsize 1232",
            "nsid here",
            "autopath @kubernetes",
            "autopath /etc/resolv.conf",
            f"cache 60 {zone_near(random, zone)}",
            "header {|response set aa|}",
            "whoami",
            f"erratic {zone_near(random, zone)} {{|drop 0|truncate 0|delay 0|}}",
            "loadbalance",
        )
    )
    # Most of them may stand only once in a block.
    if line.split()[0] not in {there.split()[0] for there in written.lines}:
        written.lines.append(line)
        written.names.append(f"localhost.{zone}")


NEIGHBOURS: Sequence[Callable[[Random, str, Written], None]] = (
    *(hosts, hosts, hosts, rewrite, rewrite, rewrite, template, template, zone_file, zone_file),
    *(partial_forward, stub, stub, stub, by_hand, etcd, k8s_external, reverse_zone, policy, small, small),
)


def _upstream(random: Random) -> list[str]:
    return random.choice(([], [], [f"forward . {STUBS[2][0]}"], ["cache 30"]))
