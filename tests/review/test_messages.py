from __future__ import annotations

import pytest

from review.changes import Diagnostic
from review.messages import bullets, distinct, error_blocks, first_sentence, reason, warning_list
from review.preflight.rows import Mark, Row, as_text

URN = "urn:pulumi:dev::cd::protobox-cd:projects:Applications$kubernetes:x/v1:Application::argo-a"


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("error: it is wrong. So mend it.", "it is wrong"),
        ("it is wrong; nothing was changed", "it is wrong"),
        ("it is\n  wrong\n  why: since\n  fix: so", "it is wrong"),
        ("it is wrong\n\nmore of it", "it is wrong"),
        ("a:b:C resource 'x' has a problem: it is wrong", "it is wrong"),
        (f'resource "{URN}" cannot go', 'resource "argo-a" cannot go'),
        ("version 1.2.3 of it", "version 1.2.3 of it"),
        ("", ""),
    ],
)
def test_the_first_sentence_says_what_is_wrong_without_pulumis_names(message: str, sentence: str) -> None:
    assert first_sentence(message) == sentence


def test_an_error_is_shown_word_for_word_below_its_resource() -> None:
    shown = error_blocks([Diagnostic("error", "it is wrong\n  fix: so", URN)])
    assert shown == ["About `argo-a`:\n\n```text\nit is wrong\n  fix: so\n```"]


def test_the_last_error_may_only_say_that_there_were_errors() -> None:
    wrong, last = Diagnostic("error", "it is wrong"), Diagnostic("error", "preview failed")
    assert distinct([wrong, last]) == [wrong]
    assert distinct([last]) == [last]


def test_what_is_said_of_several_resources_is_told_once() -> None:
    of_one, of_another, other = (Diagnostic("warning", text, urn) for text, urn in ("ax", "ay", "bz"))
    assert distinct([of_one, of_another, other]) == [of_one, other]


def test_a_warning_of_many_lines_is_a_list_in_the_list() -> None:
    shown = warning_list([Diagnostic("warning", "this is\n  so:\n- one\n  and more\n- two")])
    assert shown.splitlines()[2:-2] == ["- this is so:", "  - one and more", "  - two"]


def test_a_warning_without_end_is_cut() -> None:
    assert len(warning_list([Diagnostic("warning", "word " * 100_000)])) < 5000


def test_an_empty_list_is_nothing() -> None:
    assert bullets([], "things") == ""
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
        (PREFLIGHT, "state backend: there is no stack 'dev' in s3://states"),
        ("Updating\nerror: could not decrypt\nmore", "error: could not decrypt"),
        ("Pulumi.dev.yaml:3:5\n  there is no key", "Pulumi.dev.yaml:3:5\n  there is no key"),
        ("", ""),
    ],
)
def test_the_line_of_a_log_that_says_why_is_found(log: str, why: str) -> None:
    assert reason(log) == why


def test_the_row_of_a_preflight_is_found_as_it_is_printed() -> None:
    rows = [Row(Mark.OK, "chart", "argo-cd"), Row(Mark.FAILED, "state backend", "no answer", "ask again")]
    assert reason(as_text("Preflight", rows, width=110, colour=False)) == "state backend: no answer"
