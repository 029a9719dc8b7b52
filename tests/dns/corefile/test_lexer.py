"""The lexer against the corner cases of CoreDNS's grammar (`caddyfile/lexer.go`)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.corefile import CorefileError
from components.dns.corefile.lexer import tokens, words
from tests.dns.corefile.corefiles import corefiles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \t\r\n", []),
        ("a b\nc", ["a", "b", "c"]),
        ("a#b c", ["a", "c"]),
        ("a #b c\nd", ["a", "d"]),
        ("# only a comment", []),
        ('"a"b', ["a", "b"]),
        ('a"b c"', ['a"b', 'c"']),
        ('"a b" c', ["a b", "c"]),
        (r'"say \"hi\""', ['say "hi"']),
        (r'"back\slash \\"', [r"back\slash \\"]),
        ('""', [""]),
        ('"{" {', ["{", "{"]),
        ("consul{ }", ["consul{", "}"]),
        ("{$VAR} {%VAR%}", ["{$VAR}", "{%VAR%}"]),
        ("a\r\nb\rc", ["a", "bc"]),
        ("\ufeff.:53", [".:53"]),
        ("a\u00a0b\u2003c\u3000d", ["a", "b", "c", "d"]),
        ("a\x1cb", ["a\x1cb"]),
        ("a \ufeffb", ["a", "\ufeffb"]),
    ],
)
def test_words_are_split_as_coredns_splits_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_token_knows_its_place_and_whether_it_begins_a_line() -> None:
    text = 'one  "two\nlines"\r\nthree#x\n'
    found = tokens(text)
    assert [text[token.start : token.end] for token in found] == ["one", '"two\nlines"', "three"]
    assert [token.first for token in found] == [True, False, True]
    assert [token.line for token in tokens(f"\ufeff\n{text}")] == [2, 2, 4]


def test_a_word_after_a_quote_of_two_lines_does_not_start_a_line() -> None:
    assert [token.first for token in tokens('"a\nb" c\nd')] == [True, False, True]


@pytest.mark.parametrize("text", ['"', '.:53 {\n errors "never closed\n}\n', '"ends in a backslash \\"'])
def test_a_quote_that_is_never_closed_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(CorefileError) as caught:
        tokens(text)
    assert caught.value.line >= 1
    assert text.splitlines()[caught.value.line - 1][caught.value.column - 1] == '"'


@given(st.text(alphabet=st.sampled_from(' \t\r\n"\\#{}ab,.:é\u00a0\ufeff'), max_size=60))
def test_tokens_cover_the_text_in_order_and_never_overlap(text: str) -> None:
    try:
        found = tokens(text)
    except CorefileError:
        assert '"' in text
        return
    before = 0
    for _, start, end, first, _ in found:
        assert before <= start < end <= len(text)
        assert first == (before == 0 or "\n" in text[before:start])
        before = end


@given(corefiles())
def test_white_space_between_tokens_does_not_change_the_words(text: str) -> None:
    assert words(text.replace("\n", "\n \t\n")) == words(text)
