"""Compare the Corefile parser with real CoreDNS for a while: `make fuzz SECONDS=3600`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path

from lab.programs import find_optional
from lab.programs.catalogue import FULL_COREDNS, OLD_COREDNS
from tests.dns.corefile.corpus import expectations, harmless, read
from tests.dns.corefile.differential import ContradictionError, compare
from tests.dns.corefile.random_corefiles import endless
from tests.dns.corefile.real_coredns import RealCoreDNS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and return the exit code: 1 after a contradiction, 2 where there is no CoreDNS."""
    parser = argparse.ArgumentParser(prog="python -m tests.dns.corefile.fuzz", description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("seed", type=int, nargs="?", default=int(time.time()))
    options = parser.parse_args(arguments)
    programs = versions()
    if not programs:
        _say("There is no CoreDNS yet; `make lab-full` builds both versions.")
        return 2
    _say(f"{options.seconds:.0f} s with the seed {options.seed}, with CoreDNS {' and '.join(programs)}")
    over = threading.Event()
    timer = threading.Timer(options.seconds, over.set)
    with ThreadPoolExecutor() as pool:
        runs = {version: pool.submit(_run, one, options.seed, over) for version, one in programs.items()}
        try:
            timer.start()
            over.wait()
        finally:  # Ctrl-C too: the pool waits for its threads, and they for this
            timer.cancel()
            over.set()
    failed = False
    for version, run in runs.items():
        try:
            outcomes = run.result()
        except ContradictionError as error:
            failed = True
            _say(f"CoreDNS {version}: {error}")
        else:
            _say(f"CoreDNS {version}: {outcomes.total()} texts")
            for outcome, count in outcomes.most_common():
                _say(f"  {count:>8} {outcome}")
    return int(failed)


def versions() -> dict[str, Path]:
    """Return the CoreDNS programs that are built, by their versions."""
    found = {
        FULL_COREDNS.version: find_optional("coredns-1.15"),
        OLD_COREDNS.version: find_optional("coredns-1.9"),
    }
    return {version: program for version, program in found.items() if program and program.is_file()}


def corpus() -> list[str]:
    """Return the Corefiles of the corpus in the form in which they may be loaded here."""
    return [harmless(read(name)) for name in expectations()]


def _run(program: Path, seed: int, over: threading.Event) -> Counter[str]:
    texts = takewhile(lambda _: not over.is_set(), endless(seed, corpus()))
    with tempfile.TemporaryDirectory() as folder, RealCoreDNS(program, Path(folder)) as coredns:
        try:
            return compare(texts, coredns)
        except ContradictionError:
            over.set()
            raise


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job ends like Ctrl-C
    sys.exit(main())
