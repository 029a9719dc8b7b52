"""`python -m tools.forget STACK`: let go of a stack; everything stays in the cluster, and works as it does.

The marks of the stack go, and what its state knows. Ends with 0 when it is done, with 1 when it is not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.objects import Mark, marked, take_marks_off
from components.cluster.pulumi_command import PulumiError, exported, resources_in, run_pulumi
from tools.command_line import failed

_GUARD = ":FinalizerGuard"
_KEPT_STATES = Path(".cache")


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, and then forget the stack that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(prog="forget", description=__doc__.partition("\n")[0])
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    try:
        return _forget(options.stack, ask=not options.yes)
    except (ClusterError, PulumiError, OSError) as error:
        return failed(error)
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was changed.", file=sys.stderr)
        return 1


def _forget(stack: str, *, ask: bool) -> int:
    state = exported(stack)
    known = resources_in(state)
    if not known:
        print(f"The state of the stack {stack} is empty: there is nothing to forget.")
        return 0
    place = _place(known)
    context, mark = place["context"], Mark(place["stack"], place.get("identity", ""))
    with Reader(context) as cluster:
        objects = marked(cluster, place["namespace"], mark)
        print(f"The stack {stack} will be forgotten. Nothing is deleted, and DNS stays as it is.")
        print(f"  state: {len(known)} resources are taken out of it")
        print(f"  cluster {context}: the marks of this stack go from {len(objects)} objects")
        for path in objects:
            print(f"    {path}")
        if ask and input("Do it? yes or no [no]: ").strip().lower() not in {"y", "yes"}:
            print("Nothing was changed.")
            return 1
        for path in objects:
            take_marks_off(cluster, path, mark)
        print(f"The state of before is kept in {_empty(stack, state)}.")
    print(f"Done. Another stack may adopt all of it; `pulumi stack rm {stack}` takes the empty stack away.")
    return 0


def _place(known: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the kube-context, Argo CD's namespace and the mark, which the guard in the state knows."""
    inputs = [resource.get("inputs") for resource in known if str(resource.get("type")).endswith(_GUARD)]
    if not inputs or not inputs[0]:
        raise PulumiError(
            "the state does not say which cluster it is, since no `up` of this stack has ended, or a "
            "`destroy` has begun: run `pulumi up` first"
        )
    found: Mapping[str, str] = inputs[0]
    return found


def _empty(stack: str, state: dict[str, Any]) -> Path:
    """Take all resources out of the state; return the file that has the state of before."""
    _KEPT_STATES.mkdir(exist_ok=True)
    before = _KEPT_STATES / f"state-of-{stack}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    before.write_text(json.dumps(state), encoding="utf-8")
    before.chmod(0o600)
    deployment = {**state["deployment"], "resources": [], "pending_operations": []}
    run_pulumi("stack", "import", "--stack", stack, given=json.dumps({**state, "deployment": deployment}))
    return before


if __name__ == "__main__":
    sys.exit(main())
