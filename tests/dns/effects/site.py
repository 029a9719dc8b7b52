"""A private network with a real CoreDNS in it, to which texts and questions are handed from outside."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lab.first_sync.namespace import unshare_command
from tests.dns.effects.asking import Answer, Question

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Seen:
    """What became of one text."""

    refusal: str
    """Why CoreDNS did not load it; "" if it did."""
    answers: Mapping[Question, Answer]
    ended: str = ""
    """The last words of a CoreDNS that ended after it had loaded the text."""


class Site:
    """One CoreDNS program in namespaces of its own; used as a context manager.

    Raises:
        LabError: this machine gives no namespaces.
    """

    def __init__(self, program: Path) -> None:
        self._command = [*unshare_command(), sys.executable, "-m", "tests.dns.effects.inside", str(program)]

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="effects-"))
        self._log = (self._folder / "inside.log").open("wb")
        self._process = subprocess.Popen(
            [*self._command, str(self._folder)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        self._line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # `--kill-child`: the kernel then ends everything in the namespace
        self._process.communicate()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def see(
        self, corefile: str, files: Mapping[str, str], questions: Sequence[Question], *, fresh: bool = False
    ) -> Seen:
        """Load a text beside `files`, and ask all questions."""
        wanted = {"corefile": corefile, "files": dict(files), "questions": questions, "fresh": fresh}
        if self._process.stdin is None:
            raise RuntimeError("the process inside was started without a pipe")
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._process.stdin.flush()
        report = json.loads(self._line())
        answers = (Answer(rcode, tuple(records)) for rcode, records in report["answers"])
        return Seen(report["refusal"], dict(zip(questions, answers, strict=False)), report["ended"])

    def _line(self) -> bytes:
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            said = (self._folder / "inside.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"the process inside has ended: {said[-3000:]}")
        return line
