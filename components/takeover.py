"""What taking over changes in the cluster: told beforehand, and refused where something would be lost."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from components.adoption import Declared
from components.argocd.release import hidden_key, read_release, release_problems
from components.cluster.api import Reader
from components.cluster.losses import SECRET, losses
from components.cluster.objects import APPLICATION_SET, path_of
from components.cluster.ownership import RELEASE_NAME, Adoption
from components.projects.taking_over import application_problems, lines, own_metadata, read_applications
from components.settings import Settings
from components.stackfile.problems import PROJECT, Key, Problem, key_path

_IN_A_PIPELINE = "CI"
"""The variable by which a program knows that it runs in a pipeline, where a preview is printed as JSON."""
_HEADLINE = "Taken over as they are, but for these lines:"
_IN_CLEAR = {"name", "namespaces", "project", "proxy", "noProxy", "server", "type", "url", "username"}
"""The keys of Argo CD's Secrets whose values a message may show; of all others it says only the name."""


@dataclass(frozen=True)
class TakenOver:
    """What is told of an adoption."""

    problems: Sequence[Problem] = ()
    """What would be lost by it."""
    text: str = ""
    """What it changes, for whoever reads the preview; "" for nothing."""


def taken_over(
    settings: Settings,
    declared: Sequence[Declared],
    adopted: Adoption,
    config: Callable[[str], str | None],
) -> TakenOver:
    """Compare what is taken over for the first time with what is declared; later nothing is asked again.

    Args:
        settings: the stack's settings.
        declared: the stack's objects.
        adopted: what is taken over.
        config: returns the text of a key `hidden:<name>` of the stack's configuration.

    Raises:
        ClusterError: the API server does not answer, or forbids it.
    """
    context, namespace = settings.cluster.context, settings.argocd.namespace
    problems: list[Problem] = []
    if RELEASE_NAME in adopted.taken and (installed := read_release(context, namespace)):
        # What Pulumi hides, since it is encrypted in the stack file, or hides of what is in clear there.
        secrets = [leaf for leaf in _leaves(settings.model_dump()) if isinstance(leaf, SecretStr)]
        known = {*_leaves(settings.argocd.values), *(secret.get_secret_value() for secret in secrets)}

        def is_hidden(path: str, text: str) -> bool:
            given = text in known or config(hidden_key(path).partition(":")[2]) == text
            return given and not os.environ.get(_IN_A_PIPELINE)

        problems += release_problems(settings.argocd, installed, adopted.mark.stack, is_hidden)
    taken = [each for each in declared if (each.kind, each.name) in adopted.taken and each.adopt]
    problems += _lost_access([each for each in taken if each.manifest], context, namespace)
    mine = [each.application for each in taken if each.application]
    live = read_applications(context, namespace) if mine else {}
    foreign = [(each, live[each.name]) for each in mine if each.name in live]
    problems += [problem for each, found in foreign for problem in application_problems(each, found)]
    changes = [f"  {line}" for each, found in foreign for line in lines(each, found)]
    return TakenOver(problems, "\n".join([_HEADLINE, *changes]) if changes else "")


def _lost_access(taken: Sequence[Declared], context: str, namespace: str) -> Iterator[Problem]:
    if not taken:
        return
    with Reader(context) as reader:
        live = [reader.get(path_of(each.kind, namespace, each.name)) for each in taken]
    for each, found in zip(taken, live, strict=True):
        if each.manifest and found:
            yield from access_losses(each.manifest, found, each.entry, each.drop)


def access_losses(
    manifest: Mapping[str, Any],
    live: Mapping[str, Any],
    entry: tuple[Key, ...],
    drop: Collection[str],
) -> Iterator[Problem]:
    """Yield why an AppProject or a Secret, `live`, cannot be taken over as `entry` of the stack file says.

    `drop` has the paths whose loss is meant, with everything below them.
    """
    lost = losses(_written(live), _written(manifest), drop)
    if not lost:
        return
    kind, name, key = manifest["kind"], manifest["metadata"]["name"], key_path(entry).partition(":")[2]
    listed = "\n".join(f"    {loss}" for loss in lost)
    where = "into its file" if kind == APPLICATION_SET else f"below {PROJECT}:{key}"
    yield Problem(
        (*entry, "adopt"),
        f"the {kind} {name!r} has what this stack would change or drop:\n{listed}",
        "an adoption keeps what is there: others may use it already",
        f"to keep them, write them {where}\n"
        f"to let one of them go on purpose, name it: {PROJECT}:{key}.drop: [{lost[0].named}]",
    )


def _written(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an object its owner has written, without secrets."""
    found: dict[str, Any] = {"metadata": own_metadata(manifest["metadata"])}
    if manifest["kind"] in {"AppProject", APPLICATION_SET}:
        return {**found, "spec": manifest.get("spec") or {}}
    texts = dict(manifest.get("stringData") or {})
    texts |= {
        key: base64.b64decode(value).decode(errors="replace")
        for key, value in (manifest.get("data") or {}).items()
    }
    return {**found, "data": {key: text if key in _IN_CLEAR else SECRET for key, text in texts.items()}}


def _leaves(value: Any) -> Iterator[Any]:
    """Yield everything in mappings and lists that is neither."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for below in value:
            yield from _leaves(below)
    else:
        yield value
