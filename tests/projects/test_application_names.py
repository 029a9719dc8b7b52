"""A name that cannot be is told where it is written, with one that can."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.checks.applications import application_problems
from components.stackfile.problems import Problem
from tests.site import settings


def problems(project: dict[str, Any]) -> list[Problem]:
    return application_problems(settings(projects={"a": project}))


@pytest.mark.parametrize(
    ("project", "where", "fix"),
    [
        (
            {"destinations": {"Edge": {"name": "in-cluster"}}},
            "a.destinations.Edge",
            "write edge: in place of 'Edge':",
        ),
        (
            {"application": "x" * 60, "destinations": {"edge": {"name": "in-cluster"}}},
            "a.application",
            f"protobox-cd:projects.a.application: {'x' * 58}",
        ),
        (
            {"destinations": {"e" * 62: {"name": "in-cluster"}}},
            f"a.destinations.{'e' * 62}",
            f"write {'e' * 56}: in place of '{'e' * 62}':",
        ),
    ],
)
def test_of_a_name_in_two_parts_the_wrong_one_is_told(project: dict[str, Any], where: str, fix: str) -> None:
    (problem,) = problems(project)
    assert (problem.where, problem.fix) == (f"protobox-cd:projects.{where}", fix)


def test_a_key_that_names_the_cluster_too_goes_on_naming_it() -> None:
    own = {"declare": False}
    stack = settings(
        projects={"a": {"destinations": {"Edge": {"namespace": "docs"}}}}, clusters={"Edge": own}
    )
    (problem,) = application_problems(stack)
    assert problem.fix == (
        "write edge: in place of 'Edge':, with name: Edge below it, since the key names the cluster"
    )


def test_two_manifests_without_a_name_are_not_told_to_have_the_same(tmp_path: Any) -> None:
    text = "{apiVersion: argoproj.io/v1alpha1, kind: Application}\n---\n"
    (tmp_path / "a.yml").write_text(text * 2, encoding="utf-8")
    found = application_problems(settings(projects={}, manifests=[str(tmp_path / "a.yml")]))
    assert [one.what for one in found if "declared already" in one.what] == []
    assert [one.what for one in found].count("the Application has no name") == 2


PART = st.text("aZ9-._ ", min_size=1, max_size=70)


@given(application=PART, key=PART | st.just(""))
def test_what_is_proposed_is_a_name_and_needs_no_second_correction(application: str, key: str) -> None:
    corrected = {"application": application, "key": key}
    for problem in problems({"application": application, "destinations": {key: {"name": "in-cluster"}}}):
        of_key = re.match("write (.*?): in place of ", problem.fix)
        corrected |= {"key": of_key[1]} if of_key else {"application": problem.fix.rpartition(": ")[2]}
    project = {
        "application": corrected["application"],
        "destinations": {corrected["key"]: {"name": "in-cluster"}},
    }
    assert problems(project) == []
