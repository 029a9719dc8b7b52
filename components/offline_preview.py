"""What an offline preview does not know, told in one warning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import contexts
from components.cluster.offline import HEADLINE, VARIABLE
from components.settings import Settings


def told(
    settings: Settings,
    adopting: Sequence[str],
    credentials: Mapping[str, str],
) -> str:
    """Return the warning that says what an offline preview does not know, one line for each thing.

    Args:
        settings: the stack's settings.
        adopting: the names of the Applications that may be taken over.
        credentials: name of a declared Secret → the Secret of somebody else that it takes credentials from.
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
