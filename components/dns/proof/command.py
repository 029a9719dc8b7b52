"""From the settings to the check's question, and to the resource that runs it before the Applications."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi
from pulumi import ResourceOptions
from pulumi_command import local

from components.dns.deployment import Deployment
from components.dns.proof.pod import NO_KUBECTL
from components.dns.proof.question import Question
from components.dns.section import DnsSettings
from components.projects.application import Use
from components.stackfile.problems import Problem, SettingsError

CHECK = ".venv/bin/python -m components.dns.proof"
"""As seen from the project's folder, and the same on every machine: what stands in the state must not
change with the machine that runs Pulumi."""


def what_to_prove(
    dns: DnsSettings, strategy: Deployment, uses: Mapping[str, Sequence[Use]], context: str, namespace: str
) -> Question | None:
    """Return what `question` does, once it is certain that this run can prove it.

    Raises:
        SettingsError: this is no preview, and there is no kubectl: the stack would be changed, and then stop
            before its Applications.
    """
    asked = question(dns, strategy, uses, context, namespace)
    if asked and not pulumi.runtime.is_dry_run() and not shutil.which("kubectl"):
        raise SettingsError([Problem(("dns", "verify"), *NO_KUBECTL)])
    return asked


def prove(question: Question | None, after: ResourceOptions) -> list[pulumi.Resource]:
    """Declare the proof that `question` asks for, and what has to wait for it; nothing without a question.

    It runs when it is created, and again when the question changes: other zones, servers or hosts entries.
    """
    if question is None:
        return []
    asked, opts = question.to_json(), ResourceOptions(depends_on=after.depends_on)
    return [local.Command("name-resolution", create=CHECK, stdin=asked, triggers=[asked], opts=opts)]


def question(
    dns: DnsSettings, strategy: Deployment, uses: Mapping[str, Sequence[Use]], context: str, namespace: str
) -> Question | None:
    """Return what to prove after an `up`; None if the stack wants no proof, or there is nothing to prove."""
    hosts = tuple(
        replace(host, repository=_over_http(named))
        for name, named in uses.items()
        if (host := dns.to_prove(name, strategy.found))
    )
    if not (dns.proof_seconds and hosts):
        return None
    return Question(context, namespace, hosts, float(dns.proof_seconds))


def _over_http(uses: Sequence[Use]) -> str:
    """Return the URL of the first Git repository that is read over HTTP, "" if there is none."""
    urls = (use.repository.url for use in uses if not use.repository.is_chart)
    return next((url for url in urls if url.startswith(("http://", "https://"))), "")
