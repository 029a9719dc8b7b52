"""The lexer against the corner cases of CoreDNS's grammar (`caddyfile/lexer.go`)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.corefile import CorefileError
from components.dns.corefile.lexer import lex
from tests.dns.corefile.corefiles import corefiles


def words(text: str) -> list[str]:
    return [token.text for token in lex(text)]


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


def test_a_token_knows_its_place_and_line() -> None:
    text = 'one  "two\nlines"\r\nthree#x\n'
    tokens = lex(text)
    assert [text[token.start : token.end] for token in tokens] == ["one", '"two\nlines"', "three"]
    assert [(token.line, token.first, token.quoted) for token in tokens] == [
        (1, True, False),
        (1, False, True),
        (3, True, False),
    ]


def test_a_word_after_a_quote_of_two_lines_does_not_start_a_line() -> None:
    assert [token.first for token in lex('"a\nb" c\nd')] == [True, False, True]


@pytest.mark.parametrize("text", ['"', '.:53 {\n errors "never closed\n}\n', '"ends in a backslash \\"'])
def test_a_quote_that_is_never_closed_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(CorefileError) as caught:
        lex(text)
    assert caught.value.line >= 1
    assert text.splitlines()[caught.value.line - 1][caught.value.column - 1] == '"'


@given(st.text(alphabet=st.sampled_from(' \t\r\n"\\#{}ab,.:é\u00a0\ufeff'), max_size=60))
def test_tokens_cover_the_text_in_order_and_never_overlap(text: str) -> None:
    try:
        tokens = lex(text)
    except CorefileError:
        assert '"' in text
        return
    end = 0
    for token in tokens:
        assert end <= token.start < token.end <= len(text)
        assert token.line == text.count("\n", 0, token.start) + 1
        end = token.end


@given(corefiles())
def test_white_space_between_tokens_does_not_change_the_words(text: str) -> None:
    assert words(text.replace("\n", "\n \t\n")) == words(text)
