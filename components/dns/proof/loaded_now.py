"""Whether the pods that read a Corefile have loaded the text that stands there: a look, without waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from components.cluster.api import CLIENT_ERRORS, Reader, connect_many
from components.dns.proof.dns_pods import DnsPod, ForbiddenError, PodsApi, dns_pods
from components.dns.proof.following import Followed
from components.dns.proof.pod_log import PodLog, digests

_STREAMS = 20
_SECOND = timedelta(seconds=1)
"""The cluster's clock shows no parts of one."""


def loaded_now(
    context: str, namespace: str, config_map: str, texts: Mapping[str, str]
) -> Followed | str | None:
    """Return which pods have loaded a ConfigMap's texts, or why that is not known; None if no pod reads it.

    `texts` are its keys that matter, with the text that each has.

    Raises:
        ClusterError: the ConfigMap cannot be read.
    """
    with Reader(context) as reader:
        live = reader.get(f"/api/v1/namespaces/{namespace}/configmaps/{config_map}")
    if not live:
        return None
    return asyncio.run(_look(context, namespace, config_map, texts, written_at(live["metadata"])))


def written_at(metadata: Mapping[str, Any]) -> datetime:
    """Return when somebody has last written the data of a ConfigMap, as its metadata tells."""
    writes = [
        str(entry["time"])
        for entry in metadata.get("managedFields") or ()
        if "f:data" in (entry.get("fieldsV1") or {}) and entry.get("time")
    ]
    return datetime.fromisoformat(max([*writes, str(metadata["creationTimestamp"])]))


async def _look(
    context: str, namespace: str, config_map: str, texts: Mapping[str, str], written: datetime
) -> Followed | str | None:
    wanted = frozenset().union(*map(digests, texts.values()))
    streams = asyncio.Semaphore(_STREAMS)
    async with connect_many(context) as http:
        api = PodsApi(http, namespace)

        async def read(pod: DnsPod) -> PodLog:
            log = PodLog((), wanted)
            async with streams:
                async for _, line in api.log(pod, written - _SECOND, follow=False):
                    log.read(line)
                log.loaded = log.loaded or await api.runs(pod, wanted)
            return log

        try:
            listed, _ = await api.pods()
            pods = list(dns_pods(listed, config_map, texts.keys()).values())
            unclear = [pod for pod in pods if not pod.by_sub_path and not pod.reads_since(written)]
            logs = dict(zip(unclear, await asyncio.gather(*map(read, unclear)), strict=True))
        except (ForbiddenError, *CLIENT_ERRORS) as error:
            return str(error)
    if not pods:
        return None
    found = Followed(
        pods=[pod.name for pod in pods if not pod.by_sub_path],
        missing={pod.name: _silent(pod) for pod, log in logs.items() if not log.loaded},
        frozen=[pod.name for pod in pods if pod.by_sub_path],
    )
    refusals = [(pod.name, log.refusal) for pod, log in logs.items() if log.refusal and not log.loaded]
    found.refused = refusals[0] if refusals else None
    return found


def _silent(pod: DnsPod) -> str:
    return "its log says nothing of it" if pod.ready else "it is not ready"
