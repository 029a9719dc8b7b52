"""The row about kubectl, with which `up` proves that the names resolve."""

from __future__ import annotations

import shutil

from components.dns.proof.pod import NO_KUBECTL
from components.settings import Settings, is_proven
from review.preflight.looking import Check
from review.preflight.rows import Mark, Row

PROOF = "kubectl"


def proof_checks(settings: Settings, purpose: str, seconds: float) -> list[Check]:
    """Return the check, if `up` proves anything; a preview does not.

    Args:
        settings: the stack's settings.
        purpose: `preview` or `up`.
        seconds: how long it may take.
    """
    if purpose != "up" or not is_proven(settings.dns):
        return []
    late = Row(Mark.FAILED, PROOF, f"PATH could not be searched within {seconds:g} s")
    return [Check(PROOF, _look, seconds, late)]


def _look() -> Row:
    if found := shutil.which("kubectl"):
        return Row(Mark.OK, PROOF, found)
    what, why, fix = NO_KUBECTL
    return Row(Mark.FAILED, PROOF, f"{what}; {why}", fix)
