"""Sync windows of an AppProject: times at which synchronising is allowed, or denied."""

from __future__ import annotations

import re
import zoneinfo
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.projects.sync_checks import GO_DURATION
from components.stackfile.base import Section, mistake
from components.stackfile.forms import Form

_FIELDS = {
    "minute": r"0*[1-5]?\d",
    "hour": r"0*(1?\d|2[0-3])",
    "day of the month": r"0*([1-9]|[12]\d|3[01])",
    "month": r"0*([1-9]|1[0-2])|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
    "day of the week": r"0*[0-6]|sun|mon|tue|wed|thu|fri|sat",
}
"""The fields of a schedule, each with its values. Source: robfig/cron v3, `parser.go`, as Argo CD v3.4.4 uses
it: no seconds, no `@daily`, Sunday is 0. A range from high to low, such as 5-1, is left to Argo CD."""
_EXAMPLE = "write for example '0 22 * * 1-5', which is 22:00 from Monday to Friday"
_WHOLE_WINDOW = "Argo CD would synchronise nothing that the window is for, and say why on its page only"

_DURATION = Form(
    rf"(?=.*[1-9]){GO_DURATION}",
    "{} is not a duration",
    _WHOLE_WINDOW,
    "write hours, minutes and seconds, for example 1h30m; a day is 24h",
)
"""A duration in Go's notation (`time.ParseDuration`), and longer than nothing."""


def require_schedule(schedule: str) -> str:
    """Return `schedule`, if it is a cron schedule of five fields."""
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        raise mistake(
            f"{schedule!r} has {len(fields)} fields",
            "a schedule has five: minute, hour, day of the month, month, day of the week",
            _EXAMPLE,
        )
    for field, (name, value) in zip(fields, _FIELDS.items(), strict=True):
        part = rf"([*?]|({value})(-({value}))?)(/0*[1-9]\d{{0,8}})?"
        if not re.fullmatch(f"{part}(,{part})*", field, re.ASCII | re.IGNORECASE):
            raise mistake(
                f"{field!r} in {schedule!r} is no {name}",
                f"it takes numbers, ranges such as 1-5, steps such as */2, and several of them with commas; "
                f"{_WHOLE_WINDOW}",
                _EXAMPLE,
            )
    return schedule


def require_time_zone(zone: str) -> str:
    """Return `zone`, if it is a time zone's name; on a machine without their list, any."""
    known = zoneinfo.available_timezones()
    if known and zone not in known:
        raise mistake(
            f"{zone!r} is not a time zone",
            "Argo CD would take UTC in its place without telling",
            "write for example Europe/Paris",
        )
    return zone


Schedule = Annotated[str, AfterValidator(require_schedule)]
require_duration = _DURATION.require
Duration = Annotated[str, _DURATION]
TimeZone = Annotated[str, AfterValidator(require_time_zone)]


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
