"""Eight times the text takes about eight times as long, whatever the text is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest

from benchmarks.corefile import OURS, corefile
from components.dns.corefile import CorefileError, splice

ROOT = ". {\n}\n"
TEXTS: dict[str, Callable[[int], str]] = {
    "many blocks": lambda n: corefile(n // 8),
    "blocks on one line": lambda n: ROOT + "".join(f"a{i} {{ }} " for i in range(n)),
    "one long comment": lambda n: ROOT + '# } { " ' * n * 8,
    "comments in words": lambda n: ROOT + "b {\n" + "log a#b#c d\n" * n + "}\n",
    "white space to the end": lambda n: ROOT + " \t\r\n" * n * 8,
    "quotes": lambda n: ROOT + 'b {\n log "a \\" b" ""\n' + ' log "\\\\" "{"\n' * n + "}\n",
    "one long quote": lambda n: ROOT + 'b {\n log "' + '\\" \\\\ \n' * n * 4 + '"\n}\n',
    "a quote that is never closed": lambda n: ROOT + 'b {\n log "' + '\\" \\\\ \n' * n * 4,
    "braces that are never closed": lambda n: ROOT + "b {\n log {\n" * n,
    "keys of one block": lambda n: ROOT + ",\n".join(f"a{i}" for i in range(n)) + " {\n}\n",
    "snippets": lambda n: "".join(f"(s{i}) {{\n log\n}}\n" for i in range(n)) + ROOT,
    "imports of one snippet": lambda n: "(s) {\n log\n}\n" + ROOT + "b {\n" + "import s\n" * n + "}\n",
}
SMALL, LARGE = 500, 4000
FACTOR = LARGE / SMALL


def seconds(text: str) -> float:
    began = time.process_time()
    with contextlib.suppress(CorefileError):
        splice(text, [OURS])
    return time.process_time() - began


@pytest.mark.parametrize("kind", TEXTS)
def test_a_longer_text_costs_no_more_for_each_character(kind: str) -> None:
    small, large = (TEXTS[kind](count) for count in (SMALL, LARGE))
    # The best of a few tries, and 5 ms for what a text of any size costs.
    quickest = min(seconds(small) for _ in range(5)) + 0.005
    assert min(seconds(large) for _ in range(3)) < quickest * FACTOR * 2.5
