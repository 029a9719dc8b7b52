"""What the unit tests of `review` read is what the real engine prints today."""

from __future__ import annotations

from pathlib import Path

import pytest

from review import outcome, report
from review.digest import parse_preview
from tests.engine.review.conftest import TOKEN, Printed
from tests.review.real_previews import FAILED, FOLDER, WORKING, in_words, real, trimmed

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("name", [*WORKING, *FAILED])
def test_the_copy_says_what_the_engine_says(printed: dict[str, Printed], name: str, tmp_path: Path) -> None:
    fresh = tmp_path / f"{name}.json"
    fresh.write_text(trimmed(printed[name].preview), encoding="utf-8")
    assert in_words(parse_preview(printed[name].preview)) == in_words(parse_preview(fresh.read_text()))
    assert in_words(parse_preview(fresh.read_text())) == in_words(real(name)), (
        f"the engine prints something else now; if that is right, copy {fresh} to {FOLDER}"
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("first-deploy", outcome.FINE),
        ("no-changes", outcome.FINE),
        ("drift", outcome.FINE),
        ("to-consul", outcome.REFUSED),
        ("to-host-aliases", outcome.REFUSED),
        ("another-namespace", outcome.REFUSED),
        ("protected-project", outcome.FAILED),
        ("mistakes", outcome.FAILED),
        ("foreign-block", outcome.FAILED),
        ("not-yaml", outcome.FAILED),
    ],
)
def test_the_report_of_what_was_really_printed(
    printed: dict[str, Printed], name: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preview, log = tmp_path / "preview.json", tmp_path / "preview.log"
    preview.write_text(printed[name].preview, encoding="utf-8")
    log.write_text(printed[name].log, encoding="utf-8")
    arguments = ["dev", str(preview), "--log", str(log), "--preview-exit-code", str(printed[name].code)]
    assert report.main(arguments, environ={}) == code
    said = capsys.readouterr()
    assert said.out.startswith("### dev: ")
    assert TOKEN not in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_a_stack_file_that_is_no_yaml_is_told_by_the_engines_log(printed: dict[str, Printed]) -> None:
    assert printed["not-yaml"].preview == ""
    assert "invalid YAML file" in printed["not-yaml"].log
