"""Values as the engine has them; what is none of its kind is a text, so that a message can say so."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from components.stackfile.kubectl_yaml import value_of
from tools.check import check

LONG = "0x" + "f" * 5000


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!!timestamp x", "x"),
        ("!!bool x", "x"),
        ('!!int ""', ""),
        ("!!int x", "x"),
        ("!!float x", "x"),
        ("!!strange x", "x"),
        ('!!null "null"', None),
        ('!!bool "true"', True),
        (LONG, LONG),
        ("0x1F", 31),
        ("1e3", "1e3"),
        ("300.0", 300),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_its_text(written: str, value: object) -> None:
    root = yaml.compose(f"a: {written}")
    assert root is not None
    assert value_of(root) == {"a": value}


@pytest.mark.parametrize(
    "section",
    [
        "git: {revision: %s}",
        "argocd: {timeoutSeconds: %s}",
        "projects: {a: {revisionHistoryLimit: %s}}",
        "projects: {a: {spec: {destination: %s}}}",
        "manifests: [%s]",
    ],
)
@pytest.mark.parametrize("written", [LONG, "!!timestamp x", "!!bool x", '!!int ""'])
def test_no_number_and_no_tag_is_a_crash(tmp_path: Path, section: str, written: str) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(f"config:\n  protobox-cd:{section % written}\n", encoding="utf-8")
    problems = check(file).problems
    assert all(one.what and one.why and one.fix for one in problems)
