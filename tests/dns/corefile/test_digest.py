"""The digest that CoreDNS logs for a Corefile, and ours, are the same."""

from __future__ import annotations

import contextlib
import re
import subprocess
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.corefile.lexer import CorefileError
from components.dns.proof.pod_log import digests
from lab.programs.catalogue import FULL_COREDNS, OLD_COREDNS
from tests.dns.corefile.fuzz import versions
from tests.dns.corefile.random_corefiles import corefile, seeded
from tests.dns.corefile.real_coredns import ADDRESS, PORT, translated

COUNT = 150
RELOADING = f"\nreload.test {{\n    bind {ADDRESS}\n    reload\n}}\n"
ESCAPES = (
    f'.:{PORT} {{\n    bind {ADDRESS}\n    template IN A {{\n        answer "<&> é\u2028\\"\\t"\n    }}\n}}\n'
)
SAID = re.compile(r"Running configuration \w+ = ([0-9a-f]+)")


def logged(program: Path, folder: Path, text: str) -> str:
    """Return the digest that a CoreDNS process logs for `text`; nothing if it does not load it."""
    file = folder / "Corefile"
    file.write_bytes(text.encode())
    with subprocess.Popen(
        [program, "-conf", file], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as coredns:
        assert coredns.stdout
        found = (SAID.search(line.decode()) for line in coredns.stdout)
        digest = next((match[1] for match in found if match), "")
        coredns.kill()
    return digest


@pytest.mark.engine
@pytest.mark.parametrize("version", [FULL_COREDNS.version, OLD_COREDNS.version])
def test_real_coredns_logs_the_digest_that_we_work_out(version: str, tmp_path: Path) -> None:
    program = versions().get(version)
    if program is None:
        pytest.skip(f"CoreDNS {version} is not built; `make lab-full` builds it")
    random = seeded(3)
    texts = (ESCAPES, *islice(iter(lambda: corefile(random), None), COUNT * 4))
    compared = 0
    for text in (translated(text + RELOADING) for text in texts):
        ours = frozenset[str]()
        with contextlib.suppress(CorefileError):
            ours = digests(text)
        if ours and (theirs := logged(program, tmp_path, text)):
            assert theirs in ours, text
            compared += 1
        if compared == COUNT:
            break
    assert compared > COUNT / 2


@pytest.mark.parametrize(
    "text",
    [
        "(s) {\n    errors\n}\n.:53 {\n    import s\n}\n",
        ".:53 {\n    import /etc/coredns/custom/*.override\n}\n",
        "import /etc/coredns/custom/*.server\n",
        ".:53 {\n    bind {$HOST_IP}\n}\n",
    ],
)
def test_a_text_that_does_not_say_everything_itself_has_no_digest(text: str) -> None:
    assert digests(text) == frozenset()


def test_a_comment_behind_the_last_word_changes_nothing_for_coredns() -> None:
    text = ".:53 {\n    errors\n}\n"
    assert digests(text) == digests(f"{text}# looked at\n")
    assert digests(text) != digests(f"# looked at\n{text}")


@given(st.text(alphabet='. {}\n#"\\a:5,'))
def test_any_text_has_two_digests_or_none_or_a_quote_that_is_never_closed(text: str) -> None:
    with contextlib.suppress(CorefileError):
        assert len(digests(text)) in {0, 2}
