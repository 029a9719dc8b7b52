"""The resource that runs the check, between Argo CD and the Applications."""

from __future__ import annotations

import pulumi
from pulumi import ResourceOptions
from pulumi_command import local

from components.dns.check.question import Question

CHECK = ".venv/bin/python -m components.dns.check"
"""As seen from the project's folder, and the same on every machine: what stands in the state must not
change with the machine that runs Pulumi."""


def prove(question: Question | None, opts: ResourceOptions) -> list[pulumi.Resource]:
    """Declare the proof that `question` asks for, and what has to wait for it; nothing without a question.

    It runs when it is created, and again when the question changes: other zones, servers or hosts entries.
    """
    if question is None:
        return []
    asked = question.to_json()
    return [local.Command("name-resolution", create=CHECK, stdin=asked, triggers=[asked], opts=opts)]
