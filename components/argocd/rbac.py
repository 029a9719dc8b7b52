"""Argo CD's RBAC: what a policy says that it cannot read, or that means nothing to it.

Source: Argo CD v3.4.4, `util/rbac/rbac.go`, `assets/{model.conf,builtin-policy.csv}` and docs
operator-manual/rbac.md.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from components.argocd.checks_of_values import text_at
from components.argocd.section import ArgoCDSettings
from components.stackfile.problems import Problem

_RESOURCES = (
    "clusters",
    "projects",
    "applications",
    "applicationsets",
    "repositories",
    "write-repositories",
    "certificates",
    "accounts",
    "gpgkeys",
    "logs",
    "exec",
    "extensions",
)
_ACTIONS = ("get", "create", "update", "delete", "sync", "override", "action", "invoke")
_EFFECTS = ("allow", "deny")
_IN_APP_PROJECTS = ("applications", "applicationsets", "repositories", "exec", "logs", "clusters")
_ACTION_IN_APP_PROJECTS = re.compile(r"get|create|update|delete|sync|override|\*|(action|update|delete)/.*")
_BUILT_IN = frozenset({"role:admin", "role:readonly"})
_FIELDS = {"p": 6, "g": 3}
"""Fields of a policy line, the first one included (`loadPolicyLine`)."""
_IGNORED = "Argo CD reads the line and never grants anything by it"
_GLOB = re.compile(r"[*?\[{]")


def rbac_problems(argocd: ArgoCDSettings) -> Iterator[Problem]:
    """Yield what stands in `argocd.rbac` and means nothing to Argo CD."""
    rbac = argocd.rbac
    if rbac is None:
        return
    place = ("argocd", "rbac")
    lines = list(_lines(rbac.policy or ""))
    in_values = _lines(text_at(argocd.values, "configs", "rbac", "policy.csv"))
    roles = _BUILT_IN | {
        words[1] for _, words in (*lines, *in_values) if words[0] in {"p", "g"} and len(words) > 1
    }
    for number, words in lines:
        if _FIELDS.get(words[0]) != len(words):
            yield Problem(
                (*place, "policy"),
                f"line {number} of the policy is no rule: {', '.join(words)!r}",
                "Argo CD refuses the whole policy for one bad line, and then nobody gets any of its rights",
                "a rule is `p, subject, resource, action, object, allow` or `g, group, role`, for example "
                "p, role:developer, applications, sync, */*, allow",
            )
        elif wrong := list(_of_line(words, roles)):
            meant = {word: better for word, _, better in wrong}
            yield Problem(
                (*place, "policy"),
                f"line {number} of the policy: {'; '.join(what for _, what, _ in wrong)}",
                _IGNORED,
                f"write the line as {', '.join(meant.get(word, word) for word in words)}",
            )
    default = rbac.default_policy
    if default and default not in roles:
        yield Problem(
            (*place, "defaultPolicy"),
            f"no role is called {default!r}",
            "whoever logs in would have no rights at all",
            f"write {_near(default, sorted(roles), 'role:readonly')}",
        )


def _lines(policy: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(policy.split("\n"), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            try:
                words = next(csv.reader([text], skipinitialspace=True))
            except csv.Error:
                words = [text]
            yield number, [word.strip() for word in words]


def _of_line(words: list[str], roles: AbstractSet[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the words that mean nothing, each with what is wrong, and with the word that is meant."""
    match words:
        case ["p", _, resource, action, _, effect]:
            if not _GLOB.search(resource) and resource not in _RESOURCES:
                yield (
                    resource,
                    f"there is no resource {resource!r}",
                    _near(resource, _RESOURCES, "applications"),
                )
            verb = action.partition("/")[0]
            if not _GLOB.search(verb) and verb not in _ACTIONS:
                yield action, f"there is no action {action!r}", _near(action, _ACTIONS, "get")
            if effect not in _EFFECTS:
                yield effect, f"there is no effect {effect!r}", _near(effect, _EFFECTS, "allow")
        case ["g", _, role] if role.startswith("role:") and role not in roles:
            yield role, f"nobody defines {role}", _near(role, sorted(roles), "role:readonly")


def _near(word: str, known: Sequence[str], otherwise: str) -> str:
    return next(iter(difflib.get_close_matches(word, known, n=1)), otherwise)


def policy_problem(line: str, app_project: str, role: str) -> tuple[str, str] | None:
    """Return what is wrong with a role's line and what to write instead; None if Argo CD takes it.

    Source: Argo CD v3.4.4, `v1alpha1/types.go`, validatePolicy.

    Args:
        line: `p, proj:<AppProject>:<role>, <resource>, <action>, <object>, <effect>`.
        app_project: the AppProject that the role is in.
        role: the role's name.
    """
    example = f"p, proj:{app_project}:{role}, applications, sync, {app_project}/*, allow"
    parts = [part.strip(" ") for part in line.split(",")]
    if len(parts) != _FIELDS["p"] or parts[0] != "p":
        return f"{line!r} is not a policy of six fields", f"write for example {example}"
    _, subject, resource, action, target, effect = parts
    own_object = rf"{re.escape(app_project)}(/[*\w.-]+)?/[*\w.-]+"
    if subject != f"proj:{app_project}:{role}":
        wrong = f"the policy is for {subject!r}", f"write proj:{app_project}:{role}"
    elif resource not in _IN_APP_PROJECTS:
        wrong = (
            f"there is no resource {resource!r} in an AppProject",
            f"write one of {', '.join(_IN_APP_PROJECTS)}",
        )
    elif not _ACTION_IN_APP_PROJECTS.fullmatch(action):
        wrong = f"there is no action {action!r}", "write get, create, update, delete, sync, override or *"
    elif not re.fullmatch(own_object, target, re.ASCII):
        wrong = (
            f"{target!r} is no object of this AppProject",
            f"write {app_project}/<application> or {app_project}/*",
        )
    elif effect not in {"allow", "deny"}:
        wrong = f"there is no effect {effect!r}", "write allow or deny"
    else:
        return None
    return wrong
