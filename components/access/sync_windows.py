"""Sync windows of an AppProject: times at which synchronising is allowed, or denied."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from components.argocd.schedules import Duration, Schedule, TimeZone
from components.stackfile.base import Section, mistake


class SyncWindowSettings(Section):
    """A time at which synchronising is allowed, or denied."""

    kind: Literal["allow", "deny"]
    """Whether synchronising is allowed in the window, and else denied, or the other way round."""
    schedule: Schedule = Field(examples=["0 22 * * 1-5"])
    """When the window begins, as five cron fields: minute, hour, day of the month, month, day of the week."""
    duration: Duration = Field(examples=["1h30m"])
    """How long it lasts."""
    time_zone: TimeZone | None = Field(default=None, examples=["Europe/Paris"])
    """The time zone of the schedule; UTC by default."""
    applications: list[str] | None = Field(default=None, examples=[["*"]])
    """The Applications that it holds for; `*` stands for any text."""
    namespaces: list[str] | None = None
    """The destination namespaces that it holds for."""
    clusters: list[str] | None = None
    """The destination clusters that it holds for, by name."""
    and_operator: bool | None = None
    """Applications, namespaces and clusters have to match all together; one is enough by default."""
    manual_sync: bool | None = None
    """Allow synchronising by hand although the window denies it."""
    description: str | None = Field(default=None, max_length=255)
    """What the window is for."""

    @model_validator(mode="after")
    def _holds_for_something(self) -> Self:
        if not (self.applications or self.namespaces or self.clusters):
            raise mistake(
                "the window names no applications, namespaces or clusters",
                "it would hold for nothing",
                'add them, for example applications: ["*"]',
            )
        return self
