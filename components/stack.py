"""What the engine knows about this run: the stack file's values and where they stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes

from components.adoption import Adoption, adoption, adoption_problems
from components.argocd import kubernetes_version
from components.argocd.workers import node_of, worker_problem
from components.cluster import ClusterError, MissingError, Reader
from components.existing_secrets import read_existing_secret
from components.live import look
from components.offline import is_offline, refuse_changes, told
from components.projects.access import AccessArgs
from components.projects.access_checks import access_problems, access_warnings
from components.projects.app_projects import app_project_manifests
from components.projects.checks import application_problems, application_warnings
from components.projects.declared import DeclaredApplication, declared_applications
from components.projects.secrets import foreign_credentials, secret_manifests
from components.settings import (
    Problem,
    Settings,
    SettingsError,
    StackFile,
    load_settings,
    read_stack_file,
)
from components.settings.base import PROJECT
from components.settings.existing_secret import ExistingSecretSettings

_ACTIONABLE = 32
"""The exit code that tells the language host: the user has been told, add nothing."""


def read_stack() -> tuple[Settings, list[DeclaredApplication]]:
    """Return the settings and the Applications of the stack that the engine is running.

    The values come from the engine, which has decrypted secrets and applied `--config`; the stack file
    itself is read for line numbers only.

    Raises:
        SettingsError: the stack file has mistakes; all of them are in it.
        ClusterError: this is no preview, and the cluster must not be asked.
    """
    if not pulumi.runtime.is_dry_run():
        refuse_changes()
    config, file = pulumi.Config(PROJECT), stack_file()
    values: dict[str, Any] = {}
    for name in (field.alias or key for key, field in Settings.model_fields.items()):
        text = config.get(name)
        value = None if text is None else _parsed(text)
        if value is not None and (value != {} or name in file.sections()):  # {} is Pulumi.yaml's default
            values[name] = value
    settings = load_settings(values, file, [application_problems, access_problems])
    applications = declared_applications(settings)
    for warning in (*application_warnings(settings, applications), *access_warnings(settings, applications)):
        pulumi.log.warn(warning)
    return settings, applications


def stack_file() -> StackFile:
    """Return this stack's file in the project's folder, for positions in messages."""
    return read_stack_file(Path(f"Pulumi.{pulumi.get_stack()}.yaml"))


def cluster_provider(context: str) -> pulumi_kubernetes.Provider:
    """Return the provider for the stack's kube-context, never for the current one.

    An empty kubeconfig keeps the SDK from copying `$KUBECONFIG` into the state; the plugin finds the
    file itself. The identifier stays the first one: another would replace the provider and with it every
    object of the stack, and contexts get renamed. Which cluster it is, `components.identity` makes sure.
    """
    return pulumi_kubernetes.Provider(
        "cluster",
        kubeconfig="",
        context=context,
        cluster_identifier=context,
        opts=pulumi.ResourceOptions(ignore_changes=["clusterIdentifier"]),
    )


def what_to_adopt(settings: Settings, applications: Sequence[DeclaredApplication]) -> Adoption:
    """Return what to take over of what the cluster has; this is the first time that it is asked.

    Raises:
        SettingsError: the context does not exist, the chart does not fit the cluster, or something is there
            that this stack must not overwrite.
        ClusterError: the API server does not answer, or forbids it.
    """
    context, argocd = settings.cluster.context, settings.argocd
    if is_offline():
        return _nothing_known(settings, applications)
    try:
        live = look(context, argocd.namespace, nodes=argocd.high_availability)
    except MissingError as error:
        raise SettingsError([Problem(("cluster", "context"), error.what, error.why, error.fix)]) from None
    found = [
        kubernetes_version.problem(argocd.chart, live.version),
        worker_problem(argocd, [node_of(node) for node in live.nodes]),
        *adoption_problems(settings, applications, live, pulumi.get_stack()),
    ]
    if problems := [problem for problem in found if problem]:
        raise SettingsError(problems)
    if warning := kubernetes_version.warning(argocd.chart, live.version):
        pulumi.log.warn(warning)
    return adoption(settings, applications, live, pulumi.get_stack())


def _nothing_known(settings: Settings, applications: Sequence[DeclaredApplication]) -> Adoption:
    """Return that nothing is taken over, and tell what a preview without the cluster does not know.

    Raises:
        SettingsError: there is no chart at the stack file's path.
    """
    if problem := kubernetes_version.problem(settings.argocd.chart, ""):  # fits any version that is not known
        raise SettingsError([problem])
    adopting = [one.name for one in applications if one.options.adopt]
    pulumi.log.warn(told(settings, adopting, foreign_credentials(settings)))
    return Adoption()


def access(settings: Settings, applications: Sequence[DeclaredApplication]) -> AccessArgs:
    """Return what the projects may use, with credentials from the stack file or from existing Secrets.

    An offline preview reads no Secret; the content of those that need one is then not compared.

    Raises:
        SettingsError: an existing Secret, or a key in it, is not there.
        ClusterError: the API server does not answer, or forbids it.
    """
    problems: list[Problem] = []

    def read(existing: ExistingSecretSettings, keys: Sequence[str]) -> Mapping[str, str]:
        try:
            with Reader(settings.cluster.context) as reader:
                return read_existing_secret(reader, existing, keys, settings.argocd.namespace)
        except MissingError as error:
            entry = next(entry for entry, one in settings.existing_secrets.items() if one is existing)
            problems.append(Problem((*entry, "existingSecret"), error.what, error.why, error.fix))
            return {}

    app_projects = app_project_manifests(settings, applications)
    if is_offline():
        secrets = secret_manifests(settings, lambda _existing, _keys: {})
        return AccessArgs(secrets, app_projects, frozenset(foreign_credentials(settings)))
    secrets = secret_manifests(settings, read)
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
        pulumi.log.error(str(error))
        sys.exit(_ACTIONABLE)


def _parsed(text: str) -> Any:
    """Return a section's value: the engine hands mappings over as JSON, everything else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
