"""Splicing and cutting: what is not ours stays, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.corefile import (
    CorefileError,
    Directive,
    ServerBlock,
    cut,
    cut_markers,
    parse,
    render,
    splice,
)
from tests.dns.corefile.corefiles import corefiles
from tests.dns.planning import cut_marked, spliced_again

MARK = "protobox-cd, stack dev"
KUBEADM = """\
.:53 {
    errors
    forward . /etc/resolv.conf {
        prefer_udp
    }
    cache 30
}
"""
OURS = """
# protobox-cd, stack dev
protobox:53 {
    errors
    cache 30
    forward . 192.168.1.7
}
"""


def block(zone: str = "protobox:53", server: str = "192.168.1.7") -> ServerBlock:
    directives = (Directive("errors"), Directive("cache", ("30",)), Directive("forward", (".", server)))
    return ServerBlock((zone,), directives, comment=MARK)


def test_a_block_is_appended_with_a_comment_that_says_whose_it_is() -> None:
    assert splice(KUBEADM, [block()]) == KUBEADM + OURS


@pytest.mark.parametrize(
    "text", [KUBEADM, KUBEADM.rstrip("\n"), KUBEADM.replace("\n", "\r\n"), "\ufeff" + KUBEADM]
)
def test_cutting_gives_back_the_very_bytes(text: str) -> None:
    spliced = splice(text, [block("a:53"), block("b:53")])
    assert spliced.startswith(text)
    assert cut_marked(spliced) == text


@pytest.mark.parametrize("text", [KUBEADM, KUBEADM.rstrip("\n")])
@pytest.mark.parametrize("order", [("a:53", "b:53"), ("b:53", "a:53")])
def test_cutting_one_by_one_gives_back_the_very_bytes(text: str, order: tuple[str, str]) -> None:
    spliced = splice(text, [block("a:53"), block("b:53")])
    for zone in order:
        spliced = cut_marked(spliced, zone)
    assert spliced == text


def test_a_changed_block_is_replaced_in_its_place() -> None:
    before = splice(KUBEADM, [block()]) + "\nother {\n    log\n}\n"
    after = spliced_again(before, [block(server="192.168.1.8")])
    assert after == before.replace("192.168.1.7", "192.168.1.8")


def test_the_block_of_somebody_else_is_never_replaced() -> None:
    foreign = KUBEADM + "PROTOBOX. {\n    forward . 10.0.0.9\n}\n"
    with pytest.raises(CorefileError, match="two server blocks answer for protobox:53") as caught:
        splice(foreign, [block()])
    assert caught.value.line == 8


def test_an_equal_block_that_lost_our_comment_stays_as_it_is() -> None:
    plain = splice(KUBEADM, [block()]).replace(f"# {MARK}\n", "")
    assert splice(plain, [block()], parse(plain).server_blocks[1:]) == plain


def test_a_foreign_comment_above_the_block_is_not_cut() -> None:
    text = KUBEADM + "# ask Anna before you change this\nprotobox:53 {\n    errors\n}\n"
    assert cut(text, parse(text).server_blocks[1:]) == KUBEADM + "# ask Anna before you change this\n"


def test_a_block_after_ours_is_not_glued_to_the_one_before() -> None:
    text = splice(KUBEADM.rstrip("\n"), [block()]) + "other {\n    log\n}\n"
    assert cut_marked(text) == KUBEADM + "other {\n    log\n}\n"


def test_cutting_nothing_changes_nothing() -> None:
    assert cut(KUBEADM, []) == KUBEADM


@pytest.mark.parametrize("text", [KUBEADM, KUBEADM.replace("\n", "\r\n"), KUBEADM.rstrip("\n")])
def test_a_comment_of_ours_without_its_block_is_cut_as_it_was_written(text: str) -> None:
    spliced = splice(text, [block()])
    orphaned = spliced[: spliced.index("protobox:53 {")]
    assert cut_markers(orphaned.replace("stack dev", "stack dev:"), "dev", []).rstrip() == text.rstrip()


def test_a_comment_of_ours_inside_a_text_in_quotes_is_no_comment() -> None:
    text = KUBEADM + f'b {{\n    log "\n# {MARK}: x\n"\n}}\n'
    assert cut_markers(text, "dev", []) == text


APART = "protobox {\n    bind 10.0.0.9\n    log\n}\n"


def bound() -> ServerBlock:
    directives = (Directive("bind", ("10.0.0.1",)), Directive("forward", (".", "192.168.1.7")))
    return ServerBlock(("protobox:53",), directives, comment=MARK)


@pytest.mark.parametrize("text", [APART + KUBEADM, KUBEADM + APART])
def test_the_block_of_somebody_else_on_another_address_survives_the_cut(text: str) -> None:
    assert cut_marked(splice(text, [bound()])) == text


def test_a_further_key_counts_as_bound_to_nothing_as_in_coredns_1_9() -> None:
    text = KUBEADM + APART.replace("protobox", "other protobox")
    with pytest.raises(CorefileError, match="two server blocks answer for protobox:53"):
        splice(text, [bound()])


def test_crlf_files_get_crlf_lines() -> None:
    spliced = splice(KUBEADM.replace("\n", "\r\n"), [block()])
    assert spliced.count("\n") == spliced.count("\r\n")


@pytest.mark.parametrize("text", ["example.org\nerrors\n", ".:53 {\n", '.:53 {\n    log "\n}\n'])
def test_a_text_that_cannot_be_parsed_is_never_edited(text: str) -> None:
    with pytest.raises(CorefileError):
        splice(text, [block()])
    with pytest.raises(CorefileError):
        cut(text, [])


@pytest.mark.parametrize("word", ["{", "}", "ends in \\", 'a\\"b c'])
def test_a_word_that_no_corefile_can_hold_is_refused(word: str) -> None:
    directive = Directive("log", (word + " " if word.startswith("ends") else word,))
    if word.startswith("ends"):
        assert parse(render(ServerBlock(("a",), (directive,)))).server_blocks[0].directives == (directive,)
        return
    with pytest.raises(ValueError, match="cannot be written"):
        render(ServerBlock(("a",), (directive,)))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(WORDS, max_size=4))
def test_what_is_rendered_is_read_back_as_it_was_meant(words: list[str]) -> None:
    written = ServerBlock(("a:53",), (Directive("log", tuple(words)),), comment=MARK)
    try:
        text = render(written)
    except ValueError:
        assert any(word in "{}" or "\\" in word for word in words)
        return
    (read,) = parse(text).server_blocks
    assert (read, read.comment) == (written, MARK)


@given(corefiles())
def test_cut_undoes_splice_and_splice_is_idempotent(text: str) -> None:
    port = next(key.port for b in parse(text).server_blocks for key in b.zone_keys if key.zone == ".")
    blocks = [block(f"protobox:{port}"), block(f"lab.protobox:{port}")]
    spliced = splice(text, blocks)
    assert spliced_again(spliced, blocks) == spliced
    assert spliced.startswith(text)
    assert parse(spliced).server_blocks[: -len(blocks)] == parse(text).server_blocks
    assert cut_marked(spliced) == text
