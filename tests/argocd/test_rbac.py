"""What a policy says and means nothing to Argo CD is told, with the line as it has to be."""

from __future__ import annotations

import pytest

from components.argocd.rbac import rbac_problems
from tests.site import settings


def told(policy: str = "", default: str = "role:readonly", **argocd: object) -> list[tuple[str, str]]:
    read = settings(argocd={"rbac": {"policy": policy, "defaultPolicy": default}, **argocd})
    return [(problem.what, problem.fix) for problem in rbac_problems(read.argocd)]


@pytest.mark.parametrize(
    "policy",
    [
        "p, role:dev, applications, sync, */*, allow\ng, protobox1, role:dev",
        "p, role:dev, applications, action/apps/Deployment/restart, */*, deny",
        "p, role:dev, applications, delete/*/Pod/*, shop/*, allow",
        "p, role:dev, *, *, *, allow",
        "p, alice, logs, get, */*, allow\ng, alice, role:admin",
        "p, role:dev, extensions, invoke, metrics, allow",
        "# a comment\n\ng, a, group-of-somebody",
    ],
)
def test_a_policy_that_means_something_is_fine(policy: str) -> None:
    assert told(policy) == []


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        (
            "p, role:a, application, get, */*, allow",
            "no resource 'application'",
            "p, role:a, applications, get",
        ),
        ("p, role:a, applications, synch, */*, allow", "no action 'synch'", "applications, sync, */*"),
        ("p, role:a, applications, get, */*, allowx", "no effect 'allowx'", "*/*, allow"),
        ("# a\n\np, a, b\n", "line 3 of the policy is no rule", "`p, subject"),
        ("role:a, b", "line 1 of the policy is no rule", "`g, group, role`"),
        ("g, a\rb, c", "line 1 of the policy is no rule", "`g, group, role`"),
        ("g, a, b, c", "line 1 of the policy is no rule", "`g, group, role`"),
        ("g, team, role:amdin", "nobody defines role:amdin", "g, team, role:admin"),
    ],
)
def test_a_line_that_means_nothing_is_told_with_the_right_one(line: str, what: str, fix: str) -> None:
    ((said, better),) = told(line)
    assert what in said
    assert fix in better


def test_a_role_may_be_defined_in_the_charts_own_values() -> None:
    values = {"configs": {"rbac": {"policy.csv": "p, role:ops, applications, get, */*, allow"}}}
    assert told("g, team, role:ops", "role:ops", values=values) == []
    ((what, fix),) = told(default="readonly")
    assert (what, fix) == ("no role is called 'readonly'", "write role:readonly")


def test_of_regular_expressions_no_word_is_judged() -> None:
    line = "p, role:developer, applications, (get|sync), .*, allow"
    values = {"configs": {"rbac": {"policy.matchMode": "regex"}}}
    read = settings(argocd={"rbac": {"policy": line}, "values": values})
    assert [*rbac_problems(read.argocd)] == []
