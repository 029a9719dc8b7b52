"""How long the program takes to start, against the packages that it imports.

Each `pulumi` command starts it once, and once more for its dynamic resources. Processor time of fresh
processes, which take turns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial

from benchmarks.measuring import cpu_seconds, in_turns

PYTHON, PACKAGES, PROGRAM = "Python itself", "the packages", "the program"
_IMPORTED = (
    "components.program, components.argocd.component, components.dns.deployment, "
    "components.projects.component"
)
"""What `__main__.py` imports, but for what is small."""
_OURS = ("components", "__main__")


def packages() -> str:
    """Return the modules of others that a start of the program imports, as an `import` statement has them."""
    program = f"import json, sys; before = set(sys.modules); import {_IMPORTED}; "
    program += "print(json.dumps([name for name in sys.modules if name not in before]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names = [name for name in json.loads(done.stdout) if name.partition(".")[0] not in _OURS]
    return ", ".join(name for name in names if all(part.isidentifier() for part in name.split(".")))


def seconds(statement: str) -> float:
    """Return the processor time of a Python that runs a statement."""
    before = cpu_seconds()
    subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True)
    return round(cpu_seconds() - before, 3)


def measured(runs: int) -> dict[str, list[float]]:
    """Return what is started → processor seconds of each run."""
    statements = {
        PYTHON: "pass",
        PACKAGES: f"import importlib\nfor name in {packages()!r}.split(', '):\n"
        "    try:\n        importlib.import_module(name)\n    except ImportError:\n        pass",
        PROGRAM: f"import {_IMPORTED}",
    }
    return in_turns({name: partial(seconds, statement) for name, statement in statements.items()}, runs)
