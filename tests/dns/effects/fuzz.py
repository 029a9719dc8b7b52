"""Try random Corefiles on the product and in real CoreDNS for a while: `make effects SECONDS=3600`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lab.errors import LabError
from tests.dns.corefile.fuzz import versions
from tests.dns.effects.case import Case
from tests.dns.effects.oracle import FAULTY, Oracle, Verdict
from tests.dns.effects.random_cases import endless
from tests.dns.effects.shrinking import shrunk
from tests.dns.effects.site import Site

_SHRUNK_PER_CAUSE = 3
_MOST_CAUSES = 30


@dataclass
class Tally:
    """What became of how many cases."""

    words: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> bool:
        """Count one case, and tell whether its cause is not well known yet."""
        self.words[verdict.word] += 1
        if verdict.word == FAULTY:
            self.kinds[verdict.kind] += 1
        if verdict.cause:
            self.causes[verdict.cause] += 1
        return self.causes[verdict.cause] <= _SHRUNK_PER_CAUSE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and return the exit code: 1 after a fault, 2 where it cannot run."""
    parser = argparse.ArgumentParser(prog="python -m tests.dns.effects.fuzz", description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed", type=int, nargs="?", default=int(time.time()))
    parser.add_argument("--count", type=int, help="stop after so many Corefiles")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--report", type=Path, help="a file to which every finding is appended, made smaller")
    parser.add_argument("--causes", action="store_true", help="tell how often which cause was found")
    options = parser.parse_args(arguments)
    programs = versions()
    if not programs:
        _say("There is no CoreDNS yet; `make lab-full` builds both versions.")
        return 2
    _say(f"{options.seconds:.0f} s with the seed {options.seed}, with CoreDNS {' and '.join(programs)}")
    began = time.monotonic()
    cases = islice(endless(options.seed), options.count)
    run = Run(programs, cases, began + options.seconds, options.report)
    try:
        tally = run.judged(options.workers)
    except LabError as error:
        _say(str(error))
        return 2
    seconds = time.monotonic() - began
    total = tally.words.total()
    _say(f"{total} Corefiles in {seconds:.0f} s, {total / seconds:.1f} a second")
    for word, number in (tally.words + tally.kinds).most_common():
        _say(f"  {number:>8}  {number * 1000 / max(total, 1):>6.1f} of 1,000  {word}")
    for cause, number in tally.causes.most_common(_MOST_CAUSES) if options.causes else ():
        _say(f"  {number:>8}  {cause}")
    return int(bool(tally.words[FAULTY]))


@dataclass
class Run:
    """Judges cases on several sites at a time."""

    programs: dict[str, Path]
    cases: Iterator[Case]
    end: float
    """When no new case is begun."""
    report: Path | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tally: Tally = field(default_factory=Tally)

    def judged(self, workers: int) -> Tally:
        """Return what became of all cases.

        Raises:
            LabError: this machine gives no namespaces.
        """
        with ThreadPoolExecutor(workers) as pool:
            running = [pool.submit(self._work) for _ in range(workers)]
            try:
                for done in running:
                    done.result()
            finally:  # Ctrl-C too: the pool waits for its threads, and they for this
                self.end = 0
        return self._tally

    def _work(self) -> None:
        with ExitStack() as stack:
            oracle = Oracle({v: stack.enter_context(Site(program)) for v, program in self.programs.items()})
            while time.monotonic() < self.end and (case := self._next()):
                verdict = oracle.judge(case)
                with self._lock:
                    is_new = self._tally.add(verdict)
                if is_new and (verdict.word == FAULTY or (verdict.kind and self.report)):
                    self._tell(oracle, case, verdict)

    def _next(self) -> Case | None:
        with self._lock:
            return next(self.cases, None)

    def _tell(self, oracle: Oracle, case: Case, verdict: Verdict) -> None:
        """Make a finding small and show it; a refusal that nobody needs goes to the report only."""

        def still(smaller: Case) -> bool:
            return time.monotonic() < self.end and oracle.judge(smaller).cause == verdict.cause

        small = shrunk(case, still)
        found = described(small, oracle.judge(small, fresh=True))
        with self._lock:
            if verdict.word == FAULTY:
                _say(found)
            if self.report:
                with self.report.open("a", encoding="utf-8") as file:
                    file.write(found)


def described(case: Case, verdict: Verdict) -> str:
    """Return a finding as text for a person."""
    faults = [f"{version}: {fault}" for version, found in verdict.faults.items() for fault in found[:6]]
    outcome = verdict.outcome
    lines = [f"## {verdict.kind}", *faults, f"outcome: {outcome.outcome} {outcome.reason}".rstrip()]
    lines += [f"  takes away {taken}" for taken in outcome.takes_away]
    lines += [f"  left to others: {key}" for key in outcome.left_to_others]
    lines += [f"  warning: {warning}" for warning in outcome.warnings]
    return "\n".join([*lines, str(case), "", ""])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job ends like Ctrl-C
    sys.exit(main())
