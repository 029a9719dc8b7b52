"""A `helm` on PATH that writes down what it was called with, and then is the real one."""

import sys
from pathlib import Path

_SHIM = """\
#!{python} -IS
import json, os, sys
with open({calls!r}, "a") as calls:
    print(json.dumps(sys.argv[1:]), file=calls)
os.execv({helm!r}, ["helm", *sys.argv[1:]])
"""


def write_shim(folder: Path, helm: Path) -> Path:
    """Write the shim into `folder`; return the file of the calls, one JSON list a line."""
    calls = folder / "calls"
    shim = folder / "helm"
    shim.write_text(_SHIM.format(python=sys.executable, calls=str(calls), helm=str(helm)), encoding="utf-8")
    shim.chmod(0o755)
    calls.touch()
    return calls
