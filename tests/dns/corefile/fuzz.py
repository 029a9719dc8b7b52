"""Compare the Corefile parser with real CoreDNS for a while: `make fuzz SECONDS=3600`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.programs import find_optional
from lab.programs.catalogue import COREDNS, OLD_COREDNS
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
    with ThreadPoolExecutor() as pool:
        runs = {
            version: pool.submit(_run, program, options.seed, options.seconds)
            for version, program in programs.items()
        }
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
    found = {COREDNS.version: COREDNS.folder / "coredns", OLD_COREDNS.version: find_optional("coredns-1.9")}
    return {version: program for version, program in found.items() if program and program.is_file()}


def corpus() -> list[str]:
    """Return the Corefiles of the corpus in the form in which they may be loaded here."""
    return [harmless(read(name)) for name in expectations()]


def _run(program: Path, seed: int, seconds: float) -> Counter[str]:
    with tempfile.TemporaryDirectory() as folder, RealCoreDNS(program, Path(folder)) as coredns:
        return compare(_for(seconds, endless(seed, corpus())), coredns)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _for(seconds: float, texts: Iterator[str]) -> Iterator[str]:
    end = time.monotonic() + seconds
    for text in texts:
        if time.monotonic() > end:
            return
        yield text


if __name__ == "__main__":
    sys.exit(main())
