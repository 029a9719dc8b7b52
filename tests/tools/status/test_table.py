"""The table in a narrow and in a wide terminal, with few and with many Applications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from tests.site import settings
from tests.tools.status.site import application, failing
from tools.status.applications import ApplicationRow, age, application_rows, table

NOW = datetime(2026, 1, 2, 0, 5, tzinfo=UTC)
CAUSE = "the host's name is not found where Argo CD asks for it"


def rows(count: int, wrong: Sequence[int] = (), name: str = "p") -> list[ApplicationRow]:
    declared = settings(projects={f"{name}{number}": {} for number in range(count)}).applications
    there = [
        failing(each.name) if number in wrong else application(each.name)
        for number, each in enumerate(declared)
    ]
    return application_rows(declared, there, "prod")


def shown(found: Sequence[ApplicationRow], width: int = 80, *, everything: bool = False) -> list[str]:
    return table(found, NOW, width=width, colour=False, everything=everything)


def test_three_in_eighty_columns() -> None:
    assert shown(rows(3, [1]))[:6] == [
        "APPLICATION  REVISION  DEPLOYED  SYNC     HEALTH   SINCE",
        "argo-p0      3b18e51   2 h       Synced   Healthy  5 min",
        "argo-p1      3b18e51   2 h       Unknown  Healthy  5 min",
        "argo-p2      3b18e51   2 h       Synced   Healthy  5 min",
        "",
        "3 Applications: 2 Synced Healthy, 1 Unknown Healthy",
    ]


def test_a_wide_terminal_has_a_column_for_the_error() -> None:
    lines = shown(rows(3, [1]), 140)
    assert lines[0].endswith("SINCE  LAST ERROR")
    assert lines[2].endswith(f"5 min  {CAUSE}")


@pytest.mark.parametrize("count", [3, 200])
@pytest.mark.parametrize("width", [80, 140])
def test_lines_are_as_long_as_the_terminal(width: int, count: int) -> None:
    assert max(map(len, shown(rows(count, [1, 2]), width, everything=True))) <= width


def test_a_name_that_has_no_room_stands_on_a_line_of_its_own() -> None:
    name = "a-very-long-name-that-nobody-would-want-to-read-in-a-row"
    lines = shown(rows(1, name=name), 60)
    assert lines[1] == f"argo-{name}0"
    assert lines[2].split() == ["3b18e51", "2", "h", "Synced", "Healthy", "5", "min"]


def test_of_many_only_those_are_rows_that_somebody_has_to_look_at() -> None:
    lines = shown(rows(200, [7, 9]))
    assert [line.split()[0] for line in lines[:3]] == ["APPLICATION", "argo-p7", "argo-p9"]
    assert lines[3] == "198 more are synced and healthy (ARGS=--all shows them)"
    assert len(shown(rows(200), everything=True)) > 200


def test_many_fine_ones_are_one_line() -> None:
    assert shown(rows(200)) == [
        "200 more are synced and healthy (ARGS=--all shows them)",
        "",
        "200 Applications: 200 Synced Healthy",
    ]


def test_what_has_the_same_cause_is_told_once_with_some_names() -> None:
    text = " ".join(" ".join(shown(rows(50, range(10)))).split())
    assert text.count("Argo CD: ") == 1
    assert f"argo-p0, argo-p1, argo-p2, argo-p3, argo-p4 and 5 others: {CAUSE}" in text


def test_colours_change_no_word() -> None:
    painted = table(rows(3, [1]), NOW, width=80, colour=True)
    assert painted[2].startswith("\033[31margo-p1")
    plain = [line.replace("\033[0m", "").replace("\033[31m", "").replace("\033[2m", "") for line in painted]
    assert plain == shown(rows(3, [1]))


def test_a_stack_without_applications() -> None:
    assert shown([]) == ["", "0 Applications"]


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_an_age_is_in_one_unit(ago: timedelta, told: str) -> None:
    assert age((NOW - ago).isoformat(), NOW) == told
    assert age("", NOW) == "-"
