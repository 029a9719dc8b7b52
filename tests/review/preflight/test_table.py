from __future__ import annotations

import json

import pytest

from review.preflight.rows import Mark, Row
from review.preflight.table import as_json, as_text

ROWS = [
    Row(Mark.OK, "API server", "it answers"),
    Row(
        Mark.FAILED,
        "chart",
        "https://charts.protobox/a/very/long/address has no argo-cd 9.0.0",
        "set the version to one that it has",
    ),
    Row(Mark.SKIPPED, "permissions", "needs the row 'API server'"),
]


@pytest.mark.parametrize("width", [20, 60, 100, 200])
def test_every_word_is_there_at_every_width(width: int) -> None:
    text = as_text("Preflight", ROWS, width=width, colour=False)
    for row in ROWS:
        for word in f"{row.mark} {row.what} {row.seen} {row.fix}".split():
            assert word in text


def test_lines_are_as_long_as_asked_but_for_long_words() -> None:
    lines = as_text("Preflight", ROWS, width=80, colour=False).splitlines()
    assert max(map(len, lines)) <= 80


def test_a_row_reads_mark_name_text_and_below_the_fix() -> None:
    assert as_text("Preflight", ROWS, width=120, colour=False) == (
        "Preflight\n\n"
        "  ok       API server   it answers\n"
        "  FAILED   chart        https://charts.protobox/a/very/long/address has no argo-cd 9.0.0\n"
        "                        fix: set the version to one that it has\n"
        "  skipped  permissions  needs the row 'API server'\n\n"
        "1 of 3 failed; nothing was changed"
    )


def test_several_lines_stay_several_lines() -> None:
    text = as_text("", [Row(Mark.FAILED, "a", "lacks:\nget pods\nget nodes")], width=100, colour=False)
    assert "lacks:\n              get pods\n              get nodes" in text


def test_the_last_line_tells_of_warnings() -> None:
    warned = [ROWS[0], Row(Mark.WARNING, "host", "hm")]
    assert as_text("", warned, width=80, colour=False).endswith("nothing is in the way, 1 warning")


def test_colours_change_no_word() -> None:
    painted = as_text("Preflight", ROWS, width=80, colour=True)
    assert "\033[31mFAILED" in painted
    plain = painted
    for code in ("32", "33", "31", "2", "0"):
        plain = plain.replace(f"\033[{code}m", "")
    assert plain == as_text("Preflight", ROWS, width=80, colour=False)


def test_a_program_reads_the_same() -> None:
    read = json.loads(as_json("dev", "up", ROWS))
    assert (read["stack"], read["for"], read["ok"]) == ("dev", "up", False)
    assert read["rows"][1] == {"mark": "FAILED", "what": "chart", "seen": ROWS[1].seen, "fix": ROWS[1].fix}
