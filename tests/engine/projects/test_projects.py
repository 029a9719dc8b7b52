"""Many projects, renamed projects, projects that take their workload along, and secrets nobody can read."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.resources.apps_v1 import StatefulSet
from lightkube.resources.core_v1 import Secret
from lightkube.types import PatchType

from lab.local_stack import Application
from lab.processes import wait_until
from tests.engine.site import CHART, Site
from tests.serving import again_and_again

pytestmark = pytest.mark.engine

TOKEN = "glpat-seen-by-nobody"  # noqa: S105 - a value to search for
CONTROLLER = "argocd-application-controller"


def argo_cd_has_looked(site: Site, name: str) -> None:
    """Play Argo CD's controller: it has compared an Application a moment ago."""
    now = {"status": {"reconciledAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}}
    with site.lab.client() as client:
        client.patch(Application, name, now, namespace="argocd", patch_type=PatchType.MERGE)


@contextmanager
def argo_cd_at_work(site: Site, name: str) -> Iterator[list[list[str]]]:
    """Play Argo CD's controller for one Application: see which finalizers it goes with, and take them off."""
    seen: list[list[str]] = []
    over = threading.Event()
    argo_cd_has_looked(site, name)

    def work() -> None:
        with site.lab.client() as client:
            while not over.is_set():
                try:
                    metadata = client.get(Application, name, namespace="argocd").metadata
                    if metadata and metadata.deletionTimestamp:
                        seen.append(list(metadata.finalizers or []))
                        site.take_finalizers_off(name)
                        return
                except ApiError as error:
                    if error.status.code != HTTPStatus.NOT_FOUND:
                        raise
                    return
                time.sleep(0.2)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def controller_runs_in(site: Site) -> bool:
    with site.lab.client() as client:
        status = client.get(StatefulSet, CONTROLLER, namespace="argocd").status
    return bool(status and status.readyReplicas)


def secret(site: Site, name: str) -> dict[str, str]:
    """Return what is in a Secret of Argo CD's namespace, in clear."""
    with site.lab.client() as client:
        data = client.get(Secret, name, namespace="argocd").data or {}
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_fifty_projects_are_fifty_applications_and_a_renamed_one_is_one_less_and_one_more(site: Site) -> None:
    projects: dict[str, Any] = {f"p{number}": {} for number in range(50)}
    site.edit("projects", projects)
    site.up()
    assert len(site.applications()) == 50
    assert site.preview() == {}
    del projects["p7"]
    site.edit("projects", {**projects, "seven": {}})
    assert site.preview() == {"create": 1, "delete": 1}
    site.up()
    assert "argo-seven" in site.applications()
    assert "argo-p7" not in site.applications()


def test_a_project_with_a_cascade_goes_by_way_of_argo_cd(site: Site) -> None:
    site.edit("projects", {"docserver": {"cascade": "background"}, "other": {}})
    site.up()
    site.edit("projects", {"other": {}})
    with argo_cd_at_work(site, "argo-docserver") as seen:
        site.up()
    assert "resources-finalizer.argocd.argoproj.io/background" in seen[0]
    assert list(site.applications()) == ["argo-other"]


def test_without_argo_cd_neither_up_nor_destroy_begins_a_deletion_that_would_hang(site: Site) -> None:
    site.edit("projects", {"docserver": {"cascade": "foreground"}})
    site.up()
    with site.lab.client() as client:
        client.patch(StatefulSet, CONTROLLER, {"spec": {"replicas": 0}}, namespace="argocd")
    assert wait_until(lambda: not controller_runs_in(site), seconds=120, pause=0.2)
    site.edit("projects", {})
    refused = [site.engine.run("preview", fails=True)]
    refused.append(site.engine.run("destroy", "--yes", "--skip-preview", fails=True))
    for printed in refused:
        assert f"scale statefulset {CONTROLLER} --replicas 1" in printed
        assert '{"metadata":{"finalizers":null}}' in printed
        assert "Traceback" not in printed
    assert list(site.applications()) == ["argo-docserver"]
    site.take_finalizers_off("argo-docserver")
    site.up()
    assert site.applications() == {}


def test_a_controller_whose_pods_run_but_which_does_nothing_is_found_out(site: Site) -> None:
    site.edit("projects", {"docserver": {"cascade": "foreground"}})
    site.up()
    assert controller_runs_in(site)
    refused = [site.engine.run("destroy", "--yes", "--skip-preview", fails=True)]
    site.edit("projects", {})
    refused.append(site.engine.run("preview", fails=True))
    for printed in refused:
        told = " ".join(printed.split())
        assert "has never looked at any Application, although its pods run" in told
        assert "argocd.argoproj.io/refresh=normal" in told
    assert list(site.applications()) == ["argo-docserver"]
    site.take_finalizers_off("argo-docserver")
    site.up()


def test_a_deletion_that_takes_its_time_is_told_with_the_way_out(site: Site) -> None:
    site.edit("projects", {"docserver": {"cascade": "foreground"}})
    site.up()
    argo_cd_has_looked(site, "argo-docserver")
    site.edit("projects", {})
    later = threading.Timer(50, site.take_finalizers_off, ("argo-docserver",))
    later.start()
    printed = " ".join(site.up().split())
    later.join()
    assert "the Application argo-docserver has been waiting for" in printed
    assert (
        """patch application argo-docserver --type merge -p '{"metadata":{"finalizers":null}}'""" in printed
    )


@contextmanager
def arguments_of_all_processes() -> Iterator[set[str]]:
    """Collect the command lines of this machine's processes, which every user of it can read."""
    seen: set[str] = set()

    def look() -> None:
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it has ended
                seen.add(file.read_text(encoding="utf-8", errors="replace"))

    with again_and_again(look, 0.05):
        yield seen


def test_no_secret_is_in_the_state_nor_in_anything_that_is_printed(site: Site) -> None:
    set_secret = ("config", "set", "--secret", "--path")
    site.edit("credentialTemplates", {"gitlab": {"url": "http://git.protobox/gitlab/", "username": "deploy"}})
    site.edit("argocd", {**CHART, "domain": "argocd.protobox"})
    printed = [
        site.engine.run(*set_secret, "protobox-cd:credentialTemplates.gitlab.password", TOKEN),
        site.engine.run(*set_secret, "protobox-cd:argocd.webhook.gitlabSecret", TOKEN),
        site.engine.run(*set_secret, "protobox-cd:argocd.admin.password", TOKEN),
    ]
    with arguments_of_all_processes() as arguments:
        printed += [site.engine.run("preview", "--diff"), site.up()]
    printed += [
        site.engine.run("preview", "--diff", "--json"),
        site.engine.run("stack", "export"),
        site.engine.run("stack", "output", "--json"),
    ]
    assert all(TOKEN not in text for text in (*printed, *arguments))
    assert any("pulumi-resource-kubernetes" in text for text in arguments)
    assert TOKEN in secret(site, "argocd-repo-creds-gitlab")["password"]
    assert TOKEN in secret(site, "argocd-protobox-cd")["webhook.gitlab.secret"]
    assert site.preview() == {}


def test_a_secret_in_clear_text_is_refused_with_the_command_that_encrypts_it(site: Site) -> None:
    template = {"url": "http://git.protobox/gitlab/", "username": "deploy", "password": TOKEN}
    site.edit("credentialTemplates", {"gitlab": template})
    printed = site.engine.run("preview", fails=True)
    assert "this secret stands in clear text" in printed
    told = " ".join(printed.split())
    command = (
        "pulumi config set --secret --stack local --path 'protobox-cd:credentialTemplates.gitlab.password'"
    )
    assert command in told
    assert TOKEN not in printed
