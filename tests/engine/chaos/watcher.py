"""Ask the cluster's DNS all the while, and keep every Corefile that is ever in the cluster."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from lightkube import KubeConfig
from lightkube.config import client_adapter

from components.dns.corefile import CorefileError, parse
from lab.dns.kubelet import container_log
from lab.errors import LabError
from lab.lab import Lab
from lab.local_stack import LAYERS, LocalStack
from lab.processes import wait_until
from lab.site import PODS
from tests.dns.corefile.real_coredns import RealCoreDNS
from tests.serving import again_and_again

API_SERVER = "kubernetes.default.svc.cluster.local"
_EVERY_SECONDS = 0.1
_CONFIG_MAPS = "/api/v1/namespaces/kube-system/configmaps"
_REFUSED = "Error during parsing"
_NO_CLUSTER = "plugin/kubernetes: unable to load in-cluster configuration"
"""What a CoreDNS without a cluster says of a text, once it has parsed it."""
_LOADED: set[str] = set()
"""Texts that a CoreDNS has loaded already."""
_KNOWS_NOTHING = "SERVFAIL"
"""What CoreDNS answers for the cluster's names after a reload, as long as the API server is away."""
_SECONDS_TO_KNOW = 60.0


@dataclass
class Watched:
    """What was seen.

    Attributes:
        names: those that have to be answered all the while.
        asked: how many questions were asked.
        unanswered: those without an answer, as sentences.
        corefiles: layer and text of each Corefile.
        refused: how many times real CoreDNS has refused one.
        api_is_away: whether the API server is away, so that CoreDNS may know nothing after a reload.
        ignorant: for how many seconds it has known nothing for that.
    """

    names: set[str]
    asked: int = 0
    unanswered: list[str] = field(default_factory=list)
    corefiles: set[tuple[str, str]] = field(default_factory=set)
    refused: int = 0
    api_is_away: bool = False
    ignorant: float = 0.0

    def not_loaded(self, coredns: Path) -> Iterator[str]:
        """Yield which Corefiles must not have been: each is given to our parser and to a new CoreDNS."""
        if self.refused:
            yield f"CoreDNS has refused a Corefile {self.refused} times"
        new = [(layer, text) for layer, text in sorted(self.corefiles) if text not in _LOADED]
        with TemporaryDirectory(prefix="chaos-") as folder, RealCoreDNS(coredns, Path(folder)) as real:
            for layer, text in new:
                refusal = real.refusal(text)
                if not refusal or _NO_CLUSTER in refusal:
                    _LOADED.add(text)
                else:
                    yield f"CoreDNS does not load a Corefile of {layer}: {refusal}"
                try:
                    parse(text, overlaps=True)
                except CorefileError as error:
                    yield f"a Corefile of {layer} cannot be parsed: {error}"

    @contextmanager
    def without_the_api_server(self, lab: Lab) -> Iterator[None]:
        """Allow CoreDNS to know nothing meanwhile, and until it has read everything again afterwards."""
        self.api_is_away, began = True, self.ignorant
        try:
            yield
            knows = wait_until(
                lambda: all(lab.ask(layer, API_SERVER).rcode == "NOERROR" for layer in LAYERS),
                _SECONDS_TO_KNOW,
                pause=0.2,
            )
        finally:
            self.api_is_away = False
        if not knows:
            self.unanswered.append(f"{self.ignorant - began:.0f} s: CoreDNS does not find back")

    def ask(self, lab: Lab) -> None:
        """Ask both layers for all names once."""
        began, ignorant = time.monotonic(), False
        for layer in LAYERS:
            for name in tuple(self.names):
                self.asked += 1
                answer = lab.ask(layer, name, seconds=5)
                if self.api_is_away and answer.rcode == _KNOWS_NOTHING:
                    ignorant = True
                elif answer.rcode != "NOERROR" and name in self.names:
                    self.unanswered.append(f"{layer} answers {name} with {answer.rcode}")
        if ignorant:
            self.ignorant += time.monotonic() - began + _EVERY_SECONDS


@contextmanager
def watching(stack: LocalStack, names: Iterable[str] = ()) -> Iterator[Watched]:
    """Watch both layers.

    Args:
        stack: of which lab.
        names: which names have to be answered besides the API server's; those that are not, are left out.
    """
    answered = {
        name
        for name in names
        if all(stack.lab.ask(layer, name, seconds=5).rcode == "NOERROR" for layer in LAYERS)
    }
    watched, refused = Watched({API_SERVER, *answered}), _refused(stack.lab)
    with (
        _keeping_corefiles(stack.lab, watched),
        again_and_again(lambda: watched.ask(stack.lab), _EVERY_SECONDS),
    ):
        yield watched
    watched.refused = _refused(stack.lab) - refused


@contextmanager
def _keeping_corefiles(lab: Lab, watched: Watched) -> Iterator[None]:
    """Keep every version of each Corefile, also one that is there for a moment only."""
    http = _http(lab)
    version = ""

    def keep(found: Any) -> None:
        if found["metadata"]["name"] in LAYERS:
            watched.corefiles.add((found["metadata"]["name"], (found.get("data") or {}).get("Corefile", "")))

    def look() -> None:
        nonlocal version
        with suppress(httpx2.HTTPError, OSError, ValueError):
            if not version:
                answer = http.get(_CONFIG_MAPS).raise_for_status().json()
                for found in answer["items"]:
                    keep(found)
                version = answer["metadata"]["resourceVersion"]
            asked = {"watch": "true", "timeoutSeconds": "1", "resourceVersion": version}
            with http.stream("GET", _CONFIG_MAPS, params=asked) as answer:
                answer.raise_for_status()
                for event in map(json.loads, answer.iter_lines()):
                    if event["type"] == "ERROR":  # the API server does not know any more what came after
                        version = ""
                        return
                    keep(event["object"])
                    version = event["object"]["metadata"]["resourceVersion"]

    with closing(http), again_and_again(look, _EVERY_SECONDS):
        yield


def _http(lab: Lab) -> httpx2.Client:
    config = KubeConfig.from_file(lab.kubeconfig).get()
    if not config:
        raise LabError(f"{lab.kubeconfig} has no context")
    parameters = client_adapter.ConnectionParams(timeout=httpx2.Timeout(5), trust_env=False)
    return client_adapter.Client(config, parameters)


def _refused(lab: Lab) -> int:
    logs = [container_log(lab.directory, pod) for pod in PODS]
    return sum(
        log.read_text(encoding="utf-8", errors="replace").count(_REFUSED) for log in logs if log.exists()
    )
