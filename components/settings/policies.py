"""Policy lines of an AppProject's roles. Source: Argo CD v3.4.4, `v1alpha1/types.go`, validatePolicy."""

from __future__ import annotations

import re

_RESOURCES = ("applications", "applicationsets", "repositories", "exec", "logs", "clusters")
_ACTION = re.compile(r"get|create|update|delete|sync|override|\*|(action|update|delete)/.*")
_FIELDS = 6


def policy_problem(line: str, app_project: str, role: str) -> tuple[str, str] | None:
    """Return what is wrong with a policy line and what to write instead; None if Argo CD takes it.

    Args:
        line: `p, proj:<AppProject>:<role>, <resource>, <action>, <object>, <effect>`.
        app_project: the AppProject that the role is in.
        role: the role's name.
    """
    example = f"p, proj:{app_project}:{role}, applications, sync, {app_project}/*, allow"
    parts = [part.strip(" ") for part in line.split(",")]
    if len(parts) != _FIELDS or parts[0] != "p":
        return f"{line!r} is not a policy of six fields", f"write for example {example}"
    _, subject, resource, action, target, effect = parts
    own_object = rf"{re.escape(app_project)}(/[*\w.-]+)?/[*\w.-]+"
    if subject != f"proj:{app_project}:{role}":
        told = f"the policy is for {subject!r}", f"write proj:{app_project}:{role}"
    elif resource not in _RESOURCES:
        told = f"there is no resource {resource!r} in an AppProject", f"write one of {', '.join(_RESOURCES)}"
    elif not _ACTION.fullmatch(action):
        told = f"there is no action {action!r}", "write get, create, update, delete, sync, override or *"
    elif not re.fullmatch(own_object, target, re.ASCII):
        told = (
            f"{target!r} is no object of this AppProject",
            f"write {app_project}/<application> or {app_project}/*",
        )
    elif effect not in {"allow", "deny"}:
        told = f"there is no effect {effect!r}", "write allow or deny"
    else:
        return None
    return told
