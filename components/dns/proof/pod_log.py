"""What CoreDNS's log says about a new Corefile: loaded, or refused and why.

The lines are those of 1.7 to 1.15: coredns plugin/reload/reload.go, coremain/run.go, coredns/caddy caddy.go
and caddyfile/dispenser.go. A reload prints `Running configuration … = <digest>` first, then `Reloading
complete`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

_RUNNING = re.compile(r"(?:^|: )Running configuration \w+ = ([0-9a-f]+)")
_BEGUN, _LOADED = "[INFO] Reloading", "[INFO] Reloading complete"
_REFUSED = re.compile(
    r"\[ERROR\] Restart failed: (.+)"
    r"|\[PANIC\] Restart: (.+)"
    r"|(?:^|plugin/reload: )Corefile parse failed: (.+)"
    r"|(?:^|plugin/reload: )Corefile changed but reload failed: (?:starting with listener [a-z ]+: )?(.+)"
    # A new process that refuses its Corefile prints the reason alone, and ends.
    r"|^(\S+:\d+ - Error during parsing: .+|cannot serve .+|plugin/\w+: .+)"
)


class PodLog:
    """One pod's log since the write, read line by line.

    It knows the digests of the text that was there before, none where nobody can tell, and of the new one.
    """

    def __init__(self, before: Collection[str], after: Collection[str]) -> None:
        self._before = before
        self._after = after
        self._runs_another = False
        self._knows_digests = False
        self.loaded = False
        self.reloads = False
        """Whether it has begun to load a text, and has not ended."""
        self.refusal = ""
        """CoreDNS's own words, once it has refused the text."""

    def read(self, line: str) -> None:
        """Take the next line into account; a line may come twice."""
        message = _message(line)
        if message.endswith(_BEGUN):
            self.reloads = True
        elif running := _RUNNING.search(message):
            self._runs(running[1])
        elif message.endswith(_LOADED):
            self.reloads = False
            self.loaded = self.loaded or not self._runs_another
        elif refused := _REFUSED.search(message):
            self.refusal = self.refusal or next(filter(None, refused.groups())).strip()

    def _runs(self, digest: str) -> None:
        if digest in self._after:
            self.loaded = True
        # An earlier text may be loaded only now. Digests are never those of a text that something rewrites on
        # its way into the pod, as the Kubernetes project's node-cache does: there the order has to do.
        self._knows_digests = self._knows_digests or digest in {*self._before, *self._after}
        self._runs_another = self._knows_digests and digest not in self._after


def _message(line: str) -> str:
    """Return the message of a line, which `-log-format json` wraps."""
    if line.startswith("{"):
        try:
            return str(json.loads(line)["msg"])
        except (ValueError, KeyError, TypeError):
            return line
    return line.rstrip()
