"""The resource that runs the check, between Argo CD and the Applications."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

import pulumi
from pulumi import ResourceOptions
from pulumi_command import local

from components.dns.proof.building import question
from components.dns.proof.pod import NO_KUBECTL
from components.dns.proof.question import Question
from components.dns.strategy import Strategy
from components.projects.declared import Use
from components.settings import Problem, Settings, SettingsError

CHECK = ".venv/bin/python -m components.dns.proof"
"""As seen from the project's folder, and the same on every machine: what stands in the state must not
change with the machine that runs Pulumi."""


def what_to_prove(
    settings: Settings, strategy: Strategy, uses: Mapping[str, Sequence[Use]]
) -> Question | None:
    """Return what `question` does, once it is certain that this run can prove it.

    Raises:
        SettingsError: this is no preview, and there is no kubectl: the stack would be changed, and then stop
            before its Applications.
    """
    asked = question(settings, strategy, uses)
    if asked and not pulumi.runtime.is_dry_run() and not shutil.which("kubectl"):
        raise SettingsError([Problem(("dns", "verify"), *NO_KUBECTL)])
    return asked


def prove(question: Question | None, opts: ResourceOptions) -> list[pulumi.Resource]:
    """Declare the proof that `question` asks for, and what has to wait for it; nothing without a question.

    It runs when it is created, and again when the question changes: other zones, servers or hosts entries.
    """
    if question is None:
        return []
    asked = question.to_json()
    return [local.Command("name-resolution", create=CHECK, stdin=asked, triggers=[asked], opts=opts)]
