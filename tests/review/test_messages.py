from __future__ import annotations

import pytest

from review.changes import Diagnostic
from review.messages import blocks, distinct, limited, reason, warning_list
from review.preflight.rows import Mark, Row, as_text

URN = "urn:pulumi:dev::cd::protobox-cd:projects:Applications$kubernetes:x/v1:Application::argo-a"


def test_an_error_is_shown_word_for_word_below_its_resource() -> None:
    shown = blocks([Diagnostic("error", "it is wrong\n  fix: so", URN)], "errors")
    assert shown == ["About `argo-a`:\n\n```text\nit is wrong\n  fix: so\n```"]


def test_the_last_error_may_only_say_that_there_were_errors() -> None:
    wrong, last = Diagnostic("error", "it is wrong"), Diagnostic("error", "preview failed")
    assert distinct([wrong, last]) == [wrong]
    assert distinct([last]) == [last]


def test_what_is_said_of_several_resources_is_told_once() -> None:
    of_one, of_another, other = (Diagnostic("warning", text, urn) for text, urn in ("ax", "ay", "bz"))
    assert distinct([of_one, of_another, other]) == [of_one, other]


def test_a_warning_of_many_lines_keeps_them() -> None:
    shown = warning_list([Diagnostic("warning", "this is so:\n- one\n- two")])
    assert shown.splitlines()[2:-2] == ["```text", "this is so:", "- one", "- two", "```"]


def test_a_warning_without_end_is_cut() -> None:
    assert len(warning_list([Diagnostic("warning", "word " * 100_000)])) < 25_000


def test_an_empty_list_is_nothing() -> None:
    assert limited([], "things") == []
    assert warning_list([]) == ""


PREFLIGHT = """\
fine: Pulumi.dev.yaml: 1 Application, DNS strategy dnsmasq
Preflight for `preview`

  ok       stack file     Pulumi.dev.yaml: 1 Application
  FAILED   state backend  there is no stack 'dev' in
                          s3://states
                          fix: pulumi stack init dev

1 of 7 failed; nothing was changed
"""


@pytest.mark.parametrize(
    ("log", "why"),
    [
        (PREFLIGHT, "FAILED state backend there is no stack 'dev' in s3://states fix: pulumi stack init dev"),
        ("Updating\nerror: could not decrypt\nmore", "error: could not decrypt"),
        ("Pulumi.dev.yaml:3:5\n  there is no key", ""),
        ("", ""),
    ],
)
def test_the_line_of_a_log_that_says_why_is_found(log: str, why: str) -> None:
    assert " ".join(reason(log).split()) == why


def test_the_row_of_a_preflight_is_found_as_it_is_printed() -> None:
    rows = [Row(Mark.OK, "chart", "argo-cd"), Row(Mark.FAILED, "state backend", "no answer", "ask again")]
    assert reason(as_text("Preflight", rows, 110)) == (
        "  FAILED   state backend  no answer\n                          fix: ask again"
    )
