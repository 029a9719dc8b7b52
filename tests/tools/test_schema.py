"""The schema, the declarations and the reference page are made from the models, and agree with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError, validators

from components.checks.access_sections import access_problems
from components.checks.applications import application_problems
from components.settings import load_settings
from components.stackfile.kubectl_yaml import value_of
from components.stackfile.places import StackFile
from components.stackfile.problems import SettingsError
from components.stackfile.secret_text import with_placeholders
from tests.settings.random_stack_files import SCHEMA, edited, from_schema
from tools.generate import generated, main

ROOT = Path(__file__).parents[2]


def as_in_javascript(_: object, pattern: str, text: object, __: object) -> Iterator[ValidationError]:
    """Match `$` at the end only, as JSON Schema has it; Python lets a last line break stand behind it."""
    if isinstance(text, str) and not re.search(pattern.replace("$", r"\Z"), text):
        yield ValidationError(f"{text!r} does not match {pattern!r}")


VALIDATOR = validators.extend(Draft202012Validator, {"pattern": as_in_javascript})(SCHEMA)  # type: ignore[no-untyped-call]
STACK_FILES = [*sorted(ROOT.glob("Pulumi.*.yaml")), *sorted((ROOT / "examples").glob("Pulumi.*.yaml"))]


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def schema_takes(content: Any) -> bool:
    return bool(VALIDATOR.is_valid(content))


def mistakes(content: dict[str, Any]) -> list[str]:
    """Return what the program says against a stack file, apart from what sections say of each other."""
    root = yaml.compose(yaml.safe_dump(content, default_style='"'))
    assert root is not None
    file, config = StackFile("Pulumi.dev.yaml", root), value_of(root)["config"]
    values = {key.partition(":")[2]: with_placeholders(config[key]) for key in config}
    values = {section: value for section, value in values.items() if value is not None}
    try:
        load_settings(values, file, [application_problems, access_problems])
    except SettingsError as error:
        return [problem.what for problem in error.problems]
    return []


@pytest.mark.parametrize("name", ["schema/stack.schema.json", "docs/stack-file.md", "Pulumi.yaml"])
def test_what_is_made_from_the_models_is_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == generated(ROOT)[name], "run `make schema`"


def test_make_schema_writes_what_is_stale_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: protobox-cd\nconfig:\n  old: {}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main() == 0
    assert capsys.readouterr().out.count("written") == 3
    assert main() == 0
    assert capsys.readouterr().out.count("was up to date") == 3
    declared = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert declared["name"] == "protobox-cd"
    assert "old" not in declared["config"]
    assert declared["config"]["protobox-cd:manifests"]["type"] == "array"


def test_the_schema_is_valid_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_has_a_description_for_the_editor() -> None:
    named = SCHEMA["properties"]["config"]["properties"]
    assert [key for key, section in named.items() if not section.get("description")] == []
    lacking = [
        f"{name}.{key}"
        for name, model in SCHEMA["$defs"].items()
        for key, value in model.get("properties", {}).items()
        if name != "Secret" and not value.get("description")
    ]
    assert lacking == []


def examples(node: Any) -> Iterator[tuple[Any, list[Any]]]:
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list):
            yield node, node["examples"]
        for value in node.values():
            yield from examples(value)
    if isinstance(node, list):
        for item in node:
            yield from examples(item)


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_stack_file_of_the_repository_is_valid(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(path))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["config", "protobox-cd:dns", "strategy"], "dnsmask"),
        (["config", "protobox-cd:dns", "server"], ["10.0.0.1"]),
        (["config", "protobox-cd:git", "revison"], "CD"),
        (["config", "protobox-cd:git", "revision"], 5),
        (["config", "protobox-cd:git", "group"], "my group"),
        (["config", "protobox-cd:git", "path"], "/deploy"),
        (["config", "protobox-cd:git", "hosts"], {"http://192.168.1.7": "git.protobox"}),
        (["config", "protobox-cd:projects", "docserver"], {"path": "../deploy"}),
        (["config", "protobox-cd:projects", "docserver"], {"notifications": {"on-sync-failed": "a"}}),
        (["config", "protobox-cd:git", "revision"], {"secure": "v1:a"}),
        (["config", "protobox-cd:projcts"], {}),
        (["config", "protobox-cd:projects", "docserver"], {"protect": "yes"}),
        (["config", "protobox-cd:argocd", "admin"], {"password": "in clear text"}),
        (["configuration"], {}),
    ],
)
def test_a_mistake_is_flagged(path: list[str], value: Any) -> None:
    content = read(ROOT / "Pulumi.dev.yaml")
    held = content
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = value
    assert not schema_takes(content)


@pytest.mark.parametrize(
    "more",
    [
        {"encryptionsalt": "v1:a", "secretsprovider": "passphrase", "environment": ["site/dev"]},
        {"encryptedkey": "a"},
    ],
)
def test_what_pulumi_itself_writes_is_valid(more: dict[str, Any]) -> None:
    content = read(ROOT / "Pulumi.dev.yaml") | more
    content["config"] |= {"kubernetes:namespace": "a", "aws:region": "eu-central-1"}
    content["config"]["protobox-cd:argocd"] = {"admin": {"password": {"secure": "v1:a"}}}
    content["config"]["protobox-cd:projects"] = {"docserver": None}
    content["config"]["protobox-cd:defaults"] = None
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []


CONTENTS = [read(path) for path in STACK_FILES]


@given(st.one_of(edited(CONTENTS), from_schema()))
@settings(max_examples=150)
def test_an_editor_marks_nothing_that_the_program_takes(content: dict[str, Any]) -> None:
    if not mistakes(content):
        assert [error.message for error in VALIDATOR.iter_errors(content)] == []


def test_the_schema_is_json_as_it_stands() -> None:
    assert json.loads((ROOT / "schema" / "stack.schema.json").read_text(encoding="utf-8")) == SCHEMA
