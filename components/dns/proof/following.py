"""Follow the pods that read a ConfigMap until each of them has loaded its new text."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

import httpx2

from components.cluster.api import CLIENT_ERRORS
from components.dns.proof.dns_pods import DnsPod, ForbiddenError, PodsApi, dns_pods
from components.dns.proof.pod_log import PodLog

SECONDS = 180.0
"""How long a new text may take: up to two minutes for the kubelet, and 45 s for CoreDNS."""
SECONDS_BETWEEN_LINES = 12.0
_SECONDS_BETWEEN_LOOKS = 3.0
_SECONDS_BETWEEN_TRIES = 1.0
_STREAMS = 80  # fewer than the connections that the client keeps; the others wait, and lose nothing

Say = Callable[[str], object]


@dataclass(frozen=True)
class NewText:
    """What was written, as far as its readers have to be known and understood."""

    config_map: str
    texts: Mapping[str, str | None]
    """Key → what was written into it, None where it was taken out."""
    before: frozenset[str]
    """The digests by which CoreDNS may name the text that was there before."""
    after: frozenset[str]
    """Those of the new text."""
    written: float
    """When it was written, by this machine's `monotonic`."""


@dataclass
class _Reading:
    pod: DnsPod
    log: PodLog
    since: datetime
    unreadable: str = ""
    """Why its log cannot be read just now."""
    refusal: str = ""
    """CoreDNS's own words, once its log has nothing later."""
    task: asyncio.Task[None] | None = None


@dataclass
class Followed:
    """What became of it."""

    seconds: float = 0.0
    pods: list[str] = field(default_factory=list)
    """The pods that read the text."""
    missing: dict[str, str] = field(default_factory=dict)
    """Those of them that have not loaded it → what is known about that."""
    frozen: list[str] = field(default_factory=list)
    """Pods that mount the file so that it never changes."""
    refused: tuple[str, str] | None = None
    """The pod that has refused it, and its own words."""
    overwritten: bool = False
    """Whether somebody else has written another text since, so that the rest never sees this one."""

    def __str__(self) -> str:
        return f"loaded by {len(self.pods) - len(self.missing)} of {len(self.pods)} pods"


class Following:
    """The pods that read one new text; `say` takes lines of progress."""

    def __init__(self, api: PodsApi, text: NewText, say: Say) -> None:
        self._api = api
        self._text = text
        self._say = say
        self._since: datetime | None = None
        self._readings: dict[str, _Reading] = {}
        self._frozen: list[str] = []
        self._waiting: list[str] = []
        self._news = asyncio.Event()
        self._streams = asyncio.Semaphore(_STREAMS)
        self._forbidden: ForbiddenError | None = None

    async def first_look(self) -> Collection[DnsPod]:
        """Return the pods that read the text.

        Raises:
            ForbiddenError: the pods may not be listed.
            CLIENT_ERRORS: the API server does not answer.
        """
        await self._look()
        return [reading.pod for reading in self._readings.values()]

    async def until_loaded(self) -> Followed:
        """Return when each pod has loaded the text, when one has refused it, or when waiting is of no use.

        It is when the time is over, and when somebody else has written another text.

        Raises:
            ForbiddenError: their logs may not be read.
        """
        last_line = self._text.written
        try:
            while True:
                followed = self._followed()
                if self._forbidden:
                    raise self._forbidden
                if followed.refused or not followed.missing or followed.seconds >= SECONDS:
                    return followed
                if monotonic() - last_line >= SECONDS_BETWEEN_LINES:
                    last_line = monotonic()
                    waiting = ", ".join(followed.missing)
                    self._say(f"{followed} after {followed.seconds:.0f} s, not yet by {waiting}")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), _SECONDS_BETWEEN_LOOKS)
                self._news.clear()
                with contextlib.suppress(*CLIENT_ERRORS, ForbiddenError):  # then what was seen last counts
                    await self._look()
                    if not await self._api.holds(self._text.config_map, self._text.texts):
                        return replace(self._followed(), overwritten=True)
        finally:
            await self._stop()

    def _followed(self) -> Followed:
        seen = Followed(monotonic() - self._text.written, frozen=self._frozen)
        for reading in self._readings.values():
            if reading.refusal:
                seen.refused = (reading.pod.name, reading.refusal)
            seen.pods.append(reading.pod.name)
            if not (reading.log.loaded or reading.pod.reads_since(self._moment)):
                seen.missing[reading.pod.name] = _what_is_known(reading, self._moment)
        if not self._readings:
            seen.pods += self._waiting
            seen.missing |= dict.fromkeys(self._waiting, "it has not started yet")
        return seen

    @property
    def _moment(self) -> datetime:
        if self._since is None:
            raise RuntimeError("nobody has looked yet")
        return self._since

    async def _look(self) -> None:
        listed, now = await self._api.pods()
        if self._since is None:
            # By the cluster's clock, not by this machine's. One second more, since that clock shows no parts.
            self._since = now - timedelta(seconds=monotonic() - self._text.written + 1)
        found = dns_pods(listed, self._text.config_map, self._text.texts)
        self._frozen = [pod.name for pod in found.values() if pod.by_sub_path]
        self._waiting = [pod.name for pod in found.values() if not (pod.by_sub_path or pod.started)]
        for uid in self._readings.keys() - found.keys():
            if task := self._readings.pop(uid).task:
                task.cancel()
        for uid, pod in found.items():
            if pod.by_sub_path:
                continue
            if uid in self._readings:
                self._readings[uid].pod = pod
            elif pod.started:  # one that has never started will read the new text
                reading = _Reading(pod, PodLog(self._text.before, self._text.after), self._moment)
                self._readings[uid] = reading
                reading.task = asyncio.create_task(self._read(reading))

    async def _read(self, reading: _Reading) -> None:
        """Read one pod's log, again and again from where it ended, until it says what is to be known.

        It says nothing new where the text was there a moment ago, as before a run of Kubespray, and the
        kubelet has never shown the pod what came between.
        """
        with contextlib.suppress(*CLIENT_ERRORS, ForbiddenError):  # which the other read meets, too
            async with self._streams:
                reading.log.loaded = await self._api.runs(reading.pod, self._text.after)
        while not (reading.log.loaded or reading.refusal):
            try:
                async with self._streams:
                    await self._read_on(reading)
                    if reading.log.refusal:
                        # Of a text that was mended in the second before the write? Then the next lines tell.
                        await self._read_on(reading, follow=False)
                        reading.refusal = reading.log.refusal
            except httpx2.ReadTimeout:
                continue
            except ForbiddenError as error:
                self._forbidden = error
                break
            except CLIENT_ERRORS as error:
                reading.unreadable = str(error)
            await asyncio.sleep(_SECONDS_BETWEEN_TRIES)
        self._news.set()

    async def _read_on(self, reading: _Reading, *, follow: bool = True) -> None:
        """Read a log from where it ended: to its end, or following it until it says what is to be known."""
        async for moment, line in self._api.log(reading.pod, reading.since, follow=follow):
            reading.unreadable = ""
            reading.log.read(line)
            with contextlib.suppress(ValueError):
                reading.since = datetime.fromisoformat(moment)
            if follow and (reading.log.loaded or reading.log.refusal):
                break

    async def _stop(self) -> None:
        tasks = [reading.task for reading in self._readings.values() if reading.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _what_is_known(reading: _Reading, since: datetime) -> str:
    pod = reading.pod
    if reading.unreadable:
        return f"its log cannot be read: {reading.unreadable}"
    if not pod.ready:
        return "it is not ready"
    if pod.started and pod.started >= since:
        return "it has restarted meanwhile, and its log does not tell which text it has read"
    if reading.log.reloads:
        # The old reader of a socket can block in recvmsg(2), and the end of the reload waits for it: seen
        # with 1.9.3 and 1.14.3, whose sockets nobody asked anything.
        return (
            "its reload has begun and not ended: a CoreDNS that nobody asks may wait in it for the next "
            "question; ask one of the address that it listens on"
        )
    return "its log says nothing of a reload"
