"""What a new stack file is made from, the rules for single answers, and the file itself, as text.

The rules are those of the stack file, and what only a new one asks for. Nothing is asked or written here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from components.argocd.chart import DEFAULT_VERSION, VERSION
from components.dns.hosts.section import require_host_ip
from components.dns.section import STRATEGIES as OFFERED
from components.stackfile.addresses import is_ip
from components.stackfile.base import mistake
from components.stackfile.host_names import is_host_name, require_host_name, require_zone
from components.stackfile.object_names import suggested_name
from components.stackfile.problems import PROJECT
from components.stackfile.stack_yaml import traps
from components.stackfile.urls import repository_host

_USUAL = "dnsmasq"
STRATEGIES: Mapping[str, str] = {
    name: OFFERED[name].in_wizard for name in sorted(OFFERED, key=lambda name: name != _USUAL)
}
"""Strategy → what it does, in one line; the usual one first."""

_LONGEST_PROJECT = 63 - len("argo-")
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


def require_local_folder(name: str) -> str:
    """Return `name`, if there is such a folder."""
    if not os.path.isdir(name):  # noqa: PTH112 - Path.is_dir raises for a name that cannot be one
        raise mistake(f"there is no folder {name!r}", "nothing can be looked for in it", "name another one")
    return name


def require_address(address: str) -> str:
    """Return `address`, if it is the IP of a machine that a pod can reach; a dot is this machine's file."""
    return address if address == "." else require_host_ip(address)


def name_or_nothing(answer: str) -> str:
    """Return `answer`, if it is a host name or nothing."""
    return require_host_name(answer) if answer else ""


def yes_or_no(answer: str) -> str:
    """Return "yes" or "no"."""
    lower = answer.lower()
    if lower not in {"y", "yes", "n", "no"}:
        raise mistake(
            f"{answer!r} is neither yes nor no", "nobody could tell what is meant", "write yes or no"
        )
    return "yes" if lower.startswith("y") else "no"


def require_something(answer: str) -> str:
    """Return `answer`, if it is not empty."""
    if not answer:
        raise mistake("nothing is said", "Argo CD needs it", "write for example CD")
    return answer


def require_version(version: str) -> str:
    """Return `version`, if it is that of one chart."""
    if not re.fullmatch(VERSION, version):
        raise mistake(
            f"{version!r} is no exact version of a chart",
            "a preview must not change by itself",
            f"write for example {DEFAULT_VERSION}",
        )
    return version


def require_projects(names: str) -> str:
    """Return the names of projects, if each can be part of the name of an Application."""
    for name in names.split() or [""]:
        if not is_host_name(f"argo-{name}") or len(name) > _LONGEST_PROJECT:
            raise mistake(
                f"{name!r} cannot be part of an Application's name, argo-{name}",
                "Kubernetes takes lower-case letters, digits, '-' and '.', at most 63 characters",
                f"write {suggested_name(name) or 'docserver'}; a project of another name in Git can be added "
                "to the file later, with application: below it",
            )
    return names


def zone_for(name: str, zone: str) -> str:
    """Return `zone`, if `name` is in it."""
    normal = require_zone(zone)
    if not f".{name}".endswith(f".{normal}"):
        raise mistake(
            f"{name} is not in the zone {normal}",
            "nobody would make it resolve for Argo CD",
            f"write {zone_of(name)}",
        )
    return normal


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
