"""`python -m tools.which_cluster STACK`: which cluster a stack is about, for `make up` to say it first."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import api_server
from tools.check import check
from tools.command_line import failed, stack_parser, stack_path


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the cluster of the stack on the command line; returns the exit code.

    Of a stack file with mistakes nothing is said here: Pulumi's preview tells them.
    """
    parser = stack_parser("which_cluster", "Say which cluster a stack is about.")
    stack = parser.parse_args(arguments).stack
    settings = check(stack_path(stack)).settings
    if settings is None:
        return 0
    context = settings.cluster.context
    try:
        print(f"Stack {stack} is about the cluster {api_server(context)} (kube-context {context}).")
    except ClusterError as error:
        return failed(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
