"""The page and the pictures are what the script makes of the results."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from benchmarks.chart import number
from benchmarks.contestants import BARE, HELM, KUBECTL, MEASURES, ONCE, OURS, UP
from benchmarks.page import PAGE, PROJECTS_PICTURE, RESULTS, SYNC_PICTURE, made_of, targets
from benchmarks.start import PACKAGES, PROGRAM, PYTHON
from benchmarks.sync import STEPS
from lab.local_stack import ROOT

DOCS = ROOT / "docs"


def costs(*seconds: float) -> list[dict[str, float]]:
    return [{"seconds": one, "cpu": one, "mebibytes": 100 * one} for one in seconds]


def results(**changes: Any) -> dict[str, Any]:
    """Return results in which all is well."""
    everybody = {
        OURS: costs(9, 10, 11),
        BARE: costs(10, 10, 10),
        KUBECTL: costs(3, 3, 3),
        HELM: costs(2, 2, 2),
    }
    up = {**everybody, BARE: costs(100, 200), ONCE: costs(30, 30, 30)}
    return {
        "about": {
            "quick": False,
            "runs": 3,
            "date": "2026-11-29",
            "processors": 2,
            "memory": 8,
            "python": "3.11.2",
            "pulumi": "v3.259.0",
            "kubernetes": "v1.35.4",
            "helm": "v3.22.0",
        },
        "start": {PYTHON: [0.02], PACKAGES: [1.0], PROGRAM: [1.1]},
        "check": {"1": [1.0], "1000": [1.999]},
        "corefile": {"10": {"parse": [0.001], "splice": [0.002]}},
        "sync": {step: [1.0, 2.0, 3.0] for step in STEPS},
        "projects": {"1000": {measure: up if measure == UP else everybody for measure in MEASURES}},
        **changes,
    }


@pytest.mark.parametrize("file", [PAGE, PROJECTS_PICTURE, SYNC_PICTURE])
def test_the_docs_have_what_was_measured(file: str) -> None:
    made = made_of(json.loads((DOCS / RESULTS).read_text(encoding="utf-8")))
    assert (DOCS / file).read_text(encoding="utf-8") == made[file], "python -m benchmarks --page"


def test_each_target_has_beside_it_what_was_measured() -> None:
    assert [row[1:] for row in targets(results())] == [
        ("1.05", "1.00", "yes"),
        ("0.25", "0.07", "yes"),
        ("1.15", "1.10", "yes"),
    ]


def test_a_target_that_is_missed_says_so() -> None:
    slow = results(start={PYTHON: [0.02], PACKAGES: [1.0], PROGRAM: [1.2]})
    assert [row[3] for row in targets(slow)] == ["yes", "yes", "no"]


def test_a_target_about_what_was_not_measured_says_so() -> None:
    few = results()
    few["projects"] = {"100": few["projects"]["1000"]}
    assert [row[2] for row in targets(few)] == ["not measured", "not measured", "1.10"]


def test_a_row_has_median_spread_ratio_and_how_often_where_that_was_less() -> None:
    page = made_of(results())[PAGE]
    assert f"| {OURS} | 10.0 s (9.0 s to 11.0 s), **1.00** |" in page
    assert f"| {BARE} | 150 s (100 s to 200 s), 2 runs |" in page
    assert "Each further project costs 1.0 ms." in page


def test_results_of_a_few_runs_say_that_first() -> None:
    quick = results()
    quick["about"]["quick"] = True
    assert "No more than a sketch" in made_of(quick)[PAGE]
    assert "sketch" not in made_of(results())[PAGE]


def test_a_machine_without_the_demo_has_the_rest() -> None:
    made = made_of(results(sync=None))
    assert SYNC_PICTURE not in made
    assert "Not measured" in made[PAGE]


def test_a_picture_names_everybody_and_is_read_by_any_parser() -> None:
    picture = ET.fromstring(made_of(results())[PROJECTS_PICTURE])  # noqa: S314 - made here
    words = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {OURS, BARE, ONCE, KUBECTL, HELM, *MEASURES, "150 s"} <= set(words)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0000123, "0.012 ms"),
        (0.0123, "12.3 ms"),
        (0.5, "0.50 s"),
        (9.87, "9.9 s"),
        (23.44, "23.4 s"),
        (146.2, "146 s"),
    ],
)
def test_a_number_has_as_many_digits_as_count(value: float, shown: str) -> None:
    assert number(value) == shown
