"""How long the program takes to start, against the packages that it imports: `make bench`.

Each `pulumi` command starts it once, and once more for its dynamic resources. Processor time of fresh
processes, which take turns; medians, and the spread beside them.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys

from rich.console import Console
from rich.table import Table

RUNS = 9
TARGET = 1.15
PROGRAM = (
    "components.program, components.argocd.component, components.dns.strategy, components.projects.component"
)
"""What `__main__.py` imports, but for what is small."""
_OURS = ("components", "__main__")


def packages() -> str:
    """Return the modules of others that a start of the program imports, as an `import` statement has them."""
    program = f"import json, sys; before = set(sys.modules); import {PROGRAM}; "
    program += "print(json.dumps([name for name in sys.modules if name not in before]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names = [name for name in json.loads(done.stdout) if name.partition(".")[0] not in _OURS]
    return ", ".join(name for name in names if all(part.isidentifier() for part in name.split(".")))


def seconds(statement: str) -> float:
    """Return the processor time of a Python that runs a statement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    statements = {
        "Python itself": "pass",
        "the packages": f"import importlib\nfor name in {packages()!r}.split(', '):\n"
        "    try:\n        importlib.import_module(name)\n    except ImportError:\n        pass",
        "the program": f"import {PROGRAM}",
    }
    taken: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(RUNS):
        for name, statement in statements.items():
            taken[name].append(seconds(statement))
    table = Table("start of", "median", "least", "most", box=None, pad_edge=False)
    for name, times in taken.items():
        table.add_row(name, *(f"{one:.2f} s" for one in (statistics.median(times), min(times), max(times))))
    ratio = statistics.median(taken["the program"]) / statistics.median(taken["the packages"])
    console = Console()
    console.print(table)
    console.print(f"The program against its packages: {ratio:.2f}. Target: at most {TARGET:.2f}.\n")


if __name__ == "__main__":
    main()
