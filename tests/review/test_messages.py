from __future__ import annotations

from review.changes import Diagnostic
from review.messages import blocks, distinct, limited, warning_list

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
