"""What the engine knows about this run: the stack file's values and where they stand."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes

from components.access.app_projects import app_project_manifests
from components.access.component import AccessArgs
from components.access.secrets import foreign_credentials, secret_manifests
from components.adoption import Declared, adoption, adoption_problems, declared_objects
from components.argocd import kubernetes_version
from components.argocd.chart_secrets import secret_manifests as argocd_secrets
from components.argocd.release import HIDDEN
from components.argocd.workers import node_of, worker_problem
from components.checks import CHECKS, warnings
from components.cluster.api import PATIENCE, Reader
from components.cluster.backend import backend_url, same_for_all
from components.cluster.errors import ClusterError, MissingError
from components.cluster.existing_secret import ExistingSecretSettings, read_existing_secret
from components.cluster.helm_records import RELEASE
from components.cluster.identity import same_cluster, stack_identity
from components.cluster.live import Live, read_cluster
from components.cluster.objects import APPLICATION_SET, LiveObject, Mark
from components.cluster.offline import is_offline, refuse_changes
from components.cluster.ownership import RELEASE_NAME, Adoption, remembered, remembered_cluster
from components.cluster.releases import Unfinished, release_warning, unfinished
from components.discovered import discovered
from components.marks import Adopted
from components.offline_preview import told
from components.sdk import prepare, warn
from components.settings import Settings, load_settings
from components.stack_state import resources_before
from components.stackfile.places import StackFile, read_stack_file
from components.stackfile.printable import printable
from components.stackfile.problems import PROJECT, Problem, SettingsError
from components.takeover import taken_over
from components.unfinished import going_objects, leftovers, unsettled

_ACTIONABLE = 32
"""The exit code that tells the language host: the user has been told, add nothing."""


def read_stack() -> Settings:
    """Return the settings of the stack that the engine is running.

    The values come from the engine, which has decrypted secrets and applied `--config`; the stack file
    itself is read for line numbers only.

    Raises:
        SettingsError: the stack file has mistakes; all of them are in it.
        ClusterError: this is no preview, and the cluster must not be asked.
    """
    if not pulumi.runtime.is_dry_run():
        refuse_changes()
    prepare()
    config, file = pulumi.Config(PROJECT), stack_file()
    values: dict[str, Any] = {}
    for name in (field.alias or key for key, field in Settings.model_fields.items()):
        text = config.get(name)
        value = None if text is None else _parsed(text)
        if value is not None and (value != {} or name in file.sections()):  # {} is Pulumi.yaml's default
            values[name] = value
    settings = _with_discovered(values, file)
    warn(*warnings(settings))
    return settings


def _with_discovered(values: Mapping[str, Any], file: StackFile) -> Settings:
    """Return the settings, with the projects that GitLab names where the stack file wants them.

    Raises:
        SettingsError: the stack file has mistakes, or what was found cannot be declared.
        DiscoveryError: GitLab has not answered all.
    """
    settings = load_settings(values, file, CHECKS)
    if not settings.discover:
        return settings
    from components.projects.discovery import discover  # noqa: PLC0415 - python-gitlab takes 0.2 s to import

    answer = discover(settings.discover, settings.git)
    group, having = settings.discover.group, settings.discover.having or settings.git.path
    pulumi.log.info(f"{len(answer.found)} of {answer.asked} projects of the group {group} have {having}")
    found = discovered(settings, values, answer)
    if found.problems:
        raise SettingsError(found.problems, file.name)
    try:
        return load_settings(found.added_to(values), file, CHECKS)
    except SettingsError as error:
        files = len(settings.manifests)
        raise SettingsError(
            [found.located(problem, files) for problem in error.problems], file.name
        ) from None


def stack_file() -> StackFile:
    """Return this stack's file in the project's folder, for positions in messages."""
    return read_stack_file(Path(f"Pulumi.{pulumi.get_stack()}.yaml"))


def cluster_provider(context: str) -> pulumi_kubernetes.Provider:
    """Return the provider for the stack's kube-context, never for the current one.

    An empty kubeconfig keeps the SDK from copying `$KUBECONFIG` into the state; the plugin finds the
    file itself. The identifier stays the first one: another would replace the provider and with it every
    object of the stack, and contexts get renamed. `components.cluster.identity` tells
    which cluster it is.
    """
    return pulumi_kubernetes.Provider(
        "cluster",
        kubeconfig="",
        context=context,
        cluster_identifier=context,
        # Else a changed credential is a new Secret in place of the old, and no imported one could change.
        enable_secret_mutable=True,
        opts=pulumi.ResourceOptions(ignore_changes=["clusterIdentifier"]),
    )


def what_to_adopt(settings: Settings, allowed: AccessArgs) -> Adoption:
    """Return what to take over, and what to make anew, of what the cluster and Pulumi's state have.

    Raises:
        SettingsError: the context does not exist, the chart does not fit the cluster, or something is there
            that this stack must not overwrite.
        ClusterError: the API server does not answer, or forbids it; or a run that was killed has left what
            nobody can work on.
    """
    argocd = settings.argocd
    sets = [each.manifest for each in settings.application_sets]
    others = [*argocd_secrets(argocd), *allowed.secrets, *allowed.app_projects, *sets]
    declared, mark = declared_objects(settings, settings.applications, others), _mark(settings)
    resources = resources_before(len(declared))
    state = remembered(resources)
    if is_offline():
        _nothing_known(settings)
        return adoption(declared, argocd.namespace, None, state, mark)
    known = state.get(RELEASE_NAME)
    urn = known.urn if known and known.namespace == argocd.namespace else ""
    live, half = _settled(settings, declared, urn)
    if before := remembered_cluster(resources):  # what the state has is missed in that cluster only
        same_cluster(settings.cluster.context, before)
    adopted = adoption(declared, argocd.namespace, half.after(live) if half else live, state, mark)
    taken = taken_over(settings, declared, adopted, pulumi.Config(HIDDEN).get)
    problems = [
        kubernetes_version.problem(argocd.chart, live.version),
        worker_problem(argocd, [node_of(node) for node in live.nodes]),
        *adoption_problems(settings, declared, live, state, mark),
        *taken.problems,
    ]
    if wrong := [problem for problem in problems if problem]:
        raise SettingsError(wrong)
    if error := unsettled(settings, declared, live):
        raise error
    if half:
        description = half.description or adopted.description
        _take_up(half, settings, live.namespace, adopted)
        if not live.namespace and not pulumi.runtime.is_dry_run():  # now it is there
            live, _ = _settled(settings, declared, urn)
            adopted = adoption(declared, argocd.namespace, live, state, mark)
        adopted = replace(adopted, description=description)
    of_the_cluster = [
        release_warning(live.releases.get(RELEASE), argocd.namespace),
        leftovers(settings, declared, live, state, mark),
        taken.text,
    ]
    warn(*of_the_cluster)
    return adopted


def adopted_objects(settings: Settings, adopted: Adoption) -> list[pulumi.Resource]:
    """Declare what makes sure that the marks go with the stack, before all that it has taken over."""
    objects, mark = adopted.objects(settings.argocd.namespace), adopted.mark
    place = {"context": settings.cluster.context, "stack": mark.stack, "identity": mark.identity}
    return [Adopted("adopted", {**place, "objects": objects})] if objects else []


def _take_up(half: Unfinished, settings: Settings, namespace: LiveObject | None, adopted: Adoption) -> None:
    """Say what `up` does about a release that is unfinished; in an `up`, do it.

    Raises:
        ClusterError: it may be somebody else's who is at work on it, or the API server refuses.
    """
    context, mark = settings.cluster.context, adopted.mark
    if not (half.is_of_pulumi and (half.urn or (namespace and mark.is_on(namespace)))):
        raise half.error(context)
    warn(half.warning())
    if not pulumi.runtime.is_dry_run():  # this run has the stack's lock: no other works on it
        with Reader(context) as cluster:
            if not namespace:
                about = {"name": settings.argocd.namespace, "annotations": mark.annotations}
                cluster.ask(
                    "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": about}
                )
            half.take_up(cluster)


def _settled(settings: Settings, declared: Sequence[Declared], urn: str) -> tuple[Live, Unfinished | None]:
    """Return what the cluster has, once nothing of it is on its way out any more; after a while in any case.

    With it, what is unfinished of the release all the same.

    Whoever kills Pulumi leaves its plugin at work: a Helm that installs, a deletion that takes its time. An
    `up`, which goes on from there, waits until that Helm must have ended; a preview does not.
    """
    context, argocd = settings.cluster.context, settings.argocd
    sets = any(one.kind == APPLICATION_SET for one in declared)
    began, told_before = time.monotonic(), False
    while True:
        try:
            live = read_cluster(context, argocd.namespace, nodes=argocd.high_availability, sets=sets)
        except MissingError as error:
            raise _no_context(error) from None
        waiting = [f"the {one.kind} {one.name} is being deleted" for one in going_objects(declared, live)]
        half = unfinished(argocd.namespace, argocd.timeout_seconds, live.releases.get(RELEASE), urn)
        at_most = PATIENCE
        if half and (left := half.seconds_left(live.clock)):
            waiting.append(half.what)
            at_most = max(left, PATIENCE) if not pulumi.runtime.is_dry_run() else PATIENCE
        if not waiting or time.monotonic() > began + at_most:
            return live, half
        if not told_before:
            pulumi.log.info(f"waiting up to {at_most:.0f} s: {', '.join(waiting)}")
        told_before = True
        time.sleep(1)


def _no_context(error: MissingError) -> SettingsError:
    return SettingsError([Problem(("cluster", "context"), error.what, error.why, error.fix)])


def _mark(settings: Settings) -> Mark:
    """Return what this stack marks its objects with."""
    backend = same_for_all(backend_url(Path.cwd(), os.environ))
    stack = pulumi.get_stack()
    by_backend = stack_identity(backend, pulumi.get_organization(), pulumi.get_project(), stack)
    return Mark(stack, settings.cluster.stack_identity or by_backend)


def _nothing_known(settings: Settings) -> None:
    """Tell what a preview without the cluster does not know.

    Raises:
        SettingsError: there is no chart at the stack file's path.
    """
    if problem := kubernetes_version.problem(settings.argocd.chart, ""):  # fits any version that is not known
        raise SettingsError([problem])
    adopting = [one.name for one in settings.applications if one.options.adopt]
    warn(told(settings, adopting, foreign_credentials(settings.credentials)))


def access(settings: Settings) -> AccessArgs:
    """Return what the projects may use, with credentials from the stack file or from existing Secrets.

    An offline preview reads no Secret; the content of those that need one is then not compared.

    Raises:
        SettingsError: an existing Secret, or a key in it, is not there.
        ClusterError: the API server does not answer, or forbids it.
    """
    problems: list[Problem] = []

    def read(existing: ExistingSecretSettings, keys: Sequence[str]) -> Mapping[str, str]:
        try:
            reader = Reader(settings.cluster.context)
        except MissingError as error:
            raise _no_context(error) from None
        try:
            with reader:
                return read_existing_secret(reader, existing, keys, settings.argocd.namespace)
        except MissingError as error:
            entry = next(entry for entry, one in settings.credentials.existing().items() if one is existing)
            problems.append(Problem((*entry, "existingSecret"), error.what, error.why, error.fix))
            return {}

    app_projects = app_project_manifests(
        settings.app_projects, settings.applications, settings.git.hosts, settings.argocd.namespace
    )
    if is_offline():
        secrets = secret_manifests(settings.credentials, lambda _existing, _keys: {})
        return AccessArgs(secrets, app_projects, frozenset(foreign_credentials(settings.credentials)))
    secrets = secret_manifests(settings.credentials, read)
    if problems:
        raise SettingsError(problems)
    return AccessArgs(secrets, app_projects)


@contextmanager
def told_as_sentences() -> Iterator[None]:
    """End the program with a message, not with a traceback, when the stack file is to blame."""
    try:
        yield
    except SettingsError as error:
        file = stack_file()
        located = [file.located(problem) for problem in error.problems]
        pulumi.log.error(str(SettingsError(located, file.name)))
        sys.exit(_ACTIONABLE)
    except ClusterError as error:
        pulumi.log.error(printable(str(error)))
        sys.exit(_ACTIONABLE)


def _parsed(text: str) -> Any:
    """Return a section's value: the engine hands mappings over as JSON, everything else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
