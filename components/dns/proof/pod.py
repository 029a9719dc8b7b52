"""Commands in the pod that dials Git, argocd-repo-server, by `kubectl exec`."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

POD = "deployment/argocd-repo-server"
"""argocd-repo-server dials Git, also for argocd-server's "test connection"."""
_SECONDS_FOR_ONE_COMMAND = 40
# The command's exit code comes as its last line: what kubectl ends with can as well be its own failure.
_MARK = "\nexit code "
_TELLING = ("sh", "-c", '"$@"; printf "\\nexit code %s" "$?"', "sh")


NO_KUBECTL = (
    "there is no kubectl on PATH",
    "it is the way into the pod that dials Git, where the names have to resolve before anything else is done",
    "install kubectl, or do without the proof: protobox-cd:dns.verify: false",
)
"""What is wrong, why it matters, and the fix."""


class PodError(Exception):
    """Nothing could be run in the pod; the text says why."""


class NoKubectlError(PodError):
    """Nothing can be run in any pod, however long it is tried."""


@dataclass(frozen=True)
class Result:
    """What a command in the pod came to."""

    code: int
    out: str
    err: str = ""


class Runner(Protocol):
    """Whatever runs a command in the pod."""

    def __call__(self, *command: str) -> Result:
        """Run `command`."""


class Kubectl:
    """`kubectl` on one cluster, and in Argo CD's namespace."""

    def __init__(self, context: str, namespace: str) -> None:
        self._kubectl = ["kubectl", "--context", context, "--request-timeout=20s"]
        self._namespace = namespace

    def exec(self, *command: str) -> Result:
        """Run `command` in the pod.

        Raises:
            NoKubectlError: there is no kubectl.
            PodError: there is no pod, or no way into it.
        """
        done = self._run(["--namespace", self._namespace, "exec", POD, "--", *_TELLING, *command])
        out, mark, code = done.out.rpartition(_MARK)
        if not mark:
            words = (done.err or done.out).strip() or f"kubectl ended with {done.code}"
            raise PodError(f"no command can be run in {POD} of the namespace {self._namespace}: {words}")
        return Result(int(code), out, done.err)

    def dns_services(self) -> list[str]:
        """Return the addresses of the cluster's DNS Services; none if they cannot be read."""
        selection = ["--namespace", "kube-system", "get", "service", "--selector", "k8s-app=kube-dns"]
        return self._run([*selection, "--output", "jsonpath={.items[*].spec.clusterIP}"]).out.split()

    def _run(self, arguments: Sequence[str]) -> Result:
        try:
            done = subprocess.run(
                [*self._kubectl, *arguments],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                stdin=subprocess.DEVNULL,
                timeout=_SECONDS_FOR_ONE_COMMAND,
            )
        except FileNotFoundError:
            what, why, fix = NO_KUBECTL
            raise NoKubectlError(f"{what}; {why}; {fix}") from None
        except subprocess.TimeoutExpired:
            raise PodError(f"kubectl has not ended after {_SECONDS_FOR_ONE_COMMAND} s") from None
        return Result(done.returncode, done.stdout, done.stderr)
