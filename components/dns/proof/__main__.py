"""`python -m components.dns.proof < question.json`: prove that the names resolve where Git is dialled.

Ends with 0 when every host resolves and its repository can be read; otherwise it names the failing layer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial

from components.dns.proof.observing import Observation, list_refs, name_of_the_cluster, observe
from components.dns.proof.pod import Kubectl, NoKubectlError, PodError, Runner
from components.dns.proof.question import Host, Question
from components.dns.proof.verdict import Verdict, judge, judge_cluster, judge_http, needs_credentials
from components.stackfile.printable import printable, say

_SECONDS_BETWEEN_TRIES = 2.0
_SECONDS_BETWEEN_LINES = 15.0
NOTHING_ASKED = (
    "error: this stack wants no proof: protobox-cd:dns.verify is false in its stack file, or no repository "
    "host needs the DNS strategy. Take verify: false out and run `pulumi up` once"
)
Say = Callable[[str], object]


def check(question: Question, run: Runner, services: Callable[[], list[str]], say: Say) -> list[Verdict]:
    """Return a verdict for each host that fails, and one if the cluster's own names do.

    Tries until the question's time is over.

    Raises:
        PodError: nothing can be run in the pod, until the end.
    """
    end = time.monotonic() + question.seconds

    def look(host: Host) -> Observation:
        return observe(host, run, services())

    verdicts = [
        _wait_for_name(host, look, partial(judge, host), end, say) or _read_repository(host, run, say)
        for host in question.hosts
    ]
    # A forwarded zone must not have taken the cluster's own names away.
    if name := name_of_the_cluster(run):
        verdicts.append(_wait_for_name(Host(name), look, partial(judge_cluster, name), end, say))
    return [verdict for verdict in verdicts if verdict]


def _wait_for_name(
    host: Host,
    look: Callable[[Host], Observation],
    judged: Callable[[Observation], Verdict | None],
    end: float,
    say: Say,
) -> Verdict | None:
    began = last_line = time.monotonic()
    while True:
        verdict: Verdict | None = None
        try:
            seen = look(host)
            verdict = judged(seen)
            if not verdict:
                found = ", ".join(seen.resolved)
                say(f"{host.name}: {found} in argocd-repo-server, after {time.monotonic() - began:.0f} s")
                return None
        except NoKubectlError:
            raise
        except PodError:
            if time.monotonic() > end:
                raise
        if verdict and time.monotonic() > end:
            return verdict
        if time.monotonic() - last_line > _SECONDS_BETWEEN_LINES:
            last_line = time.monotonic()
            reason = verdict.what if verdict else "no command can be run in the pod"
            say(f"{host.name}: not yet after {last_line - began:.0f} s: {reason}")
        time.sleep(_SECONDS_BETWEEN_TRIES)


def _read_repository(host: Host, run: Runner, say: Say) -> Verdict | None:
    if not host.repository:
        return None
    done = list_refs(host, run)
    if needs_credentials(done):
        say(f"{host.repository}: answers, and wants credentials, which only Argo CD has")
    elif not done.code:
        say(f"{host.repository}: Git can read it")
    return judge_http(host, done)


def main() -> int:
    """Read the question from standard input, answer it, and return the exit code."""
    asked = sys.stdin.read().strip()
    if not asked:
        print(NOTHING_ASKED, file=sys.stderr)
        return 2
    try:
        question = Question.from_json(asked)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    kubectl = Kubectl(question.context, question.namespace)
    try:
        failures = check(question, kubectl.exec, kubectl.dns_services, say)
    except PodError as error:
        print(printable(f"error: {error}"), file=sys.stderr)
        return 1
    for verdict in failures:
        print(printable(f"error: {verdict}"), file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
