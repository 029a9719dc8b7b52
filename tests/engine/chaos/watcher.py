"""Ask the cluster's DNS all the while, and keep every Corefile that is ever in the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from components.dns.corefile import CorefileError, parse
from lab.dns.kubelet import container_log
from lab.lab import Lab
from lab.local_stack import LAYERS, LocalStack
from lab.site import PODS
from tests.serving import again_and_again

API_SERVER = "kubernetes.default.svc.cluster.local"
_EVERY_SECONDS = 0.1
_REFUSED = "Error during parsing"


@dataclass
class Watched:
    """What was seen.

    Attributes:
        asked: how many questions were asked.
        unanswered: those without an answer, as sentences.
        corefiles: layer and text of each Corefile.
    """

    asked: int = 0
    unanswered: list[str] = field(default_factory=list)
    corefiles: set[tuple[str, str]] = field(default_factory=set)

    def wrong(self) -> Iterator[str]:
        """Yield what must not have been."""
        yield from self.unanswered
        for layer, text in self.corefiles:
            try:
                parse(text, overlaps=True)
            except CorefileError as error:
                yield f"a Corefile of {layer} cannot be parsed: {error}"


@contextmanager
def watching(stack: LocalStack) -> Iterator[Watched]:
    """Watch both layers; what real CoreDNS has refused meanwhile is in `unanswered`, too."""
    watched, refused_before = Watched(), _refused(stack.lab)

    def look() -> None:
        for layer in LAYERS:
            watched.corefiles.add((layer, stack.corefile(layer)))
            watched.asked += 1
            answer = stack.lab.ask(layer, API_SERVER, seconds=5)
            if answer.rcode != "NOERROR":
                watched.unanswered.append(f"{layer} answers {API_SERVER} with {answer.rcode}")

    try:
        with again_and_again(look, _EVERY_SECONDS):
            yield watched
    finally:
        if refused := _refused(stack.lab) - refused_before:
            watched.unanswered.append(f"CoreDNS has refused a Corefile {refused} times")


def _refused(lab: Lab) -> int:
    logs = (container_log(lab.directory, pod) for pod in PODS)
    return sum(
        log.read_text(encoding="utf-8", errors="replace").count(_REFUSED) for log in logs if log.exists()
    )
