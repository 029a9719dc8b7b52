from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from review.preflight.chart_index import nearest_versions, same_version, versions_in

INDEX = b"""apiVersion: v1
entries:
  argo-workflows:
  - version: 0.45.0
  argo-cd:
  - apiVersion: v2
    dependencies:
    - name: redis-ha
      version: 4.33.2
    version: 10.1.1
  - name: argo-cd
    version: 7.3.11
generated: "2026-01-01T00:00:00Z"
"""

number = st.integers(0, 30)
version = st.builds(
    "{}{}.{}.{}{}".format, st.sampled_from(["", "v"]), number, number, number, st.sampled_from(["", "-rc.1"])
)
words = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)
release = st.fixed_dictionaries(
    {"version": version},
    optional={
        "dependencies": st.lists(st.fixed_dictionaries({"name": words, "version": version}), max_size=2),
        "annotations": st.dictionaries(st.sampled_from(["version", "entries", "argo-cd"]), words),
    },
)


def test_only_the_charts_own_versions_count() -> None:
    assert versions_in(INDEX, "argo-cd") == ["10.1.1", "7.3.11"]


def test_a_repository_without_the_chart_has_none() -> None:
    assert versions_in(INDEX, "argo-rollouts") is None


@pytest.mark.parametrize(
    "text", [b"", b"<html>", b"- entries: {argo-cd: []}", b"a: [", b"\xff\xfe\x00", b"\x00"]
)
def test_what_is_no_index_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it (is no YAML|has no entries)"):
        versions_in(text, "argo-cd")


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from(["argo-cd", "entries", "version"]), st.lists(release, max_size=4), min_size=1
    )
)
def test_an_index_is_read_in_every_form_of_yaml(entries: dict[str, list[dict[str, object]]]) -> None:
    wanted = [one["version"] for one in entries["argo-cd"]] if "argo-cd" in entries else None
    index = {"apiVersion": "v1", "entries": entries, "version": "1.0.0"}
    for text in (yaml.safe_dump(index), yaml.safe_dump(index, default_flow_style=True), json.dumps(index)):
        assert versions_in(text.encode(), "argo-cd") == wanted


@given(st.binary(max_size=200))
def test_whatever_a_server_sends_is_an_index_or_a_value_error(content: bytes) -> None:
    try:
        assert not versions_in(content, "argo-cd")
    except ValueError as error:
        assert str(error).startswith("it ")  # noqa: PT017 - most contents are refused, and some are not


def test_an_index_of_an_alias_is_read() -> None:
    assert versions_in(b"entries:\n  x: &x [{version: 1.0.0}]\n  argo-cd: *x\n", "argo-cd") is None


def test_a_v_in_front_is_no_other_version() -> None:
    assert same_version("v10.1.1", "10.1.1")
    assert not same_version("10.1.1", "10.1.10")


@pytest.mark.parametrize(
    ("wanted", "near"),
    [
        ("10.1.9", ["10.1.1", "10.2.0", "11.0.0"]),
        ("12.0.0", ["11.0.0"]),
        ("1.0.0", ["9.0.0", "11.0.0"]),
        ("what", ["10.1.1", "10.2.0", "11.0.0"]),
    ],
)
def test_the_nearest_versions_are_those_around_it_and_the_newest(wanted: str, near: list[str]) -> None:
    assert nearest_versions(wanted, ["11.0.0", "9.0.0", "10.2.0", "not-a-version", "10.1.1"]) == near


@given(st.text(), st.lists(version))
def test_at_most_three_versions_are_near(wanted: str, versions: list[str]) -> None:
    near = nearest_versions(wanted, versions)
    assert len(near) <= 3
    assert set(near) <= set(versions)
