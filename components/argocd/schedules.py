"""Times in AppProjects and sync policies, in the notations that Argo CD reads."""

from __future__ import annotations

import re
import zoneinfo
from typing import Annotated

from pydantic import AfterValidator

from components.stackfile.base import mistake
from components.stackfile.forms import Form

_FIELDS = (
    ("minute", 0, 59, ""),
    ("hour", 0, 23, ""),
    ("day of the month", 1, 31, ""),
    ("month", 1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    ("day of the week", 0, 6, "sun mon tue wed thu fri sat"),
)
"""A schedule's fields: name, lowest and highest value, names of the values from the lowest on."""

_GO_DURATION = r"(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+"
_DURATION = Form(
    rf"(?=.*[1-9]){_GO_DURATION}",
    "{} is not a duration",
    "Argo CD would ignore the whole window",
    "write hours, minutes and seconds, for example 1h30m; a day is 24h",
)
"""A duration in Go's notation (`time.ParseDuration`), and longer than nothing."""
_PAUSE = Form(
    rf"[0-9]{{1,9}}|{_GO_DURATION}",
    "{} is not a duration",
    "Argo CD could not read it, and would not try again after a synchronisation that failed",
    "write hours, minutes and seconds without spaces, for example 1m30s",
)
"""Seconds, or a duration in Go's notation (Argo CD v3.1.9, `v1alpha1/types.go`, parseStringToDuration)."""
_RANGE = re.compile(r"(?P<from>[*?]|\w{1,9})(-(?P<to>\w{1,9}))?(/(?P<step>\d{1,9}))?", re.ASCII)


def require_schedule(schedule: str) -> str:
    """Return `schedule`, if it is a cron schedule of five fields.

    Source: robfig/cron v3, `parser.go`, as Argo CD v3.4.4 uses it: no seconds, no `@daily`, Sunday is 0.
    """
    fields = schedule.split()
    if len(fields) != len(_FIELDS):
        raise mistake(
            f"{schedule!r} has {len(fields)} fields",
            "a schedule has five: minute, hour, day of the month, month, day of the week",
            "write for example '0 22 * * 1-5', which is 22:00 from Monday to Friday",
        )
    for field, (name, lowest, highest, names) in zip(fields, _FIELDS, strict=True):
        if not all(_is_range(part, lowest, highest, names) for part in field.split(",")):
            raise mistake(
                f"{field!r} in {schedule!r} is no {name}",
                f"it takes numbers from {lowest} to {highest}, ranges such as {lowest}-{highest}, steps such "
                "as */2, and several of them with commas; Argo CD would ignore the whole window",
                "write for example '0 22 * * 1-5', which is 22:00 from Monday to Friday",
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


def _is_range(text: str, lowest: int, highest: int, names: str) -> bool:
    match = _RANGE.fullmatch(text.lower())
    if match is None or int(match["step"] or 1) == 0:
        return False
    if match["from"] in "*?":
        return match["to"] is None
    numbers = {name: lowest + place for place, name in enumerate(names.split())}
    first, last = (
        int(end) if end.isdecimal() else numbers.get(end, -1)
        for end in (match["from"], match["to"] or match["from"])
    )
    return lowest <= first <= last <= highest


Schedule = Annotated[str, AfterValidator(require_schedule)]
require_duration, require_pause = _DURATION.require, _PAUSE.require
Duration = Annotated[str, _DURATION]
TimeZone = Annotated[str, AfterValidator(require_time_zone)]
