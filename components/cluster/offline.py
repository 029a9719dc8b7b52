"""`PROTOBOX_OFFLINE=1`: preview on a machine that may not reach the cluster, such as a runner elsewhere.

Nothing of this program then asks the cluster. The preview shows everything that can be known without it, and
says in one warning what cannot. `up` refuses, since it would change what nobody has looked at. `destroy` does
not run this program; only the DNS layers refuse it, since the plugin knows nothing of the variable.

The Kubernetes plugin is a program of its own, which reads the kubeconfig by itself. It takes a cluster that
it cannot reach for none, and then previews what the stack declares; with `KUBECONFIG=/dev/null` it does so at
once, and dials nothing.
"""

from __future__ import annotations

import os

from components.cluster.errors import ClusterError

VARIABLE = "PROTOBOX_OFFLINE"
"""The environment variable that asks for it."""

HEADLINE = "Offline preview:"
"""How the warning begins; the note on a merge request is found by it."""

_ON, _OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


def is_offline() -> bool:
    """Tell whether the cluster must not be asked.

    Raises:
        ClusterError: the variable is neither on nor off.
    """
    value = os.environ.get(VARIABLE, "").strip().lower()
    if value not in (*_ON, *_OFF):
        raise ClusterError(
            f"{VARIABLE} is {value!r} in the environment",
            "it decides whether this run may ask the cluster, and nobody should have to guess",
            f"set {VARIABLE}=1 for a preview without the cluster; otherwise take it out of the environment",
        )
    return value in _ON


def refuse_changes(result: str = "nothing was changed") -> None:
    """Make sure that this run may change something; `result` is told of what has become of it.

    Raises:
        ClusterError: it may not, since it must not ask the cluster.
    """
    if is_offline():
        raise ClusterError(
            f"{VARIABLE} is set, so this run may not change anything; {result}",
            "without looking at the cluster it could overwrite what somebody else has put there, and take "
            "down the cluster's DNS",
            f"run this where the cluster answers, with {VARIABLE} taken out of the environment "
            f"(unset {VARIABLE}); `pulumi preview` works with it",
        )
