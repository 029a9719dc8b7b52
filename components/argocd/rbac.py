"""Argo CD's RBAC: what people may do, and what a policy says that means nothing to Argo CD.

Argo CD tells of a bad policy in its log only. Source: Argo CD v3.4.4, `util/rbac/rbac.go`,
`assets/{model.conf,builtin-policy.csv}` and docs operator-manual/rbac.md.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from components.argocd.values import Topic, at, in_chart_words, text_at
from components.stackfile.problems import Problem

if TYPE_CHECKING:
    from components.argocd.section import ArgoCDSettings

_IN_APP_PROJECTS = ("applications", "applicationsets", "repositories", "exec", "logs", "clusters")
_RESOURCES = (
    *_IN_APP_PROJECTS,
    "projects",
    "write-repositories",
    "certificates",
    "accounts",
    "gpgkeys",
    "extensions",
)
_ACTIONS = ("get", "create", "update", "delete", "sync", "override", "action", "invoke")
_EFFECTS = ("allow", "deny")
_BUILT_IN = ("role:readonly", "role:admin")
_FIELDS = {"p": 6, "g": 3}
"""Fields of a policy line, the first one included (`loadPolicyLine`)."""
_GLOB = re.compile(r"[*?\[{]")


class RbacSettings(Topic):
    """What people may do in Argo CD."""

    default_policy: str | None = Field(
        default=None, min_length=1, serialization_alias="policy.default", examples=["role:readonly"]
    )
    """The role of everybody who is logged in; none by default, so that people see nothing."""
    policy: str | None = Field(
        default=None, serialization_alias="policy.csv", examples=["g, protobox1, role:admin"]
    )
    """Argo CD's policy, one rule a line: `p, ...` for rights, `g, ...` for roles; `#` begins a comment."""
    scopes: list[str] = Field(default_factory=list, examples=[["groups", "email"]])
    """The OIDC claims that a policy's subjects are compared with; groups by default."""

    def chart_values(self) -> dict[str, Any]:
        """Return the values for Argo CD's ConfigMap of rights."""
        scopes = f"[{', '.join(self.scopes)}]" if self.scopes else None  # Argo CD reads it as YAML
        return at(("configs", "rbac"), {**in_chart_words(self, "scopes"), **at(("scopes",), scopes)})


def rbac_problems(argocd: ArgoCDSettings) -> Iterator[Problem]:
    """Yield what stands in `argocd.rbac` and means nothing to Argo CD."""
    rbac = argocd.rbac
    if rbac is None:
        return
    place = ("argocd", "rbac")
    is_regex = text_at(argocd.values, "configs", "rbac", "policy.matchMode") == "regex"
    lines = list(_lines(rbac.policy or ""))
    in_values = _lines(text_at(argocd.values, "configs", "rbac", "policy.csv"))
    named = {words[1] for _, words in (*lines, *in_values) if words[0] in _FIELDS and len(words) > 1}
    roles = (*_BUILT_IN, *sorted(named))
    for number, words in lines:
        if _FIELDS.get(words[0]) != len(words):
            yield Problem(
                (*place, "policy"),
                f"line {number} of the policy is no rule: {', '.join(words)!r}",
                "Argo CD refuses the whole policy for one bad line, and then nobody gets any of its rights",
                "a rule is `p, subject, resource, action, object, allow` or `g, group, role`, for example "
                "p, role:developer, applications, sync, */*, allow",
            )
        elif not is_regex and (wrong := list(_meaningless(words, roles))):
            meant = {word: _near(word, known) for word, _, known in wrong}
            yield Problem(
                (*place, "policy"),
                f"line {number} of the policy: {'; '.join(what for _, what, _ in wrong)}",
                "Argo CD reads the line and never grants anything by it",
                f"write the line as {', '.join(meant.get(word, word) for word in words)}",
            )
    default = rbac.default_policy
    if default and default not in roles:
        yield Problem(
            (*place, "defaultPolicy"),
            f"no role is called {default!r}",
            "whoever logs in would have no rights at all",
            f"write {_near(default, roles)}",
        )


def policy_problem(line: str, app_project: str, role: str) -> tuple[str, str] | None:
    """Return what is wrong with a role's line and what to write instead; None if Argo CD takes it.

    A line is `p, proj:<AppProject>:<role>, <resource>, <action>, <object>, <effect>`.
    """
    subject = f"proj:{app_project}:{role}"
    words = [word.strip() for word in line.split(",")]
    if len(words) != _FIELDS["p"] or words[0] != "p":
        example = f"p, {subject}, applications, sync, {app_project}/*, allow"
        return f"{line!r} is not a policy of six fields", f"write for example {example}"
    if words[1] != subject:
        return f"the policy is for {words[1]!r}", f"write {subject}"
    if not words[4].startswith(f"{app_project}/"):
        fix = f"write {app_project}/<application> or {app_project}/*"
        return f"{words[4]!r} is no object of this AppProject", fix
    found = _meaningless(words, resources=_IN_APP_PROJECTS)
    return next(((what, f"write one of {', '.join(known)}") for _, what, known in found), None)


def _lines(policy: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(policy.split("\n"), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                words = next(csv.reader([text], skipinitialspace=True))
            except csv.Error:
                words = [text]
            yield number, [word.strip() for word in words]


def _meaningless(
    words: list[str], roles: Sequence[str] = (), resources: Sequence[str] = _RESOURCES
) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield the words of a rule that mean nothing, each with what is wrong, and with what is known."""
    match words:
        case ["p", _, resource, action, _, effect]:
            if not _GLOB.search(resource) and resource not in resources:
                yield resource, f"there is no resource {resource!r}", resources
            verb = action.partition("/")[0]
            if not _GLOB.search(verb) and verb not in _ACTIONS:
                yield action, f"there is no action {action!r}", _ACTIONS
            if effect not in _EFFECTS:
                yield effect, f"there is no effect {effect!r}", _EFFECTS
        case ["g", _, role] if role.startswith("role:") and role not in roles:
            yield role, f"nobody defines {role}", roles


def _near(word: str, known: Sequence[str]) -> str:
    return next(iter(difflib.get_close_matches(word, known, n=1)), known[0])
