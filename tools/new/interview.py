"""Asks on the terminal for what a new stack file has to say."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic_core import PydanticCustomError

from components.argocd.chart import DEFAULT_VERSION
from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import contexts
from components.projects.git import GitSettings, require_group
from components.stackfile.addresses import is_ip
from components.stackfile.base import mistake, reasons
from components.stackfile.host_names import require_server, require_zone
from components.stackfile.problems import tell
from components.stackfile.urls import repository_host, require_folder, require_repository_url
from tools.new.answers import (
    STRATEGIES,
    Answers,
    name_of,
    name_or_nothing,
    needs,
    require_address,
    require_local_folder,
    require_projects,
    require_something,
    require_version,
    yes_or_no,
    zone_for,
    zone_of,
)
from tools.new.found import (
    Found,
    addresses_in,
    described,
    find,
    manifests_in,
    named_in,
    names_of,
    patterns_of,
    projects_of,
)

Rule = Callable[[str], str]
_NOT_UTF_8 = mistake("that is not UTF-8", "the stack file is", "set LANG=C.UTF-8, and the terminal to UTF-8")


class NoAnswerError(Exception):
    """An answer is needed, and nobody is there to give it; the message names the option."""


class Interview:
    """Asks on the terminal what no option of the command line has answered."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    def answers(self) -> Answers:
        """Return all answers; a wrong one is explained and asked again.

        Raises:
            NoAnswerError: one is missing, or wrong, and must not be asked for.
        """
        context = self._choice("context", "The kube-context of the cluster", _known_contexts())
        found = Found() if self._options.adopt is False else find(context)
        if told := described(found):
            print(told)
        base_url = self._one(
            "base-url",
            "The Git server's address, with its sub-path",
            "http://git.protobox/gitlab",
            require_repository_url,
        )
        group = self._one("group", "The group of the projects in Git, if there is one", "", require_group)
        manifests, projects = self._projects(found)
        host, addresses = repository_host(base_url), addresses_in(manifests, found.hosts)
        hosts = self._hosts(addresses, host)
        name = name_of(base_url, hosts)
        strategy = self._strategy(host, name)
        zones, servers, address = self._dns(strategy, name, addresses)
        folder = "The folder of the manifests in each repository"
        revision = self._one("revision", "The branch that Argo CD follows", "CD", require_something)
        path = self._one("path", folder, "factory/CD/base", require_folder)
        adopt, chart = self._argocd(found)
        found = found if adopt else Found()
        git = GitSettings(baseUrl=base_url, group=group, revision=revision, path=path, hosts=hosts)
        known = {*names_of(manifests), *(f"argo-{project}" for project in projects)}
        without_file = {name: live for name, live in found.applications.items() if name not in known}
        app_projects, clusters = named_in(manifests, without_file.values())
        return Answers(
            context,
            base_url,
            group,
            revision,
            path,
            hosts,
            strategy,
            zones,
            servers,
            address,
            projects,
            patterns_of(manifests),
            adopt,
            found.namespace,
            chart,
            found.values,
            found.secrets,
            projects_of(without_file, git),
            app_projects,
            clusters,
        )

    def _hosts(self, addresses: Sequence[str], host: str) -> dict[str, str]:
        """Return address → name, for those that have one; the others stay addresses.

        The Git server is the address that most repositories have. What another one is called nobody knows.
        """
        hosts: dict[str, str] = {}
        for number, address in enumerate(addresses):
            is_git = number == 0 and not is_ip(host)
            what = f"The name of {address}, which manifests use" + (
                "" if is_git else "; nothing leaves it so"
            )
            option = "name" if number == 0 else "other-name"
            if name := self._one(option, what, host if is_git else "", name_or_nothing):
                hosts[address] = name
        return hosts

    def _argocd(self, found: Found) -> tuple[bool, str]:
        """Return whether Argo CD is taken over, and the version of its chart if it is not the default."""
        if self._options.adopt is None:
            what = "Is an Argo CD in the cluster already, as the Helm release argocd? yes or no"
            adopt = self._one("adopt", what, "yes" if found.is_there else "no", yes_or_no) == "yes"
        else:
            adopt = self._options.adopt
        what = "The version of Argo CD's chart" + (
            f", as `helm list --namespace {found.namespace}` has it" if adopt else ""
        )
        installed = found.release.version if found.release else DEFAULT_VERSION
        version = self._one("chart-version", what, installed, require_version)
        return adopt, version if adopt or version != DEFAULT_VERSION else ""

    def _strategy(self, host: str, name: str) -> str:
        """Return how `name` is made to resolve; nothing is to be asked where everything goes by address."""
        if name:
            return self._choice("strategy", "How that name is made to resolve for Argo CD", STRATEGIES)
        what = f"{host} is an address, so that there is no name to resolve and the strategy is none"
        why = (
            "that works; but GitLab's webhooks call the repositories by GitLab's own name, and Argo CD, "
            "which compares, notices a push only when it looks by itself, every three minutes"
        )
        fix = "if the Git server has a name, begin again with it: --base-url http://git.protobox/gitlab"
        if self._options.strategy not in {None, "none"}:
            raise NoAnswerError(f"--strategy\n{tell(what, why, fix)}")
        print(tell(what, why, fix))
        return "none"

    def _projects(self, there: Found) -> tuple[list[Path], list[str]]:
        """Return the projects' own files, or the projects' names if there is nothing to go by."""
        projects = [_ruled(project, require_projects, "project") for project in self._options.project]
        if projects and self._options.scan is None:
            return [], projects
        folder = self._one(
            "scan", "The folder in which the projects are checked out", "..", require_local_folder
        )
        found = manifests_in(Path(folder))
        for path in found:
            print(f"  found {path}")
        if not found and not projects and not there.applications:
            print(f"  no factory/CD/argo/application.yml is in {folder}")
            what = "The projects' names in Git, with blanks between"
            projects = self._one("projects", what, "docserver", require_projects).split()
        return found, projects

    def _dns(self, strategy: str, name: str, addresses: Sequence[str]) -> tuple[list[str], list[str], str]:
        """Return zones, servers and the Git server's address, as far as the strategy needs them."""
        known = addresses[0] if addresses else "192.168.1.7"
        if needs(strategy, "zones"):
            zones = [_ruled(zone, require_zone, "zone") for zone in self._options.zone]
            servers = [_ruled(server, require_server, "server") for server in self._options.server]
            if zones and not any(f".{name}".endswith(f".{zone}") for zone in zones):
                _ruled(zones[0], lambda zone: zone_for(name, zone), "zone")
            zones = zones or [self._one("zone", "The zone", zone_of(name), lambda zone: zone_for(name, zone))]
            what = "The address of the DNS server"
            return zones, servers or [self._one("server", what, known, require_server)], ""
        if needs(strategy, "hosts"):
            what = f"The address of {name}; a dot takes it from /etc/hosts of this machine"
            found = self._one("address", what, known, require_address)
            return [], [], "" if found == "." else found
        return [], [], ""

    def _choice(self, option: str, what: str, known: Mapping[str, str]) -> str:
        """Return one of `known` (value → what it means), by its number or its name."""
        names = list(known)

        def one_of(answer: str) -> str:
            if answer.isdecimal() and 0 < int(answer) <= len(names):
                return names[int(answer) - 1]
            if names and answer not in known:
                raise mistake(
                    f"{answer!r} is not one of them", "nothing would work with it", f"write 1 to {len(names)}"
                )
            return answer

        if getattr(self._options, option) is None and not self._options.yes:
            for number, (name, meaning) in enumerate(known.items(), start=1):
                print(f"  {number}  {name}" + (f": {meaning}" if meaning else ""))
        return self._one(option, what, names[0] if names else "kubernetes-admin@cluster.local", one_of)

    def _one(self, option: str, what: str, default: str, rule: Rule = str) -> str:
        """Return the answer to one question: the option's, or the person's, or the default."""
        given = getattr(self._options, option.replace("-", "_"), None)
        if isinstance(given, str):
            return _ruled(given, rule, option)
        if self._options.yes:
            return _ruled(default, rule, option)
        while True:
            try:
                answer = input(f"{what} [{default}]: " if default else f"{what}: ").strip() or default
                return rule(_readable(answer))
            except UnicodeDecodeError:
                raise NoAnswerError(f"--{option}\n{tell(*reasons(_NOT_UTF_8))}") from None
            except PydanticCustomError as error:
                print(tell(*reasons(error)))


def _readable(answer: str) -> str:
    """Return `answer`, if it was UTF-8; of other bytes Python makes signs that no file can have."""
    if any("\ud800" <= sign <= "\udfff" for sign in answer):
        raise _NOT_UTF_8
    return answer


def _ruled(answer: str, rule: Rule, option: str) -> str:
    try:
        return rule(_readable(answer))
    except PydanticCustomError as error:
        raise NoAnswerError(f"--{option}\n{tell(*reasons(error))}") from None


def _known_contexts() -> dict[str, str]:
    """Return the kube-contexts of this machine; none if there is no readable kubeconfig."""
    try:
        return dict.fromkeys(contexts(), "")
    except ClusterError:
        return {}
