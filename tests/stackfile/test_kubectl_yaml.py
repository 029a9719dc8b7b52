"""YAML is read as kubectl and Helm read it: both are asked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from hypothesis import Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from components.stackfile.kubectl_yaml import UnreadableError, documents
from tests.stackfile.yaml_readers import by_helm, by_kubectl, helm, kubectl

PIECES = ["0", "1", "7", "8", "9", "_", "x", "o", "b", "e", "E", "+", "-", ".", ":", "a", "f", "F", "T", "Z"]
WORDS = [
    "inf",
    "nan",
    "true",
    "yes",
    "y",
    "n",
    "on",
    "Off",
    "~",
    "null",
    "0x",
    "0o",
    "0b",
    "22",
    "2026",
    "-01",
]
TAGS = ["", "!!str "]
SCALARS = st.builds("".join, st.lists(st.sampled_from(PIECES + WORDS), min_size=1, max_size=6))
QUOTED = st.builds("{}{}{}".format, st.sampled_from(["'", '"']), SCALARS, st.just("")).map(
    lambda text: text + text[0]
)
OF_PUBLIC_REPORTS = ["22:22", "22:30:00", "1e3", "0o644", "0644", "yes", "on", "1_000", "1.10", "2026-01-31"]


def read(scalar: str) -> Any:
    """Return what we read where `scalar` stands as a value."""
    ((_, content),) = documents(f"read:\n- {scalar}\n")
    return content["read"][0]


def readable(scalars: Sequence[str]) -> list[str]:
    """Return those of `scalars` that are values at all, to us."""
    found = []
    for scalar in scalars:
        with contextlib.suppress(yaml.YAMLError, UnreadableError):
            read(scalar)
            found.append(scalar)
    return found


def alike(one: Any, other: Any) -> bool:
    """Tell whether two values are the same in JSON, where numbers are read with the precision of a float."""
    if type(one) is bool or type(other) is bool or isinstance(one, str) or isinstance(other, str):
        return type(one) is type(other) and one == other
    return one == other or (None not in {one, other} and float(one) == float(other))


@pytest.mark.skipif(
    not kubectl(), reason="kubectl is not on PATH, so that it cannot be asked how it reads YAML"
)
@hypothesis_settings(max_examples=30, phases=[Phase.explicit, Phase.generate])
@example(OF_PUBLIC_REPORTS)
@given(st.lists(st.builds("{}{}".format, st.sampled_from(TAGS), SCALARS) | QUOTED, min_size=20, max_size=60))
def test_scalars_are_read_as_kubectl_reads_them(scalars: list[str]) -> None:
    asked = [*readable(scalars), "last"]
    differing = {
        scalar: (read(scalar), theirs)
        for scalar, theirs in zip(asked, by_kubectl(asked), strict=True)
        if not alike(read(scalar), theirs)
    }
    assert differing == {}


@pytest.mark.skipif(not helm(), reason="there is no Helm to ask how it reads YAML; `make lab` builds one")
@hypothesis_settings(max_examples=30, phases=[Phase.explicit, Phase.generate])
@example(OF_PUBLIC_REPORTS)
@given(st.lists(SCALARS | QUOTED, min_size=20, max_size=60))
def test_scalars_are_read_as_helm_reads_them(
    tmp_path_factory: pytest.TempPathFactory, scalars: list[str]
) -> None:
    asked = [*readable(scalars), "last"]
    found = by_helm(asked, tmp_path_factory.mktemp("chart"))
    differing = {
        scalar: (read(scalar), theirs)
        for scalar, theirs in zip(asked, found, strict=True)
        if not alike(read(scalar), theirs)
    }
    assert differing == {}


def test_the_values_of_public_reports_are_what_kubectl_and_helm_said() -> None:
    assert [read(scalar) for scalar in OF_PUBLIC_REPORTS] == [
        "22:22",
        "22:30:00",
        1000,
        420,
        420,
        True,
        True,
        1000,
        1.1,
        "2026-01-31",
    ]


@pytest.mark.parametrize("text", ['{\n\t"read": [\n\t\t1\n\t]\n}', "read:\t[1]\n", "read: [\n\t1,\n\t]\n"])
def test_tabs_are_taken_where_kubectl_takes_them(text: str) -> None:
    ((_, content),) = documents(text)
    assert content == {"read": [1]}


@pytest.mark.parametrize("text", ["a: .inf", "a: -.Inf", "a: .NaN", "~: a", "[a]: b", "{a: b}: c"])
def test_what_json_does_not_have_is_refused_as_kubectl_refuses_it(text: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        list(documents(text))
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("text", "keys"), [("1: a\nyes: b\n0x10: c\n2026-01-31: d", {"1", "true", "16", "2026-01-31"})]
)
def test_keys_are_text_as_json_has_them(text: str, keys: set[str]) -> None:
    ((_, content),) = documents(text)
    assert content.keys() == keys


def test_a_text_that_is_nested_too_deeply_is_refused_before_anything_crashes() -> None:
    with pytest.raises(UnreadableError, match="more than 100 levels"):
        list(documents("[" * 500_000))
