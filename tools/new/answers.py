"""What a new stack file is made from, and the file itself, as text. Pure: nothing is asked or written."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from components.access.app_projects import DEFAULT
from components.argocd.values import value_at
from components.dns.section import STRATEGIES as OFFERED
from components.projects.git import REPLACED
from components.projects.manifest_files import documents
from components.projects.section import IN_CLUSTER_NAME
from components.stackfile.addresses import is_ip
from components.stackfile.kubectl_yaml import UnreadableError
from components.stackfile.problems import PROJECT
from components.stackfile.stack_yaml import traps
from components.stackfile.urls import repository_host

_USUAL = "dnsmasq"
STRATEGIES: Mapping[str, str] = {
    name: OFFERED[name].in_wizard for name in sorted(OFFERED, key=lambda name: name != _USUAL)
}
"""Strategy → what it does, in one line; the usual one first."""

_MANIFEST = "factory/CD/argo/application.yml"
_DEPTH = 4
_ODD = "\n{}[],#"
"""What may not stand in a plain value everywhere."""


@dataclass(frozen=True)
class Answers:
    """All that a new stack file says."""

    context: str
    base_url: str
    group: str = ""
    revision: str = "CD"
    path: str = "factory/CD/base"
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Address in a manifest → the name that it should have."""
    strategy: str = _USUAL
    zones: Sequence[str] = ()
    servers: Sequence[str] = ()
    address: str = ""
    """The Git server's address, for hosts and hostAliases; "" to read this machine's /etc/hosts."""
    projects: Sequence[str] = ()
    manifests: Sequence[str] = ()
    adopt: bool = False
    """Whether Argo CD, and perhaps the Applications, are in the cluster already."""
    namespace: str = "argocd"
    """Where it is."""
    chart: str = ""
    """The version of Argo CD's chart; "" for the default."""
    values: str = ""
    """Lines of YAML: the values of the release that is there, without the secret ones."""
    secrets: Sequence[str] = ()
    """The paths of those."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """Project → its entry, for the Applications that are there and have no file."""
    app_projects: Sequence[str] = ()
    """AppProjects that the manifests name, and somebody else declares."""
    clusters: Sequence[str] = ()
    """Clusters that the manifests name, and somebody else registers."""

    @property
    def name(self) -> str:
        """The Git server's name, which has to resolve; "" if everybody calls it by its address."""
        return name_of(self.base_url, self.hosts)


def needs(strategy: str, key: str) -> bool:
    """Tell whether `key` of the `dns` section is one of this strategy."""
    return key in OFFERED[strategy].model_fields


def name_of(base_url: str, hosts: Mapping[str, str]) -> str:
    """Return the Git server's name, "" if there is none; `hosts` is as in the answers."""
    host = repository_host(base_url)
    return next(iter(hosts.values()), "") if is_ip(host) else host


def zone_of(host: str) -> str:
    """Return the zone to forward for `host`: what stands behind its first dot, or all of it without one."""
    return host.partition(".")[2] or host


def patterns_of(manifests: Sequence[Path]) -> list[str]:
    """Return how the stack file names `manifests`: by one glob that means them all, or each by its own.

    Either way no other file is meant.
    """
    each = [glob.escape(manifest.as_posix()) for manifest in manifests]
    parts = [manifest.as_posix().split("/") for manifest in manifests]
    if len(manifests) > 1 and len({len(part) for part in parts}) == 1:
        columns = [set(column) for column in zip(*parts, strict=True)]
        common = "/".join("*" if len(names) > 1 else glob.escape(*names) for names in columns)
        found = glob.glob(common)  # noqa: PTH207 - as the program reads the pattern
        if sorted(map(Path, found)) == sorted(manifests):
            return [common]
    return each


def manifests_in(folder: Path) -> list[Path]:
    """Return the projects' own Application files in `folder`, at most four folders down."""
    found: list[Path] = []
    for depth in range(_DEPTH + 1):
        with suppress(OSError):  # of what is no usual folder, such as /proc, or has just been deleted
            found += folder.glob("/".join([*["*"] * depth, _MANIFEST]))
    return sorted(found)


def addresses_in(manifests: Iterable[Path], live: Iterable[str] = ()) -> list[str]:
    """Return the IP addresses by which the manifests name repositories, the most frequent first.

    What cannot be read has none. `live` are further hosts.
    """
    hosts = [repository_host(url) for content in _contents(manifests) for url in _urls(content)]
    hosts += live
    replaceable = (host for host in hosts if is_ip(host) and REPLACED.fits(host))
    return [host for host, _ in Counter(replaceable).most_common()]


def names_of(manifests: Iterable[Path]) -> set[object]:
    """Return the names of the Applications in the manifests."""
    return {value_at(content, "metadata", "name") for content in _contents(manifests)}


def named_in(manifests: Iterable[Path], live: Iterable[object] = ()) -> tuple[list[str], list[str]]:
    """Return the AppProjects and the clusters that the manifests name, apart from Argo CD's own.

    `live` are further Applications.
    """
    contents = [*_contents(manifests), *live]
    specs = [content.get("spec") for content in contents if isinstance(content, dict)]
    given = [spec for spec in specs if isinstance(spec, dict)]
    projects = [spec.get("project") for spec in given]
    clusters = [value_at(spec, "destination", "name") for spec in given]
    return _names(projects, DEFAULT), _names(clusters, IN_CLUSTER_NAME)


def _names(values: Iterable[object], without: str) -> list[str]:
    names = [value for value in values if isinstance(value, str) and value not in {"", without}]
    return list(dict.fromkeys(names))


def _contents(manifests: Iterable[Path]) -> Iterable[object]:
    for manifest in manifests:
        try:
            yield from (content for _, content in documents(str(manifest)))
        except (OSError, ValueError, UnreadableError):
            continue


def _urls(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        if isinstance(node.get("repoURL"), str):
            yield node["repoURL"]
        for value in node.values():
            yield from _urls(value)
    if isinstance(node, list):
        for value in node:
            yield from _urls(value)


def stack_file(answers: Answers) -> str:
    """Return the stack file, with a comment where a reader would ask why."""
    return "\n".join([*_head(answers), *_dns(answers), *_applications(answers), ""])


def _head(answers: Answers) -> list[str]:
    lines = [
        "# yaml-language-server: $schema=schema/stack.schema.json",
        "# Every key that may stand here is described in docs/stack-file.md; `make check` tells mistakes.",
        "config:",
        f"  {PROJECT}:cluster:",
        f"    context: {_scalar(answers.context)}    # never the current context by accident",
        "",
        *_argocd(answers),
        f"  {PROJECT}:git:",
        f"    baseUrl: {_scalar(answers.base_url)}    # {_of_base_url(answers)}",
        *([f"    group: {_scalar(answers.group)}"] if answers.group else []),
        f"    revision: {_scalar(answers.revision)}    # the branch that Argo CD follows",
        f"    path: {_scalar(answers.path)}    # the manifests in each repository",
    ]
    if answers.hosts:
        lines += ["    hosts:    # addresses in the manifests below, and the names that take their place"]
        lines += [f"      {address}: {_scalar(name)}" for address, name in answers.hosts.items()]
    return [*lines, ""]


def _of_base_url(answers: Answers) -> str:
    by_name = not is_ip(repository_host(answers.base_url))
    return "by name, with its sub-path" if by_name else "an address: write the name, as soon as there is one"


def _argocd(answers: Answers) -> list[str]:
    lines = []
    if answers.adopt:
        lines += ["    adopt: true    # the release argocd that is there is taken over, nothing is deleted"]
    if answers.adopt and answers.namespace != "argocd":
        lines += [f"    namespace: {_scalar(answers.namespace)}"]
    if answers.chart:
        lines += [
            "    chart:",
            f"      version: {_scalar(answers.chart)}    # pinned: a preview changes nothing",
        ]
    if answers.values:
        lines += ["    values:    # those of the release that is there", answers.values]
    if answers.secrets:
        lines += [
            "    # secret values of the release are not written here; the preview names a key for each:"
        ]
        lines += [f"    #   {path}" for path in answers.secrets]
    return [f"  {PROJECT}:argocd:", *lines, ""] if lines else []


def _dns(answers: Answers) -> list[str]:
    lines = [
        f"  {PROJECT}:dns:",
        f"    strategy: {answers.strategy}    # {STRATEGIES[answers.strategy]}",
    ]
    if needs(answers.strategy, "zones"):
        zones, servers = map(_list, (answers.zones, answers.servers))
        lines += [f"    zones: {zones}    # {answers.name} is in it", f"    servers: {servers}"]
    elif needs(answers.strategy, "hosts") and answers.address:
        lines += ["    hosts:", f"      entries: {{{_scalar(answers.address)}: {_list([answers.name])}}}"]
    elif needs(answers.strategy, "hosts"):
        lines += ["    hosts:", "      file: /etc/hosts    # of the machine that runs Pulumi"]
    if needs(answers.strategy, "nodelocaldns"):
        lines += ["    nodelocaldns: auto    # edited too, where there is a node-local cache"]
    return [*lines, ""]


def _applications(answers: Answers) -> list[str]:
    lines = []
    if answers.adopt:
        lines += [
            f"  {PROJECT}:defaults:",
            "    adopt: true    # Applications that are there are taken over",
            "",
        ]
    for section, names, does in (
        ("appProjects", answers.app_projects, "declares"),
        ("clusters", answers.clusters, "registers"),
    ):
        if names:
            lines += [f"  {PROJECT}:{section}:    # somebody else {does} them"]
            lines += [f"    {_scalar(name)}: {{declare: false}}" for name in names] + [""]
    if answers.manifests:
        lines += [f"  {PROJECT}:manifests:    # the projects' own files, declared as they are"]
        lines += [f"    - {_scalar(pattern)}" for pattern in answers.manifests]
    if answers.projects or answers.found or not lines:
        lines += [f"  {PROJECT}:projects:    # each becomes the Application argo-<project>"]
        lines += [f"    {_scalar(name)}: {{}}" for name in answers.projects]
        lines += _entries(answers.found)
        lines += [] if answers.projects or answers.found else ["    {}"]
    return lines


def _entries(found: Mapping[str, Any]) -> list[str]:
    """Return the entries of the Applications that are there, each as short as it may be."""
    text: str = yaml.safe_dump(dict(found), sort_keys=False, width=10_000, allow_unicode=True)
    return [f"    {line}" for line in text.splitlines()] if found else []


def _list(values: Sequence[str]) -> str:
    readable = all(value.isprintable() for value in values)  # anything else is written as an escape
    text: str = yaml.safe_dump(list(values), default_flow_style=True, width=10_000, allow_unicode=readable)
    return text.rstrip("\n")


def _scalar(value: str) -> str:
    """Return `value` so that YAML reads it as this text."""
    return _list([value])[1:-1] if set(value) & set(_ODD) or not value.isprintable() else _in_block(value)


def _in_block(value: str) -> str:
    text: str = yaml.safe_dump(value, width=10_000, allow_unicode=True)
    plain = text.removesuffix("...\n").rstrip("\n")
    root = yaml.compose(plain)
    return f'"{plain}"' if root and any(traps(root)) else plain
