"""`python -m tools.new STACK`: write a new stack file, from answers or from options.

Ends with 0 when the file is written and has no mistake, with 1 when it is not, with 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from components.argocd.release import hidden_key
from components.stackfile.problems import STACK_NAME
from tools.check import as_text, check
from tools.command_line import failed
from tools.new.answers import STRATEGIES, Answers, stack_file
from tools.new.interview import Interview, NoAnswerError

_CANCELLED = 130


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="new", description="Write a new stack file. What no option says is asked for."
    )
    parser.add_argument("stack", help="the stack's name: prod writes Pulumi.prod.yaml")
    parser.add_argument("--context", help="the kube-context of the cluster")
    parser.add_argument("--base-url", help="the Git server's address, with its sub-path")
    parser.add_argument("--group", help="the group of the projects in Git")
    parser.add_argument("--scan", help="the folder in which the projects are checked out")
    parser.add_argument("--project", action="append", default=[], help="a project's name in Git; repeatable")
    parser.add_argument(
        "--name", help="the name that takes the place of the Git server's address in manifests"
    )
    parser.add_argument(
        "--adopt", action=argparse.BooleanOptionalAction, help="Argo CD is there already, or not"
    )
    parser.add_argument("--chart-version", help="the version of Argo CD's chart")
    parser.add_argument("--strategy", help=f"one of {', '.join(STRATEGIES)}")
    parser.add_argument("--zone", action="append", default=[], help="a zone to forward; repeatable")
    parser.add_argument("--server", action="append", default=[], help="a DNS server's address; repeatable")
    parser.add_argument("--address", help="the Git server's address, for hosts and hostAliases")
    parser.add_argument("--revision", help="the branch that Argo CD follows")
    parser.add_argument("--path", help="the folder of the manifests in each repository")
    parser.add_argument("--yes", action="store_true", help="ask nothing: take the defaults")
    return parser


def _refused(stack: str, path: Path) -> str:
    """Return why there can be no new stack of this name, "" if there can."""
    if not re.fullmatch(STACK_NAME, stack):
        return (
            f"{stack!r} is no name for a stack: Pulumi takes letters, digits, '-', '_' and '.', at most 100 "
            "of them; for example prod"
        )
    if path.exists():
        return f"{path} is there already, and nothing is overwritten; choose another name"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the stack file that the command line names; returns the exit code."""
    parser = _options()
    for word in sys.argv[1:] if arguments is None else arguments:
        if word.endswith("=--"):  # argparse takes the -- away, and leaves an empty list
            parser.error(f"argument {word.partition('=')[0]}: -- is no value")
    options = parser.parse_args(arguments)
    path = Path(f"Pulumi.{options.stack}.yaml")
    if refused := _refused(options.stack, path):
        return failed(refused)
    try:
        answers = Interview(options).answers()
    except NoAnswerError as error:
        return failed(error)
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was written.", file=sys.stderr)
        return _CANCELLED
    try:
        path.write_text(stack_file(answers), encoding="utf-8")
    except OSError as error:
        return failed(f"{path} cannot be written: {error.strerror}")
    result = check(path)
    text = as_text(path, result, colour=sys.stdout.isatty())
    if result.problems:
        path.unlink()
        print(f"\n{text}\n\n{path} is not written, since nothing could work with it: correct what is told.")
        return 1
    print(f"\n{path} is written.\n\n{text}\n\n{_next(options.stack, answers)}")
    return 0


def _next(stack: str, answers: Answers) -> str:
    """Return what to run now."""
    takes = "; what is taken over is shown as an import" if answers.adopt else ""
    return "\n".join(
        [
            "Next:",
            f"  pulumi stack init {stack}",
            *(f"  pulumi config set --secret --stack {stack} {hidden_key(path)}" for path in answers.secrets),
            f"  make preflight STACK={stack}    # can it work: cluster, rights, chart",
            f"  make up STACK={stack}    # shows a preview first, and asks{takes}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
