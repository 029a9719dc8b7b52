"""The parser against the structure rules of CoreDNS (`caddyfile/parse.go`)."""

from __future__ import annotations

import pytest
from hypothesis import given

from components.dns.corefile import CorefileError, Directive, ServerBlock, ZoneKey, parse
from tests.dns.corefile.corefiles import corefiles


def test_blocks_directives_and_their_own_blocks_are_read() -> None:
    corefile = parse(
        ".:53 {\n    errors\n    forward . 1.1.1.1 8.8.8.8 {\n        policy sequential\n    }\n}\n"
        "a.org, b.org:1053 {\n    log\n}\n"
    )
    assert corefile.server_blocks == (
        ServerBlock(
            (".:53",),
            (
                Directive("errors"),
                Directive("forward", (".", "1.1.1.1", "8.8.8.8"), (("policy", "sequential"),)),
            ),
        ),
        ServerBlock(("a.org", "b.org:1053"), (Directive("log"),)),
    )
    assert corefile.server_blocks[1].zone_keys == (ZoneKey("a.org."), ZoneKey("b.org.", 1053))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("a\n{\n}\n", ("a",)),
        ("a,\nb {\n}\n", ("a", "b")),
        ("a , b {\n}\n", ("a", "", "b")),
        ('"a" b {\n}\n', ("a", "b")),
    ],
)
def test_keys_may_stand_on_several_lines(text: str, keys: tuple[str, ...]) -> None:
    if "" in keys:
        with pytest.raises(CorefileError, match="ends where a zone"):
            parse(text)
    else:
        assert parse(text).server_blocks[0].keys == keys


def test_snippets_are_no_server_blocks_and_imports_are_kept() -> None:
    corefile = parse("(common) {\n    errors\n}\n.:53 {\n    import common\n}\nimport custom/*.server\n")
    assert [block.keys for block in corefile.server_blocks] == [(".:53",)]
    assert corefile.imports == ("custom/*.server",)


def test_a_comment_above_a_block_is_known() -> None:
    corefile = parse("# the root\n.:53 {\n}\n# another\n\na {\n}\n")
    assert [block.comment for block in corefile.server_blocks] == ["the root", ""]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        (".:53 {\n    errors\n", "never closed", 1),
        (".:53 {\n    forward . 1.1.1.1 {\n        policy random\n}\n", "never closed", 1),
        ("consul { errors }\n", "line of its own", 1),
        (".:53 {\n}\n}\n", "without its opening brace", 3),
        ("example.org\nerrors\nlog\n", "no braces", 1),
        ("example.org", "no braces", 1),
        ("a,\n{\n}\n", "another key", 2),
        ("a,", "the text ends", 1),
        ("a {\n}\nA.:53 {\n}\n", "two server blocks answer for a:53", 3),
        ("a a {\n}\n", "two server blocks", 1),
        ("a {\n bind 10.0.0.1\n}\na {\n}\n", "two server blocks", 4),
        ("{$ZONE} {\n}\n", "environment", 1),
        ("a {\n import\n}\n", "import takes one", 2),
        ("a {\n import b c\n}\n", "import takes one", 2),
        ("import a b\n", "import takes one", 1),
        ("(s) {\n}\nimport s\n", "outside a server block", 3),
        ("(s) {\n}\n(s) {\n}\n", "defined twice", 3),
        ("a {\n {\n }\n}\n", "plugin's name", 2),
        ("a..b {\n}\n", "not a domain name", 1),
        ('""\na {\n}\n', "no braces", 1),
        ("a {\n bind{$UNSET} 10.0.0.1\n}\n", "which plugin", 2),
    ],
)
def test_what_must_not_be_edited_is_refused_with_its_place(text: str, reason: str, line: int) -> None:
    with pytest.raises(CorefileError, match=reason) as caught:
        parse(text)
    assert caught.value.line == line
    assert str(caught.value).startswith(caught.value.reason)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a {\n hosts {\n  import\n }\n}\n", "import takes one", 3),
        ("a {\n hosts {\n  import b c\n }\n}\n", "import takes one", 3),
        ("a {\n hosts {\n  import }\n}\n", "import takes one", 3),
        ("a {\n import s {\n }\n}\n", "import takes one", 2),
        ('a {\n import ""\n}\n', "import takes one", 2),
        ("import\na {\n}\n", "import takes one", 1),
        ("import a/*/*\n", "may hold one", 1),
        ("a {\n import [ab]\n}\n", "may hold one", 2),
        ("a,\nimport b\nc {\n}\n", "between the keys", 2),
        ("import {$FOLDER}/*.server\na {\n}\n", "environment knows what", 1),
        ("(s) {\n import {%UNSET%}t\n}\n(t) {\n import s\n}\na {\n import t\n}\n", "perhaps itself", 1),
        ("(s) {\n import s\n}\n", "imports itself", 1),
        ("(s) {\n import t\n}\n(t) {\n import s\n}\na {\n import s\n}\n", "in a circle", 7),
        ("(s) {\n {\n }\n}\na {\n import s\n}\n", "plugin's name", 2),
    ],
)
def test_an_import_that_coredns_would_refuse_is_refused(text: str, reason: str, line: int) -> None:
    with pytest.raises(CorefileError, match=reason) as caught:
        parse(text)
    assert caught.value.line == line


def test_a_snippet_that_is_not_imported_may_hold_anything_between_braces() -> None:
    assert parse("(s) {\n {\n }\n}\na {\n}\n").server_blocks == (ServerBlock(("a",), ()),)


def test_snippets_that_multiply_are_refused_as_newer_coredns_does() -> None:
    doubling = "".join(f"(s{n + 1}) {{\n import s{n}\n import s{n}\n}}\n" for n in range(14))
    with pytest.raises(CorefileError, match="more than 10000 times"):
        parse("(s0) {\n}\n" + doubling + "a {\n import s14\n}\n")


def test_snippets_far_too_deep_are_an_error_and_no_crash() -> None:
    nested = "".join(f"(s{n + 1}) {{\n import s{n}\n}}\n" for n in range(5000))
    with pytest.raises(CorefileError, match="more than 100 deep"):
        parse("(s0) {\n}\n" + nested + "a {\n import s5000\n}\n")


def test_a_block_listens_where_its_snippets_say() -> None:
    text = (
        "(inner) {\n bind 10.0.0.2\n}\n(outer) {\n import inner\n}\na {\n bind 10.0.0.1\n import outer\n}\n"
    )
    (block,) = parse(text).server_blocks
    assert block.bind == ("10.0.0.1", "10.0.0.2")
    assert block.directives == (Directive("bind", ("10.0.0.1",)), Directive("import", ("outer",)))


def test_a_plugin_has_the_lines_that_a_snippet_brings_between_its_braces() -> None:
    text = (
        "(inner) {\n fallthrough\n}\n(outer) {\n 10.0.0.1 x.a\n import inner\n}\n"
        "a {\n errors\n hosts {\n  import outer\n  import none/*\n }\n}\n"
    )
    (block,) = parse(text).server_blocks
    hosts = Directive("hosts", (), (("10.0.0.1", "x.a"), ("fallthrough",), ("import", "none/*")))
    assert block.plugins == (Directive("errors"), hosts)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("(s) {\n errors\n}\na {\n import s\n}\na {\n import s\n}\n", 7),
        ("(s) {\n bind 10.0.0.1\n}\na {\n import s\n}\na {\n import s\n}\n", 7),
        ("a {\n import none/*\n}\na {\n import none/*\n}\n", 4),
        ("a {\n bind 10.0.0.1\n}\na {\n bind 10.0.0.2 10.0.0.1\n}\n", 4),
        # CoreDNS 1.9 takes `b` of the first block as bound to nothing.
        ("a b {\n bind 10.0.0.1\n}\nb {\n bind 10.0.0.2\n}\n", 4),
        ("a {\n}\na {\n bind 10.0.0.1\n view x {\n  expr true\n }\n}\n", 3),
    ],
)
def test_a_zone_twice_on_one_listener_is_refused(text: str, line: int) -> None:
    with pytest.raises(CorefileError, match="two server blocks answer") as caught:
        parse(text)
    assert caught.value.line == line


@pytest.mark.parametrize("lines", [" bind 10.0.0.1 10.0.0.1\n", " bind 10.0.0.1\n bind 10.0.0.1\n"])
def test_an_address_twice_in_one_block_is_refused(lines: str) -> None:
    with pytest.raises(CorefileError, match="binds twice to one address"):
        parse(f"a {{\n{lines}}}\n")


@pytest.mark.parametrize(
    "text",
    [
        "a {\n bind 10.0.0.1\n}\na {\n bind 10.0.0.2\n}\n",
        "(s) {\n bind 10.0.0.1\n}\na {\n import s\n}\na {\n bind 10.0.0.2\n}\n",
        "a {\n view x {\n  expr true\n }\n}\na {\n}\n",
        "a:53 {\n}\na:54 {\n}\n",
        "tls://a {\n}\na {\n}\n",
    ],
)
def test_blocks_for_one_zone_on_different_listeners_stand_side_by_side(text: str) -> None:
    assert len(parse(text).server_blocks) == 2


@given(corefiles())
def test_every_layout_is_read_with_its_root_block(text: str) -> None:
    blocks = parse(text).server_blocks
    assert sum(key.zone == "." for block in blocks for key in block.zone_keys) == 1
    for block in blocks:
        assert text[block.end - 1] == "}"
        assert text.startswith(block.keys[0], block.start)
