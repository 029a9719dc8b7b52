"""What is told before anything is declared, or refused with it.

What taking over changes in the cluster and would lose, what a run that was killed has left behind, and what
an offline preview does not know.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from components.adoption import Declared
from components.argocd.release import hidden_key, read_release, release_problems
from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import contexts
from components.cluster.live import Live
from components.cluster.losses import SECRET, losses
from components.cluster.objects import ADOPTED, APPLICATION_SET, FORCE, LiveObject, Mark, path_of
from components.cluster.offline import HEADLINE, VARIABLE
from components.cluster.ownership import RELEASE_NAME, Adoption, Name, Remembered
from components.projects.finalizers import way_out
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

    `config` returns the text of a key `hidden:<name>` of the stack's configuration.

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


def leftovers(
    settings: Settings, declared: Iterable[Declared], live: Live, state: Mapping[Name, Remembered], mark: Mark
) -> str:
    """Return the warning of what this stack has made, but neither declares nor has in its state; or ""."""
    known = {*state, *((each.kind, each.name) for each in declared)}
    left: dict[tuple[str, str], list[str]] = {}
    for found in live.objects:
        certainly_ours = bool(found.identity) and mark.is_on(found)
        if certainly_ours and not found.deleting and (found.kind, found.name) not in known:
            verb = "annotate" if found.adopted else "delete"  # what was there before us, we only let go
            left.setdefault((verb, found.kind), []).append(found.name)
    if not left:
        return ""
    what = ", ".join(f"{kind} {name}" for (_, kind), names in left.items() for name in names)
    kubectl = f"kubectl --context {settings.cluster.context} -n {settings.argocd.namespace}"
    marks = {"annotate": "".join(f" {key}-" for key in (*mark.annotations, ADOPTED, FORCE))}
    commands = "".join(
        f"\n  {kubectl} {verb} {kind.lower()} {' '.join(names)}{marks.get(verb, '')}"
        for (verb, kind), names in left.items()
    )
    return (
        f"this stack has made or adopted what it neither declares now nor has in its state: {what}. A run "
        "that was killed, or a state that was lost, has left it behind, and nobody manages it. What is "
        "declared again, the next `up` takes up. To be rid of what it has made, and to give back what it has "
        f"adopted:{commands}"
    )


def unsettled(settings: Settings, declared: Iterable[Declared], live: Live) -> ClusterError | None:
    """Return what is on its way out of the cluster, on which no `up` can work; None if nothing is."""
    if going := going_objects(declared, live):
        named = [f"the {each.kind} {each.name}" for each in going]
        held = [each for each in going if each.kind == "Application" and each.finalizers]
        out = f"; or\n{way_out([each.name for each in held], settings.argocd.namespace)}" if held else ""
        return ClusterError(
            f"{', '.join(named)} {'is' if len(going) == 1 else 'are'} being deleted",
            "what is written to it now goes with it",
            f"wait until it is gone, and run this again{out}",
        )
    return None


def going_objects(declared: Iterable[Declared], live: Live) -> list[LiveObject]:
    """Return the declared objects that are on their way out of the cluster."""
    return [found for each in declared if (found := each.found_in(live)) and found.deleting]


def not_known_offline(
    settings: Settings,
    adopting: Sequence[str],
    credentials: Mapping[str, str],
) -> str:
    """Return the warning that says what an offline preview does not know, one line for each thing.

    `adopting` has the names of the Applications that may be taken over; `credentials` is name of a declared
    Secret → the Secret of somebody else that it takes credentials from.
    """
    lines = _unknown(settings, adopting, credentials)
    head = f"{HEADLINE} {VARIABLE} is set, so the cluster was not asked. What this preview does not know:"
    return "\n".join([head, *(f"- {line}" for line in lines)])


def _unknown(settings: Settings, adopting: Sequence[str], credentials: Mapping[str, str]) -> Iterator[str]:
    argocd = settings.argocd
    yield (
        f"what the cluster already has: an Argo CD, the namespace {argocd.namespace} or an Application of "
        "somebody else would stop `up`"
    )
    taken = [f"the namespace {argocd.namespace}", "the release argocd"] if argocd.adopt else []
    taken += [f"the Application {name}" for name in adopting]
    if taken:
        yield (
            f"adoption: {', '.join(taken)}; what of these is there, and not yet in the state, is shown as "
            "created, and `up` takes it over"
        )
    yield f"the cluster's Kubernetes version: whether {_chart(settings)} can be installed on it"
    if argocd.high_availability:
        yield "the nodes: whether three of them take pods, as argocd.highAvailability needs"
    yield from settings.dns.unknown_offline()
    for own, existing in credentials.items():
        yield f"the credentials in the Secret {own}: they come from the Secret {existing}, which was not read"
    yield "what the API server would refuse or fill in: objects are shown as the stack declares them"
    if settings.cluster.context in _contexts():
        yield (
            "whether the Kubernetes plugin reaches the cluster: it reads the kubeconfig by itself and still "
            f"tries {settings.cluster.context}; KUBECONFIG=/dev/null stops that"
        )


def _chart(settings: Settings) -> str:
    chart = settings.argocd.chart
    return f"the chart {chart.path}" if chart.path else f"the chart {chart.version}"


def _contexts() -> list[str]:
    try:
        return contexts()
    except ClusterError:  # the plugin cannot use it either
        return []
