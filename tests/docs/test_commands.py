"""Each command in the README and the docs is there, with the options and variables that it names."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from lab.dns.asking import Answer
from lab.errors import LabError
from lab.programs import find_programs
from lab.report import COREFILE_ZONES, show_report
from tests.docs.commands import Command, commands
from tests.docs.pages import ROOT, fences
from tools import check, try_corefile

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads((ROOT / "schema/stack.schema.json").read_text(encoding="utf-8"))
MAKE, PULUMI, PYTHON = commands("make"), commands("pulumi"), commands("python")
CONFIG_SET = [command for command in PULUMI if any(word.startswith("protobox-cd:") for word in command.words)]
_STEP = re.compile(r'\.?([A-Za-z0-9_:-]+)|\["([^"]*)"\]|\[(\d+)\]')
_RULE = re.compile(r"^([a-z-]+):.*(?:\n(?:\t.*|else.*|endif.*|ifeq.*))*", re.MULTILINE)
RULES = {rule[1]: rule[0] for rule in _RULE.finditer(MAKEFILE)}


def test_the_pages_have_130_commands_at_least_of_which_75_are_makes_and_30_are_pulumis() -> None:
    counts = [len(MAKE), len(PULUMI), len(commands("kubectl"))]
    assert sum(counts) >= 130, counts
    assert len(MAKE) >= 75
    assert len(PULUMI) >= 30
    assert len(CONFIG_SET) >= 4


@pytest.mark.parametrize("command", MAKE, ids=str)
def test_make_has_the_target_and_its_recipe_reads_the_variables(command: Command) -> None:
    for word in command.words[1:]:
        variable, is_set, _ = word.partition("=")
        if is_set:
            (target,) = [other for other in command.words[1:] if "=" not in other]
            assert f"$({variable})" in RULES[target]
        else:
            assert word in RULES, f"there is no target {word}"


@pytest.mark.parametrize("text", sorted({command.text for command in MAKE}))
def test_make_would_run_it(text: str) -> None:
    if not shutil.which("make"):
        pytest.skip("there is no make; install the package `make`")
    (command,) = {command.words for command in MAKE if command.text == text}
    finished = [f"--old-file=.venv{name}" for name in ("/installed", "/installed-tests", "-docs/installed")]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "STACK"))
    }
    dry_run = ["make", "--dry-run", *finished, *command[1:]]
    done = subprocess.run(dry_run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", CONFIG_SET, ids=str)
def test_what_pulumi_sets_is_a_key_of_the_stack_file_and_a_secret_is_set_as_one(command: Command) -> None:
    (place,) = [word for word in command.words if word.startswith("protobox-cd:")]
    assert "--path" in command.words
    schema: Mapping[str, Any] = SCHEMA["properties"]["config"]
    for name, quoted, number in _STEP.findall(place):
        schema = _below(schema, name or quoted or int(number))
    assert ("--secret" in command.words) == _is_secret(schema)


def _below(schema: Mapping[str, Any], key: str | int) -> Any:
    """Return the schema of what is at `key`.

    Raises:
        KeyError: nothing may be there.
    """
    for shape in _shapes(schema):
        if isinstance(key, str) and key in shape.get("properties", {}):
            return shape["properties"][key]
        if isinstance(below := shape.get("items" if isinstance(key, int) else "additionalProperties"), dict):
            return below
    raise KeyError(key)


def _shapes(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in schema:
        return _shapes(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    return [schema, *(shape for choice in schema.get("anyOf", []) for shape in _shapes(choice))]


def _is_secret(schema: Mapping[str, Any]) -> bool:
    return "#/$defs/Secret" in json.dumps(schema)


@pytest.mark.engine
@pytest.mark.parametrize("text", sorted({one.text for one in PULUMI}))
def test_pulumi_has_the_command_and_its_options(text: str) -> None:
    try:
        pulumi = find_programs().pulumi
    except LabError as error:
        pytest.skip(str(error))
    words = next(command.words for command in PULUMI if command.text == text)[1:]
    depth = 2 if words[0] in {"stack", "config", "plugin"} else 1
    names = [word for word in words[:depth] if word.isalpha()]
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    shown = [str(pulumi), *names, "--help"]
    done = subprocess.run(shown, env=environment, capture_output=True, text=True, check=True)
    assert re.search(rf"\b{names[-1]}\b", done.stdout), (
        "of a command that it has not, Pulumi shows the one above it"
    )
    for option in [word for word in words if word.startswith("--")]:
        assert option in done.stdout


def test_what_a_visitor_runs_first_works_without_a_cluster(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert "make check STACK=dev" in {command.text for command in MAKE}
    assert check.main(["dev"]) == 0
    assert "fine: Pulumi.dev.yaml: 1 Application, DNS strategy dnsmasq" in capsys.readouterr().out
    assert "make try COREFILE=corefile STACK=dev" in {command.text for command in MAKE}
    assert try_corefile.main(["dev", "tests/corefiles/kubespray-2.21.corefile"]) == 0
    assert "+protobox:53 {" in capsys.readouterr().out


def test_the_readme_shows_what_make_up_prints() -> None:
    (shown,) = [fence.text for fence in fences("README.md") if fence.text.startswith("╭")]
    before, after = Answer("NXDOMAIN"), Answer("NOERROR", ("192.168.1.7",))
    layers = ("coredns", "nodelocaldns")
    owned = {"namespace": "kube-system", "present": True, "owned": {"Corefile": ["protobox:53"]}, "left": {}}
    state = [{"type": COREFILE_ZONES, "outputs": {**owned, "name": name}} for name in layers]
    text = io.StringIO()
    width = len(shown.partition("\n")[0])
    show_report(Console(file=text, width=width), dict.fromkeys(layers, (before, after)), state, [])
    printed = text.getvalue().splitlines()
    assert [line for line in shown.splitlines() if line not in printed and line.strip("│ ")] == []


@pytest.mark.parametrize("command", PYTHON, ids=str)
def test_python_has_the_module(command: Command) -> None:
    assert command.words[1] == "-m"
    assert importlib.util.find_spec(command.words[2])
