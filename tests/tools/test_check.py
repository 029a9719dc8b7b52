"""`make check`: every mistake in a stack file gets its message, before anything runs.

`wrong_stack_files/` has one file for each mistake and, beside it, what is printed, to be read as prose.
`python -m tests.tools.test_check` writes the texts anew.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.strategies.forwarding import DnsmasqSettings
from components.stackfile.problems import Problem
from tests.pasting import paste
from tools.check import check, main
from tools.command_line import stack_path

ROOT = Path(__file__).parents[2]
WRONG = ROOT / "tests" / "wrong_stack_files"
FILES = sorted(WRONG.glob("*.yaml"))


NOT_PASTED = {
    "begin with `config:`": "there is nothing yet that could be edited",
    "write config: with": "as above",
    "correct the line": "what it was meant to be only its author knows",
    "correct the text": "as above",
    "write the value in place of the alias": "as above",
    "take it out, or write it as an escape": "a character that no screen shows has no place to paste into",
    "indent with spaces": "how many only its author knows",
    "save it as UTF-8": "an editor does it, or the command",
    "use the key made for the secret": "what the secret is for only its author knows",
    "make a Secret in the cluster": "as above",
    "render the chart": "Helm does it",
    "take the file out of the entry": "the entry is a glob, or the file has other documents",
    "name a hosts file that exists": "which one only its author knows",
    "write the path of the chart's": "which one only its author knows",
}
"""How fixes begin that are no edit, and why."""

MORE_IS_ASKED = {
    ("a-merge-key-below-config", ()): "the key stands in another mapping, which is merged into this one",
    ("a-misspelt-section", ("projcts",)): "the section that is meant is there, too",
    ("a-section-without-prefix", ()): "as above",
    ("a-rewrite-in-no-zone", ("git.protobox",)): "without the line, nobody is asked for the host at all",
    ("a-ref-to-a-chart", (0,)): "the values files need a source of their own",
    ("manifests-that-are-one-text", ("manifests",)): "the file is not there either",
    ("many-mistakes", ("zones",)): "a zone needs a server",
    ("numbers-in-a-raw-spec", ("targetRevision",)): "the number is offered first, and a text is meant",
    ("two-places-for-the-chart", ("chart",)): "the chart is not there either",
}
"""Samples in which a mistake hides another, and why."""


@pytest.fixture(autouse=True)
def _in_the_folder_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(WRONG)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_told_as_a_person_would_tell_it(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([file.name]) == 1
    assert _anywhere(capsys.readouterr().out) == file.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_message_has_a_place_a_reason_and_a_fix(file: Path) -> None:
    result = check(Path(file.name))
    assert result.problems
    assert all(one.what and one.why and one.fix for one in result.problems)
    is_empty = file.stem in {"empty", "only-a-comment", "not-utf-8", "a-list", "plain-text"}
    assert is_empty or any(one.line for one in result.problems) or "missing" in file.stem


def _fixes() -> Iterator[tuple[Path, Problem, set[str]]]:
    """Yield each problem, with its file and what is said of that."""
    for file in FILES:
        os.chdir(WRONG)
        found = check(Path(file.name)).problems
        yield from ((file, problem, {one.what for one in found}) for problem in found)


def test_every_fix_can_be_pasted_as_it_stands(tmp_path: Path) -> None:
    wrong, folder = [], tmp_path / "files"
    shutil.copytree(WRONG, folder, ignore=shutil.ignore_patterns("*.txt"))
    for file, problem, before in _fixes():
        if problem.fix.startswith(tuple(NOT_PASTED)):
            continue
        paste(problem, folder, file.name)
        os.chdir(folder)
        found = check(Path(file.name)).problems
        left = [one for one in found if _same(one, problem)]
        new = {one.what for one in found} - before
        for name in {file.name, problem.file} - {""}:
            shutil.copy(WRONG / name, folder / name)
        if (left or new) and (file.stem, problem.path[-1:]) not in MORE_IS_ASKED:
            wrong.append((file.stem, problem.where, problem.fix, [one.what for one in left], new))
    assert wrong == []


def _same(one: Problem, other: Problem) -> bool:
    return (one.path, one.file, one.what) == (other.path, other.file, other.what)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 60
    assert {file.stem for file in FILES} == {file.stem for file in WRONG.glob("*.txt")}


@pytest.mark.parametrize("name", ["Pulumi.dev.yaml", "Pulumi.local.yaml"])
def test_a_file_without_a_mistake_is_fine(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([name.split(".")[1]]) == 0
    assert capsys.readouterr().out == f"fine: {name}: 1 Application, DNS strategy dnsmasq\n"


def test_a_program_gets_the_mistakes_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["many-mistakes.yaml", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == "many-mistakes.yaml"
    first = told["problems"][0]
    assert first.keys() == {"path", "what", "why", "fix", "line", "column", "file"}
    assert (first["path"], first["line"], first["file"]) == ("protobox-cd:cluster.context", 2, told["file"])


def test_a_stack_without_a_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nobody"]) == 1
    printed = capsys.readouterr().out
    assert "Pulumi.nobody.yaml" in printed
    assert "No such file" in printed


@pytest.mark.parametrize(
    ("named", "file"),
    [
        ("prod", "Pulumi.prod.yaml"),
        ("prod.eu", "Pulumi.prod.eu.yaml"),
        ("Pulumi.prod.eu.yaml", "Pulumi.prod.eu.yaml"),
        ("site.yml", "site.yml"),
        ("sites/prod", "sites/prod"),
    ],
)
def test_a_stack_is_named_by_itself_or_by_its_file(named: str, file: str) -> None:
    assert stack_path(named) == Path(file)


def test_a_whole_number_may_be_written_with_a_point_as_the_engine_has_it(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.point.yaml"
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    file.write_text(
        text.replace("  protobox-cd:dns:\n", "  protobox-cd:dns:\n    cacheSeconds: 60.0\n"), "utf-8"
    )
    result = check(file)
    assert result.problems == []
    assert result.settings
    assert isinstance(result.settings.dns, DnsmasqSettings)
    assert result.settings.dns.cache_seconds == 60


def test_a_file_of_five_megabytes_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large = tmp_path / "Pulumi.large.yaml"
    large.write_text("# " + "x" * 5_000_000, encoding="utf-8")
    assert main([str(large)]) == 1
    assert "the file has 5,000,002 bytes" in capsys.readouterr().out


def test_aliases_that_would_fill_the_memory_are_told(tmp_path: Path) -> None:
    lines = ["config:", "  protobox-cd:a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  protobox-cd:a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    bomb = tmp_path / "Pulumi.bomb.yaml"
    bomb.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = check(bomb).problems
    assert "more than 100,000 values" in problem.what


def test_anchors_and_merge_keys_work_and_are_warned_about(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.anchors.yaml"
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8").partition("  protobox-cd:projects:")[0]
    file.write_text(
        f"{text}  protobox-cd:projects:\n    a: &a {{path: x}}\n    b: {{<<: *a, revision: main}}\n",
        encoding="utf-8",
    )
    result = check(file)
    assert result.problems == []
    assert result.settings
    assert (result.settings.projects["b"].path, result.settings.projects["b"].revision) == ("x", "main")
    (warning,) = result.warnings
    assert "`pulumi config set` writes its aliases out" in warning


@given(st.text(alphabet="config:protbx-d{}[]&*!|>#%@`,?~'\" \n\t01e", max_size=60))
def test_whatever_stands_in_a_file_is_told_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "Pulumi.any.yaml"
    file.write_text(text, encoding="utf-8")
    assert check(file).problems


def _anywhere(printed: str) -> str:
    """Return what is printed, the same in every checkout."""
    return printed.replace(str(WRONG), "<folder>")


def _write_anew() -> None:
    os.chdir(WRONG)
    for file in FILES:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            main([file.name])
        file.with_suffix(".txt").write_text(_anywhere(printed.getvalue()), encoding="utf-8")


if __name__ == "__main__":
    _write_anew()
