"""The Helm release that is taken over: its values and its chart stay, or the preview stops."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.argocd.chart import ChartFileError, read_chart_yaml
from components.argocd.chart_values import chart_values
from components.argocd.section import ArgoCDSettings
from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.helm_records import RELEASE
from components.cluster.losses import Loss, as_yaml, losses, secrets_in
from components.stackfile.problems import PROJECT, Problem

CHART = "argo-cd"
CHART_VERSION = "chart.version"
"""What `argocd.drop` calls the version of the chart, which has no value of this name."""

HIDDEN = "hidden"
"""The namespace in Pulumi's configuration for secrets that are there to be hidden, and for nothing else."""

_KEYS_OF_SECRETS = {
    "configs.secret.argocdServerAdminPassword": "argocd.admin.passwordHash",
    "configs.secret.gitlabSecret": "argocd.webhook.gitlabSecret",
    "configs.repositories": "repositories",
    "configs.credentialTemplates": "credentialTemplates",
    "configs.clusterCredentials": "clusters",
    "configs.cm": "argocd.sso",
    "notifications.secret": "argocd.notifications.secrets",
}
"""How the path of a secret value begins → the key of the stack file that is made for it."""


@dataclass(frozen=True)
class Installed:
    """A Helm release as it was installed."""

    chart: str
    version: str
    values: Mapping[str, Any]
    """The values that were given, without the chart's defaults."""


def read_release(context: str, namespace: str) -> Installed | None:
    """Return the release `argocd` as Helm has stored it; None if there is none that was ever deployed.

    Raises:
        ClusterError: the API server does not answer or forbids it, or Helm's object cannot be read.
    """
    secrets = f"/api/v1/namespaces/{namespace}/secrets"
    with Reader(context) as reader:
        try:
            found = reader.get(secrets, labelSelector=f"owner=helm,name={RELEASE},status=deployed")
        except ClusterError as error:
            if not error.forbidden:
                raise
            raise ClusterError(
                f"the values of the Helm release {RELEASE!r} cannot be read: {error.what}",
                "adoption could change or drop some of them, and nobody would have seen which",
                f"give this user the right to get and list Secrets in the namespace {namespace!r}, as "
                "examples/preview-rights.yaml does",
                forbidden=True,
            ) from None
    stored = sorted((found or {}).get("items") or [], key=_revision)
    if not stored:
        return None
    try:
        return _decoded(stored[-1]["data"]["release"])
    except (binascii.Error, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError):
        raise ClusterError(
            f"the Secret {stored[-1]['metadata']['name']!r}, in which Helm keeps its release, cannot be read",
            "without the release's values nobody can tell what adoption would change",
            f"look whether Helm can read it: helm --namespace {namespace} get values {RELEASE}",
        ) from None


def _revision(secret: Mapping[str, Any]) -> int:
    return int(secret["metadata"]["labels"].get("version") or 0)


def _decoded(release: str) -> Installed:
    """Return Helm's own form: JSON, packed, in base64, of which Kubernetes makes base64 once more."""
    content = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(release))))
    metadata = content["chart"]["metadata"]
    return Installed(str(metadata["name"]), str(metadata["version"]), content.get("config") or {})


def release_problems(
    settings: ArgoCDSettings, installed: Installed, stack: str, is_hidden: Callable[[str, str], bool]
) -> Iterator[Problem]:
    """Yield what taking the release over would change or drop, unless the stack file says that it may.

    `is_hidden` tells of a path and the text there whether Pulumi hides this text wherever it prints.
    """
    if installed.chart != CHART:
        yield Problem(
            ("argocd", "adopt"),
            f"the Helm release {RELEASE!r} in {settings.namespace!r} is of the chart {installed.chart!r}, "
            f"not of {CHART}",
            "its values and its workloads have other names, and an upgrade to another chart deletes them",
            f"choose another {PROJECT}:argocd.namespace, or uninstall it and install Argo CD anew",
        )
        return
    declared = _declared_version(settings)
    if declared not in {"", installed.version.removeprefix("v")} and CHART_VERSION not in settings.drop:
        yield Problem(
            ("argocd", "chart", "path" if settings.chart.path else "version"),
            f"the Helm release {RELEASE!r} has the chart {installed.version}, and this stack file {declared}",
            "an adoption changes nothing by itself, and an upgrade of Argo CD is a step of its own",
            f"write {PROJECT}:argocd.chart.version: {installed.version}, and upgrade later; or let the "
            f"adoption upgrade it:\n  {PROJECT}:argocd:\n    drop: [{CHART_VERSION}]",
        )
    secrets = secrets_in(installed.values)
    if shown := [path for path, text in secrets.items() if not is_hidden(path, text)]:
        yield Problem(
            ("argocd", "adopt"),
            f"the Helm release {RELEASE!r} has secrets in clear among its values: {', '.join(shown)}",
            "Pulumi prints the values of a release that it takes over, and keeps them in its state until the "
            "up has ended",
            "take the release over from a terminal, not in a merge request, whose `preview --json` shows "
            "them in any case; and let Pulumi hide them by these commands, each of which asks for the value "
            f"(helm --namespace {settings.namespace} get values {RELEASE} shows it). After the adoption they "
            "may go:\n"
            + "\n".join(f" pulumi config set --secret --stack {stack} {hidden_key(path)}" for path in shown)
            + "\nOr take them out of the release first, with helm upgrade",
        )
    if lost := losses(installed.values, chart_values(settings, stack), settings.drop):
        listed = "\n".join(f"    {loss}" for loss in lost)
        yield Problem(
            ("argocd", "values"),
            f"the Helm release {RELEASE!r} has values that this stack file would change or drop:\n{listed}",
            "Argo CD would run without them after the next up",
            "\n".join(_ways_out(lost, settings)),
        )


def hidden_key(path: str) -> str:
    """Return the key of Pulumi's configuration that hides the secret at `path` of the old values."""
    return f"{HIDDEN}:{re.sub(r'[^A-Za-z0-9]+', '-', path).strip('-')}"


def _ways_out(lost: list[Loss], settings: ArgoCDSettings) -> Iterator[str]:
    if not all(loss.is_secret for loss in lost):
        yield "to keep them, write:"
        yield f"  {PROJECT}:argocd:\n    values:\n{as_yaml(lost, settings.values, 6)}"
    if secrets := [loss for loss in lost if loss.is_secret]:
        yield (
            "secret values are not shown here; they have keys of their own in the stack file, and their old "
            "places are then named under drop:"
        )
        for loss in secrets:
            keys = (key for start, key in _KEYS_OF_SECRETS.items() if loss.named.startswith(start))
            yield f"    {loss.named}: {PROJECT}:{next(keys, 'argocd.values')}"
    yield "to let one of them go on purpose, name it, or what stands above it:"
    yield f"  {PROJECT}:argocd:\n    drop: [{json.dumps(lost[0].named)}]"


def _declared_version(settings: ArgoCDSettings) -> str:
    """Return the version of the chart; "" if there is no chart, which is told elsewhere."""
    chart = settings.chart
    if not chart.path:
        return chart.version.removeprefix("v")
    try:
        return str(read_chart_yaml(Path(chart.path)).get("version")).removeprefix("v")
    except ChartFileError:
        return ""
