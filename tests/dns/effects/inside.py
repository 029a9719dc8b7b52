"""The process in the private namespaces: load a Corefile in real CoreDNS, ask it, and report.

Started by `site`; speaks JSON, a line for each text, and ends with its standard input.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyroute2 import IPRoute

from components.dns.corefile.lexer import BYTE_ORDER_MARK
from tests.dns.effects import kubernetes_api, network
from tests.dns.effects.asking import SILENCE, Question, ask
from tests.dns.effects.case import FOLDER, is_corefile
from tests.dns.effects.translation import API_PORT, translated

ENVIRONMENT = {"MY_HOST_IP": "10.0.0.53", "UPSTREAM": "8.8.8.8", "CLUSTER_DOMAIN": "cluster.local"}

_FIRST = ".:1 {\n    bind 127.0.0.1\n    whoami\n}\n"
_STARTED = re.compile(r"^linux/[^\n]*(?P<refusal>(?!\n).)?\n", re.MULTILINE)
_RELOADED = r".*?(?:\[INFO\] Reloading complete|(?P<refusal>(?:\[ERROR\] SIGUSR1: |\[PANIC\] )[^\n]*))\n"
_SECONDS = 30.0
_SECONDS_TO_HEAR = 0.5
_SECONDS_TO_LOAD = 3.0
_NOTHING = "nothing-{}/*"
# CoreDNS 1.9 takes all memory there is for a snippet that imports itself.
_BOUNDED = ("/bin/sh", "-c", 'ulimit -v 8000000 && exec "$0" "$@"')
_RESTART_AFTER = 500
"""Reloads after which a process is replaced, so that nothing of old texts gathers in it."""


class CoreDNS:
    """One CoreDNS process that loads one text after the other."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._output = folder.parent / f"{folder.name}.log"
        self._written = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._loads = 0

    def load(self, corefile: str, files: Mapping[str, str], *, fresh: bool = False) -> str:
        """Load a text and return why CoreDNS refused it; nothing if it serves it now.

        Args:
            corefile: the text.
            files: what lies beside it.
            fresh: start a new process for it, like a new pod.
        """
        self._loads += 1
        if not fresh:
            process = self._running()
            self._write(corefile, files)
            said = self._reloaded(process, _SECONDS_TO_LOAD)
            if said is not None and (not said or said.startswith("[")):
                return said
        self.stop()  # now and then an old CoreDNS hears no signal any more, or has come to its end
        self._write(corefile, files)
        said = self._outcome(self._start(), _STARTED, _SECONDS)
        return "it neither loads the text nor refuses it" if said is None else said

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def last_words(self) -> str:
        """What it said since the text was loaded, if it has ended."""
        if self._process is None or self._process.poll() is None:
            return ""
        return self._output.read_text(encoding="utf-8", errors="replace")[-500:]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process and self._process.poll() is None and self._loads < _RESTART_AFTER:
            return self._process
        self.stop()
        self._write(_FIRST, {})
        process = self._start()
        if refusal := self._outcome(process, _STARTED, _SECONDS):
            raise RuntimeError(f"CoreDNS does not even start: {refusal}")
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:  # it begins to listen to signals some time after its start
            if self._reloaded(process, _SECONDS_TO_HEAR) == "":
                self._loads = 0
                return process
        raise RuntimeError("CoreDNS does not reload on SIGUSR1")

    def _reloaded(self, process: subprocess.Popen[bytes], seconds: float) -> str | None:
        """Send the signal, and return what comes of the text that was written last; None if nothing does.

        CoreDNS names the glob that matches nothing when it reads a text, so that what it says of a text is
        not taken for what it says of another one: a signal may be heard late, and two of them as one.
        """
        os.truncate(self._output, 0)
        process.send_signal(signal.SIGUSR1)
        wanted = re.compile(re.escape(_NOTHING.format(self._written)) + _RELOADED, re.DOTALL)
        return self._outcome(process, wanted, seconds)

    def _start(self) -> subprocess.Popen[bytes]:
        self._output.unlink(missing_ok=True)
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [*_BOUNDED, self._program, "-conf", "Corefile"],
                cwd=self._folder,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self._process

    def _write(self, corefile: str, files: Mapping[str, str]) -> None:
        self._folder.mkdir(exist_ok=True)  # and it stays, since a running CoreDNS is in it
        for old in self._folder.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        self._written += 1
        mark = corefile[:1] if corefile.startswith(BYTE_ORDER_MARK) else ""
        marked = f"{mark}import {_NOTHING.format(self._written)}\n{corefile.removeprefix(mark)}"
        for path, text in {**files, "Corefile": marked}.items():
            file = self._folder / path.removeprefix(f"{FOLDER}/")
            file.parent.mkdir(parents=True, exist_ok=True)
            if path == "Corefile" or is_corefile(path):
                text = translated(text, directives=path.endswith(".override"))  # noqa: PLW2901
            file.write_bytes(text.replace(f"{FOLDER}/", f"{self._folder}/").encode())

    def _outcome(
        self, process: subprocess.Popen[bytes], wanted: re.Pattern[str], seconds: float
    ) -> str | None:
        """Return the refusal in what the process says that matches `wanted`; None if it says nothing."""
        end = time.monotonic() + seconds
        while True:
            ended = process.poll() is not None
            said = self._output.read_bytes().decode(errors="replace")
            if found := wanted.search(said):
                return found["refusal"] or ""
            if ended:
                return f"it ended: {said.strip()[-500:]}"
            if time.monotonic() > end:
                return None
            time.sleep(0.003)


def furnish(folder: Path) -> None:
    """Give this namespace its addresses, an interface, and files of its own in /etc."""
    with IPRoute() as route:
        route.link("add", ifname=network.INTERFACE, kind="veth", peer={"ifname": "upstreams"})
        index = {name: route.link_lookup(ifname=name)[0] for name in ("lo", network.INTERFACE, "upstreams")}
        for number in index.values():
            route.link("set", index=number, state="up")
        played = [address for upstream in network.upstreams() for address in upstream.addresses]
        places = [("lo", address) for address in network.LISTENING]
        places += [(network.INTERFACE, address) for address in network.INTERFACE_ADDRESSES]
        others = dict.fromkeys([*played, network.PODS, network.ELSEWHERE])
        places += [("upstreams", address) for address in others if address not in network.LISTENING]
        for interface, address in places:
            length = 128 if ":" in address else 32
            # Without `nodad` an IPv6 address cannot be bound for two seconds.
            flags = {"flags": 0x02} if length == 128 else {}
            route.addr("add", index=index[interface], address=address, prefixlen=length, **flags)
    for name, text in {
        "resolv.conf": f"nameserver {network.RESOLV_CONF}\nsearch example.com\n",
        "hosts": "127.0.0.1 localhost\n10.244.0.2 coredns-7db6d8ff4d-abcde\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
        subprocess.run(["mount", "--bind", folder / name, Path("/etc", name).resolve()], check=True)


def main() -> None:
    """Furnish the namespaces, start what is played, and answer line by line."""
    program, folder = sys.argv[1], Path(sys.argv[2])
    furnish(folder)
    kubernetes_api.serve(API_PORT)
    others = CoreDNS(program, folder / "upstreams")
    if refusal := others.load(network.upstream_corefile(), {}, fresh=True):
        raise RuntimeError(f"the name servers do not start: {refusal}")
    coredns = CoreDNS(program, folder / "coredns")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_seen(coredns, json.loads(line))) + "\n")
        sys.stdout.flush()


def _seen(coredns: CoreDNS, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Load and ask; a CoreDNS that loaded a text, and then has no answer at all, is given another chance."""
    questions = [Question(*question) for question in wanted["questions"]]
    for fresh in dict.fromkeys((wanted["fresh"], True)):
        if refusal := coredns.load(wanted["corefile"], wanted["files"], fresh=fresh):
            return {"refusal": refusal, "answers": [], "ended": ""}
        if fresh or any(answer.rcode != SILENCE for answer in ask(questions[:5], patience=(0.5,))):
            break
    return {"refusal": "", "answers": ask(questions), "ended": coredns.last_words}


if __name__ == "__main__":
    os.environ.pop("KUBECONFIG", None)
    main()
