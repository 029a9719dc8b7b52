"""What the stand-in knows: users, tokens, a merge request with its notes, issues."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Role(IntEnum):
    """Access levels, as GitLab numbers them."""

    NONE = 0
    GUEST = 10
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40


@dataclass(frozen=True)
class User:
    id: int
    username: str
    role: Role = Role.DEVELOPER

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "username": self.username, "name": self.username, "state": "active"}


@dataclass(frozen=True)
class Token:
    """A token of a user; `is_of_job` for the one that a job has."""

    user: User
    scope: str = "api"
    is_of_job: bool = False


@dataclass
class Note:
    id: int
    body: str
    author: User
    system: bool = False
    type: str | None = None
    """None until somebody answers it, `DiscussionNote` from then on; `DiffNote` on a line of code."""
    hidden: bool = False
    """A cross-reference to what the token may not see: counted in the pages, but left out of them."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "body": self.body,
            "attachment": None,
            "author": self.author.as_json(),
            "created_at": _time(self.id),
            "updated_at": _time(self.id),
            "system": self.system,
            "noteable_type": "MergeRequest",
            "resolvable": self.type is not None,
            "confidential": False,
            "internal": False,
        }


@dataclass
class MergeRequest:
    iid: int
    labels: list[str] = field(default_factory=list)
    state: str = "opened"
    locked: bool = False
    """Whether the discussion is locked for this token's user."""
    notes: list[Note] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    """Its commits, the merge's among them."""
    target_branch: str = "main"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": 1000 + self.iid,
            "iid": self.iid,
            "state": self.state,
            "target_branch": self.target_branch,
            "labels": self.labels,
            "discussion_locked": self.locked or None,
        }


@dataclass
class Issue:
    iid: int
    title: str
    description: str | None
    author: User
    labels: list[str] = field(default_factory=list)
    state: str = "opened"
    moved_to_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": 5000 + self.iid,
            "iid": self.iid,
            "title": self.title,
            "description": self.description,
            "author": self.author.as_json(),
            "labels": self.labels,
            "state": self.state,
            "moved_to_id": self.moved_to_id,
            "created_at": _time(self.iid),
        }


def _time(number: int) -> str:
    """Return a time that grows with the number of the object."""
    return f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
