"""What holds for thousands of Corefiles, odd and broken ones, without a CoreDNS at hand."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from components.dns.corefile import CorefileError, Directive, ServerBlock, is_marked, parse
from components.dns.corefile.lexer import words
from tests.dns.corefile.corpus import expectations, read
from tests.dns.corefile.random_corefiles import corefile, endless, mutated, seeded
from tests.dns.planning import cut_marked, spliced_again

COUNT = 1500
CORPUS = [read(name) for name in expectations()]
OURS = [
    ServerBlock(
        (f"{zone}:53",),
        (Directive("errors"), Directive("bind", ("127.77.0.1",)), Directive("forward", (".", "192.168.1.7"))),
        comment="protobox-cd, stack dev",
    )
    for zone in ("protobox", "lab.protobox")
]


def refusal(text: str) -> CorefileError | None:
    try:
        spliced_again(text, OURS)
    except CorefileError as error:
        return error
    return None


def is_edited_cleanly(text: str) -> bool:
    """Check what must hold when `text` is edited or refused; return which of the two it is."""
    if error := refusal(text):
        assert 0 <= error.line <= text.count("\n") + 1
        assert error.source in text
        return False
    before, spliced = parse(text), spliced_again(text, OURS)
    after = parse(spliced)
    if any(map(is_marked, before.server_blocks)):
        return True  # it holds a block of ours already, which is replaced in its place
    assert spliced.startswith(text)
    assert words(spliced)[: len(words(text))] == words(text)
    assert after.server_blocks[: -len(OURS)] == before.server_blocks
    assert after.imports == before.imports
    assert spliced_again(spliced, OURS) == spliced
    assert cut_marked(spliced) == text
    return True


def test_corefiles_in_every_layout_are_edited_and_restored_to_the_byte() -> None:
    random = seeded(1)
    edited = Counter(is_edited_cleanly(corefile(random)) for _ in range(COUNT))
    assert edited[True] > COUNT * 0.8


def test_broken_corefiles_are_edited_cleanly_or_refused_with_a_place() -> None:
    random = seeded(2)
    edited = Counter(is_edited_cleanly(mutated(random, corefile(random))) for _ in range(COUNT))
    assert min(edited[True], edited[False]) > COUNT * 0.2


def test_broken_corefiles_of_distributions_are_edited_cleanly_or_refused_with_a_place() -> None:
    random = seeded(3)
    edited = Counter(is_edited_cleanly(mutated(random, random.choice(CORPUS))) for _ in range(COUNT))
    assert min(edited[True], edited[False]) > COUNT * 0.2


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_corefiles(seed: int) -> None:
    first, second = (list(islice(endless(seed, CORPUS), 50)) for _ in range(2))
    assert first == second
