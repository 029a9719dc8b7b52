"""What the engine knows about this run: the stack file's values and where they stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes

from components.cluster import ClusterError, require_cluster
from components.settings import (
    ClusterSettings,
    Problem,
    Settings,
    SettingsError,
    StackFile,
    load_settings,
    read_stack_file,
)
from components.settings.base import PROJECT

_ACTIONABLE = 32
"""The exit code that tells the language host: the user has been told, add nothing."""


def read_settings() -> Settings:
    """Return the settings of the stack that the engine is running.

    The values come from the engine, which has decrypted secrets and applied `--config`; the stack file
    itself is read for line numbers only.

    Raises:
        SettingsError: the stack file has mistakes; all of them are in it.
    """
    config, file = pulumi.Config(PROJECT), stack_file()
    values: dict[str, Any] = {}
    for name in (field.alias or key for key, field in Settings.model_fields.items()):
        text = config.get(name)
        value = None if text is None else _parsed(text)
        if value is not None and (value != {} or name in file.sections()):  # {} is Pulumi.yaml's default
            values[name] = value
    return load_settings(values, file)


def stack_file() -> StackFile:
    """Return this stack's file in the project's folder, for positions in messages."""
    return read_stack_file(Path(f"Pulumi.{pulumi.get_stack()}.yaml"))


def cluster_provider(settings: ClusterSettings) -> pulumi_kubernetes.Provider:
    """Return the provider for the stack's kube-context, never for the current one.

    An empty kubeconfig keeps the SDK from copying `$KUBECONFIG` into the state; the plugin finds the
    file itself. The fixed identifier keeps everything in place when the API server's address changes.

    Raises:
        SettingsError: the context does not exist, or its API server does not answer.
    """
    context = settings.context
    try:
        require_cluster(context)
    except ClusterError as error:
        raise SettingsError([Problem(("cluster", "context"), error.what, error.why, error.fix)]) from None
    return pulumi_kubernetes.Provider("cluster", kubeconfig="", context=context, cluster_identifier=context)


@contextmanager
def told_as_sentences() -> Iterator[None]:
    """End the program with a message, not with a traceback, when the stack file is to blame."""
    try:
        yield
    except SettingsError as error:
        file = stack_file()
        located = [replace(p, line=p.line or file.line_of(p.path)) for p in error.problems]
        pulumi.log.error(str(SettingsError(located, file.name)))
        sys.exit(_ACTIONABLE)


def _parsed(text: str) -> Any:
    """Return a section's value: the engine hands mappings over as JSON, everything else as text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
