"""The rights that preflight lists are those that a run needs, no less and no more, says the audit log."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from components.dns.proof.pod import Kubectl
from components.settings import Settings
from lab.engine import Engine, stack_environment
from lab.errors import LabError
from lab.lab import Lab
from lab.programs import missing
from tests.conftest import NOT_BUILT
from tests.engine.projects.others import CHART, Others
from tests.engine.site import Site
from tools.check import check
from tools.rights import Right, manifest, rights_needed, told

pytestmark = pytest.mark.engine

REAL_CHART = """\
# The kinds that argo-helm's chart has beside those of its stand-in.
apiVersion: v1
kind: ServiceAccount
metadata: {name: argocd-server}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: argocd-server}
rules: [{apiGroups: [""], resources: [events], verbs: [create, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: argocd-server}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: argocd-server}
subjects: [{kind: ServiceAccount, name: argocd-server}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: argocd-server}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: argocd-server}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: argocd-server}
subjects: [{kind: ServiceAccount, name: argocd-server, namespace: argocd}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: argocd-redis, labels: {edited: {{ .Values.global.domain | quote }}}}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
UNSEEN = {"escalate", "bind"}
"""Verbs that the API server looks up by itself, when somebody hands out rights: no request has them."""
IN_ANOTHER_LIFE = {
    "delete namespaces",  # where a stack makes its namespace, which these rights bring along
    "get, patch configmaps node-local-dns in kube-system",  # the name elsewhere of what is nodelocaldns here
    "get configmaps node-local-dns in kube-system",
    # Where a pod mounts what the Corefile imports, as on AKS and K3s; no pod of the lab does.
    "get, patch configmaps coredns-custom in kube-system",
    "get configmaps coredns-custom in kube-system",
    # What an older kubectl begins with; since 1.35 the API server looks it up besides, without a request.
    "create pods/exec in argocd",
    "patch, list jobs.batch in argocd",  # Helm lists before it watches where the API server is older
    # The chart of the lab has no Ingress, and changes these only from one version to another.
    "get, create, patch, delete ingresses.networking.k8s.io in argocd",
    "patch services in argocd",
    "patch serviceaccounts in argocd",
    "patch roles.rbac.authorization.k8s.io in argocd",
    "patch rolebindings.rbac.authorization.k8s.io in argocd",
    "create, patch clusterroles.rbac.authorization.k8s.io",
    "create, patch clusterrolebindings.rbac.authorization.k8s.io",
    "create, patch customresourcedefinitions.apiextensions.k8s.io",
}
"""What this one does not need."""
DONE_WITHOUT = {"events"}
"""What the Kubernetes plugin would like to see while it waits, and does without."""
OF_EVERYBODY = {"authorization.k8s.io", "authentication.k8s.io"}
PROJECTS: dict[str, Any] = {"docserver": {"appProject": "team"}}
DNSMASQ = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"], "verify": False}
HOST_ALIASES = {
    "strategy": "hostAliases",
    "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}},
    "verify": False,
}


class As:
    """The lab as a service account sees it."""

    def __init__(self, lab: Lab, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._lab = lab

    def environment(self) -> dict[str, str]:
        return {**self._lab.environment(), "KUBECONFIG": str(self.kubeconfig)}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lab, name)


class Book:
    """Runs the engine as service accounts, and reads what the API server has noted of them."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        (folder / "site").mkdir()
        self.site = Site(lab, folder / "site")
        self.site.keep_key_in_vault()
        self.others = Others(self.site)
        chart = folder / "argo-cd"
        shutil.copytree(CHART, chart)
        (chart / "templates" / "of-the-real-one.yaml").write_text(REAL_CHART, encoding="utf-8")
        self.argocd: dict[str, Any] = {"chart": {"path": str(chart)}, "timeoutSeconds": 60}
        self.failures: list[str] = []
        self.proof: tuple[str, list[str]] = ("", [])

    @property
    def settings(self) -> Settings:
        found = check(self.folder / "site" / "Pulumi.local.yaml")
        assert found.settings, found.problems
        return found.settings

    def grant(self, purpose: str) -> Engine:
        """Give a service account exactly the rights of `purpose`; returns the engine as it."""
        given = yaml.safe_dump_all(manifest(self.settings, purpose))
        self.others.kubectl("apply", "--filename", "-", given=given)
        user = f"protobox-{purpose}"
        token = self.others.kubectl("create", "token", user, "--namespace", "argocd").strip()
        config = yaml.safe_load(self.lab.kubeconfig.read_text(encoding="utf-8"))
        config["users"][0]["user"] = {"token": token}
        kubeconfig = self.folder / f"{user}-kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
        return Engine(cast("Lab", As(self.lab, kubeconfig)), self.folder / "site")

    def prove(self, purpose: str) -> None:
        """Take the proof's way into the pod that dials Git."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in stack_environment(self.lab).items():
                patch.setenv(name, value)
            patch.setenv("KUBECONFIG", str(self.folder / f"protobox-{purpose}-kubeconfig"))
            kubectl = Kubectl(self.settings.cluster.context, "argocd")
            self.proof = (kubectl.exec("echo", "hello").out.strip(), kubectl.dns_services())

    def run(self, engine: Engine, *arguments: str) -> None:
        """Run the engine; a failure is kept for a test, so that the log still tells all rights that lack."""
        try:
            engine.run(*arguments)
        except LabError as error:
            self.failures.append(str(error))

    def used(self, purpose: str) -> set[Right]:
        """Return the rights that the service account has used."""
        return {right for right, allowed in self._asked(purpose) if allowed}

    def refused(self, purpose: str) -> set[Right]:
        """Return the rights that it lacked; the dry runs of a preview are tried and done without."""
        return {right for right, allowed in self._asked(purpose) if not allowed}

    def _asked(self, purpose: str) -> Iterator[tuple[Right, bool]]:
        user = f"system:serviceaccount:argocd:protobox-{purpose}"
        log = self.lab.directory / "kubernetes" / "audit.log"
        for line in log.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            place = event.get("objectRef")
            if event["user"]["username"] != user or not place or place.get("apiGroup") in OF_EVERYBODY:
                continue
            allowed = event["responseStatus"]["code"] != 403
            if not allowed and place["resource"] in DONE_WITHOUT:
                continue
            if not allowed and "dryRun=All" in event["requestURI"] and purpose == "preview":
                continue
            resource = "/".join(filter(None, [place["resource"], place.get("subresource")]))
            namespace = "" if resource == "namespaces" else place.get("namespace", "")
            yield (
                Right(event["verb"], place.get("apiGroup", ""), resource, namespace, place.get("name", "")),
                allowed,
            )


def covers(listed: Right, used: Right) -> bool:
    """Tell whether a right that is listed gives what was used."""
    same = (listed.verb, listed.group, listed.resource, listed.namespace)
    return same == (used.verb, used.group, used.resource, used.namespace) and listed.name in {"", used.name}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, venv: Path) -> Iterator[Book]:
    if missing():
        pytest.skip(NOT_BUILT)
    folder, in_pods = tmp_path_factory.mktemp("audited"), tmp_path_factory.mktemp("in-pods")
    lab = Lab(folder, audited=True, in_pods=in_pods, venv=venv)
    lab.start()
    try:
        book = Book(lab, tmp_path_factory.mktemp("rights"))
        book.site.engine.prepare()
        yield life_of_a_stack(book)
    finally:
        lab.stop()


def life_of_a_stack(book: Book) -> Book:
    """Take a stack through its life as service accounts.

    It is adopted and given back, made, edited, switched to another strategy and back, looked at, destroyed.
    The proof's way is taken besides.
    """
    site, others = book.site, book.others
    others.kubectl("create", "namespace", "vault")
    others.kubectl("create", "secret", "generic", "login", "-n", "vault", "--from-literal=password=x")
    existing = {"name": "login", "namespace": "vault"}
    template = {"url": "http://git.protobox/gitlab/", "username": "deploy", "existingSecret": existing}
    site.edit("credentialTemplates", {"gitlab": template})
    site.edit("appProjects", {"team": {}})
    site.edit("dns", DNSMASQ)
    site.edit("argocd", {**book.argocd, "adopt": True})
    site.edit("defaults", {"adopt": True})
    chart = book.argocd["chart"]["path"]
    others.helm("install", "argocd", chart, "--namespace", "argocd", "--create-namespace", "--wait")
    others.apply_application("argo-docserver", "docserver", "git.protobox")
    site.edit("projects", {"docserver": {}})
    up = book.grant("up")
    book.run(up, "up", "--yes", "--suppress-outputs")
    book.run(up, "destroy", "--yes", "--skip-preview")

    others.kubectl("delete", "namespace", "argocd", "--ignore-not-found")
    site.edit("projects", PROJECTS)
    site.edit("defaults", None)
    up = book.grant("up")  # once more, since it has gone with the namespace
    book.run(up, "up", "--yes", "--suppress-outputs")
    site.edit("projects", {**PROJECTS, "billing": {}})
    ingress = {"domain": "argocd.protobox", "ingress": {"className": "nginx"}}
    site.edit("argocd", {**book.argocd, "adopt": True, **ingress})
    site.edit("dns", HOST_ALIASES)
    book.run(up, "up", "--yes", "--suppress-outputs")
    site.edit("dns", DNSMASQ)
    site.edit("projects", PROJECTS)
    book.run(up, "up", "--yes", "--suppress-outputs")
    preview = book.grant("preview")
    book.run(preview, "preview")
    book.run(preview, "preview", "--refresh", "--expect-no-changes")
    site.edit("projects", {**PROJECTS, "billing": {}})
    book.run(preview, "preview")
    site.edit("dns", {**DNSMASQ, "verify": True})
    up = book.grant("up")
    book.prove("up")
    book.run(up, "destroy", "--yes", "--skip-preview")
    return book


def test_every_run_has_worked_with_these_rights(book: Book) -> None:
    assert book.failures == []


def test_the_proof_has_found_its_way_into_the_pod_that_dials_git(book: Book) -> None:
    said, services = book.proof
    assert said == "hello"
    assert services


@pytest.mark.parametrize("purpose", ["up", "preview"])
def test_no_right_is_used_that_is_not_listed(book: Book, purpose: str) -> None:
    listed = rights_needed(book.settings, purpose)
    used = sorted(book.used(purpose) | book.refused(purpose), key=str)
    assert told(one for one in used if not any(covers(right, one) for right in listed)) == []


@pytest.mark.parametrize("purpose", ["up", "preview"])
def test_no_right_is_listed_that_is_not_used(book: Book, purpose: str) -> None:
    used = book.used(purpose)
    # An object is made by applying it: a patch, for which the API server wants the right to create, too.
    used |= {replace(one, verb="create") for one in used if one.verb == "patch"}
    listed = [right for right in rights_needed(book.settings, purpose) if right.verb not in UNSEEN]
    idle = told(right for right in listed if not any(covers(right, one) for one in used))
    assert set(idle) <= IN_ANOTHER_LIFE
