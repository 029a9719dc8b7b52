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

from components.access.app_projects import app_project_manifests
from components.access.component import AccessArgs
from components.access.secrets import foreign_credentials, secret_manifests
from components.checks import CHECKS, warnings
from components.cluster.api import Reader
from components.cluster.errors import ClusterError, MissingError
from components.cluster.existing_secret import ExistingSecretSettings, read_existing_secret
from components.cluster.offline import is_offline, refuse_changes
from components.discovered import discovered
from components.existing import no_context
from components.sdk import prepare, warn
from components.settings import Settings, load_settings
from components.stackfile.places import StackFile, read_stack_file
from components.stackfile.printable import printable
from components.stackfile.problems import PROJECT, Problem, SettingsError

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
            raise no_context(error) from None
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
