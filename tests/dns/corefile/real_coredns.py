"""Ask a real CoreDNS whether it loads a text: a thousand times a second, or once as a pod would.

A running CoreDNS loads its Corefile again on SIGUSR1 and says what it thinks of it, which takes a
millisecond; a start takes a hundred. What it loads is a translation that changes no structure: port 53
becomes an unprivileged one, and every IPv4 address one on loopback, so that nothing ever leaves the
machine.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from components.dns.corefile import Corefile, Directive

PORT = 10053
ADDRESS = "127.77.0.1"
ENVIRONMENT = {"MY_HOST_IP": "127.77.0.9", "UPSTREAM": "127.9.9.9"}
# CoreDNS 1.9 takes all memory there is for a snippet that imports itself, and never ends; what is left
# of a test that was killed must not do that either. A reload costs a millisecond of CPU time.
_BOUNDED = ("/bin/sh", "-c", 'ulimit -v 6000000 && ulimit -t 600 && exec "$0" "$@"')
HANGS = "it neither loads the text nor refuses it"

_SECONDS = 20.0  # for a machine that is busy with other things; an answer takes a millisecond
_FIRST = f".:{PORT} {{\n    bind {ADDRESS}\n    whoami\n}}\n"
_DELAYS = (0, 0.1, 0.5, 2, 10)
_SECONDS_TO_HEAR = 3.0
_STARTED = re.compile(r"^linux/(?P<refusal>$)?", re.MULTILINE)
_ANSWERS = ("[ERROR] SIGUSR1: ", "[PANIC] ")
_RELOADED = re.compile(
    rf"\[INFO\] Reloading complete|(?P<refusal>(?:{'|'.join(map(re.escape, _ANSWERS))}).*)"
)
_PORT_53 = re.compile(r"(?<=[^\d:]):0*53(?![\d.])")
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?=\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]))")

_SAFE = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?")

_STRUCTURE = (
    "Syntax error: Unexpected token",
    "Unexpected EOF",
    "Unexpected '}' because no matching opening brace",
    "Unknown directive '{'",
    "Expected another address",
    "redeclaration of previously declared snippet",
    "snippet import depth",
    "Import takes only one argument",
    "after 'import'",
    "Import requires a non-empty filepath",
    "Glob pattern may only contain one wildcard",
    "already defined",
    "zone overlap listener capacity",
    "not a valid domain name",
    "expecting data after last colon",
    "specified zone is too long",
    "invalid CIDR",
    "invalid port",
    HANGS,
)
"""What CoreDNS says about a text that it cannot group into server blocks, or whose blocks collide."""


def is_about_structure(refusal: str) -> bool:
    """Tell whether CoreDNS refused the text's structure, and not a plugin or what a plugin was told."""
    return "plugin/" not in refusal and any(words in refusal for words in _STRUCTURE)


def translated(text: str) -> str:
    """Return `text` as it is loaded here."""
    return _IPV4.sub("127", _PORT_53.sub(f":{PORT}", text))


def stays_on_loopback(corefile: Corefile) -> bool:
    """Tell whether every server block binds an address on loopback, and none looks up a name."""
    for block in corefile.server_blocks:
        targets = [one for line in block.plugins for one in _targets(line)]
        if not block.bind or not all(_SAFE.fullmatch(_resolved(word)) for word in (*block.bind, *targets)):
            return False
    return True


def _targets(line: Directive) -> tuple[str, ...]:
    targets = line.args[1:] if line.name == "forward" else ()
    return tuple(re.sub("^(?:dns|tls)://", "", target) for target in targets)


def _resolved(word: str) -> str:
    for name, value in ENVIRONMENT.items():
        word = word.replace(f"{{${name}}}", value).replace(f"{{%{name}%}}", value)
    return word


class RealCoreDNS:
    """One CoreDNS process that loads one text after the other; used as a context manager."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def refusal(self, text: str) -> str:
        """Return why CoreDNS does not load `text` in place of what it serves; nothing if it does."""
        told = self._reload(text)
        if told and not told.startswith(_ANSWERS):
            told = self._reload(text)  # a busy machine, or the process has used up what it may: once more
        return told

    def _reload(self, text: str) -> str:
        process = self._running()
        self._write(text)
        process.send_signal(signal.SIGUSR1)
        return self._outcome(process, _RELOADED)

    def refusal_at_start(self, text: str) -> str:
        """Return why a new CoreDNS process, like a new pod, does not load `text`; nothing if it does."""
        self._stop()
        refusal = self._outcome(self._start(text), _STARTED)
        self._stop()
        return refusal

    def _running(self) -> subprocess.Popen[bytes]:
        """Return a process that listens to signals, and to which every outcome was read."""
        if self._process and self._process.poll() is None:
            return self._process
        # It begins to listen to signals at some time after its start, and loses those that come before.
        for delay in _DELAYS:
            self._stop()
            process = self._start(_FIRST)
            if told := self._outcome(process, _STARTED):
                raise RuntimeError(f"CoreDNS does not even start: {told}")
            time.sleep(delay)
            process.send_signal(signal.SIGUSR1)
            if not self._outcome(process, _RELOADED, _SECONDS_TO_HEAR):
                return process
        raise RuntimeError("CoreDNS does not reload on SIGUSR1")

    def _start(self, text: str) -> subprocess.Popen[bytes]:
        self._write(text)
        self._process = subprocess.Popen(
            [*_BOUNDED, self._program, "-conf", "Corefile", "-dns.port", str(PORT)],
            cwd=self._folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return self._process

    def _write(self, text: str) -> None:
        (self._folder / "Corefile").write_bytes(translated(text).encode())

    def _outcome(
        self, process: subprocess.Popen[bytes], wanted: re.Pattern[str], seconds: float = _SECONDS
    ) -> str:
        """Read what the process says until it matches `wanted`; return the refusal in it, if it is one."""
        said = ""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(_output(process), selectors.EVENT_READ)
            while selector.select(max(end - time.monotonic(), 0)):
                piece = os.read(_output(process).fileno(), 65536)
                if not piece:
                    return said.strip() or "it ended without a word"
                said += piece.decode(errors="replace")
                found = wanted.search(said)
                if found and said.endswith("\n"):
                    return found["refusal"] or ""
        self._stop()
        return HANGS

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _output(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise RuntimeError("CoreDNS was started without a pipe")
    return process.stdout
