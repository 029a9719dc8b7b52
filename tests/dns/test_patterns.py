"""Which names of a zone a pattern may match; regular expressions are tried against the names themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.dns.patterns import Pattern, regex
from components.dns.zones import in_zone

LABEL = st.sampled_from(["git", "lab", "a", "protobox", "corp", "x-y"])
NAMES = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
PIECES = st.sampled_from(
    [
        r"(.*)",
        r"\.",
        ".",
        "^",
        "$",
        "[a-z]+",
        "lab",
        "git",
        "protobox",
        "corp",
        "?",
        "(a|b)",
        "|",
        r"\d",
        "x-y",
    ]
)


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        (r"(.*)\.example\.com", []),
        (r"(.*).my.domain", []),
        (r"^(.*)\.corp\.protobox\.?$", ["corp.protobox"]),
        (r"(.*)\.protobox", ["protobox"]),
        (r"^git\.protobox\.$", ["git.protobox"]),
        (r"corp\.protobox\.$", ["protobox"]),
        (r".*", ["protobox"]),
        (r"git", ["protobox"]),
        (r"^a|b$", ["protobox"]),
        (r"^git\x2eprotobox\.$", ["protobox"]),
        (r"^git\.protob\x6fx\.$", ["protobox"]),
        (r"^git\056\pL\.$", ["protobox"]),
        (r"^(?:[^.]+\.){4,}internal\.cloudapp\.net\.$", []),
    ],
)
def test_a_regular_expression_is_known_by_what_its_matches_end_with(text: str, zones: list[str]) -> None:
    assert regex(text).within("protobox") == zones


@pytest.mark.parametrize(
    ("pattern", "zones"),
    [
        (Pattern("exact", "git.protobox"), ["git.protobox"]),
        (Pattern("exact", "git.example"), []),
        (Pattern("prefix", "git."), ["protobox"]),
        (Pattern("substring", "x"), ["protobox"]),
        (Pattern("suffix", ".lab.protobox."), ["lab.protobox"]),
        (Pattern("suffix", "lab.protobox"), ["protobox"]),
        (Pattern("suffix", "box"), ["protobox"]),
        (Pattern("suffix", ".example"), []),
    ],
)
def test_the_other_patterns_of_a_rewrite(pattern: Pattern, zones: list[str]) -> None:
    assert pattern.within("protobox") == zones


@example(r".\.git", "git", "git.git")
@given(st.lists(PIECES, min_size=1, max_size=6).map("".join), NAMES, NAMES)
def test_whatever_an_anchored_expression_matches_in_a_zone_is_within_what_is_told(
    text: str, host: str, zone: str
) -> None:
    name = f"{host}.{zone}"
    try:
        matches = re.search(f"{text}\\.$", f"{name}.")
    except re.error:
        return
    if matches:
        assert any(in_zone(name, found) for found in regex(f"{text}\\.$").within(zone))
