"""A start of the program reads only what it needs: each `pulumi` command begins with two or more of them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SLOW = {
    "rfc3987_syntax": "where it is installed, jsonschema reads its grammar for 1.5 s: requirements-audit.txt",
    "gitlab": "only `discover` needs it",
    "requests": "as above",
    "rich": "only the lab shows anything with it",
}


@pytest.mark.parametrize(
    "module", ["components.program", "components.dns.provider", "components.projects.guard"]
)
def test_nothing_slow_is_imported(module: str) -> None:
    program = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(json.loads(done.stdout))
    assert {name: why for name, why in SLOW.items() if name in imported} == {}
