"""Lines as CoreDNS 1.7.0, 1.9.3 and 1.15.0 print them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.dns.proof.pod_log import PodLog
from tests.dns.proof.dns_pod import REFUSED, RELOADED, WORDS

COMPLETE = RELOADED[-1]


def read(*lines: str, before: str = "", after: str = "") -> PodLog:
    log = PodLog({before} - {""}, {after} - {""})
    for line in lines:
        log.read(line)
    return log


def running(digest: str) -> str:
    return f"[INFO] plugin/reload: Running configuration SHA512 = {digest}"


@pytest.mark.parametrize(
    "lines",
    [
        RELOADED,
        ("[INFO] Reloading", "[INFO] plugin/reload: Running configuration MD5 = 12ab", COMPLETE),
        ("[INFO] Reloading", COMPLETE),  # before 1.5 there is no digest
        ('{"time":"2026-11-28T20:41:24Z","level":"INFO","msg":"[INFO] Reloading complete"}',),
    ],
)
def test_a_reload_that_is_complete_has_loaded_the_text(lines: tuple[str, ...]) -> None:
    log = read(*lines)
    assert log.loaded
    assert not log.reloads
    assert not log.refusal


def test_a_reload_that_has_not_ended_is_known() -> None:
    assert read(COMPLETE, "[INFO] Reloading").reloads


def test_a_late_reload_of_the_earlier_text_does_not_count() -> None:
    late = ("[INFO] Reloading", running("aa"), COMPLETE)
    assert not read(*late, before="aa", after="bb").loaded
    assert read(*late, "[INFO] Reloading", running("bb"), COMPLETE, before="aa", after="bb").loaded


def test_a_pod_that_is_known_to_log_our_digests_has_to_log_that_of_the_new_text() -> None:
    assert not read(running("aa"), COMPLETE, running("cc"), COMPLETE, before="aa", after="bb").loaded


def test_digests_that_are_never_ours_leave_the_order_to_decide() -> None:
    # The Kubernetes project's node-cache fills in addresses before CoreDNS reads the text.
    assert read(running("cc"), COMPLETE, before="aa", after="bb").loaded


def test_a_new_process_that_runs_the_new_text_has_loaded_it() -> None:
    start = (".:53", running("bb"), "CoreDNS-1.15.0", "linux/amd64, go1.26.8, ")
    assert read(*start, after="bb").loaded
    assert not read(*start).loaded


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (REFUSED[1], WORDS),
        (REFUSED[2], WORDS),
        ("[PANIC] Restart: runtime error", "runtime error"),
        (
            "[WARNING] plugin/reload: Corefile parse failed: Corefile:3 - Error during parsing: Unexpected",
            "Corefile:3 - Error during parsing: Unexpected",
        ),
        # A new process says it without a level, and ends.
        (WORDS, WORDS),
        *(
            (line, line)
            for line in (
                "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'foo'",
                "cannot serve dns://a.:53 - it is already defined",
            )
        ),
        (json.dumps({"level": "INFO", "msg": f"[ERROR] Restart failed: {WORDS}"}), WORDS),
        (json.dumps({"level": "WARN", "plugin": "reload", "msg": "Corefile parse failed: x"}), "x"),
    ],
)
def test_a_refusal_is_told_in_coredns_own_words(line: str, words: str) -> None:
    log = read(line)
    assert log.refusal == words
    assert not log.loaded


def test_a_refusal_counts_no_longer_once_another_text_is_loaded() -> None:
    mended = ("[INFO] Reloading", running("aa"), COMPLETE)
    log = read(*REFUSED, *mended, before="aa", after="bb")
    assert (log.refusal, log.loaded) == ("", False)
    assert read(*mended, *REFUSED, before="aa", after="bb").refusal == WORDS


@pytest.mark.parametrize(
    "line",
    [
        "[ERROR] plugin/errors: 2 git.protobox. A: read udp 10.0.0.1:1->192.168.1.7:53: i/o timeout",
        '[INFO] 10.0.0.1:33 - 5 "A IN [INFO]\\ Reloading\\ complete. udp 41 false 512" NXDOMAIN 0.1s',
        '[INFO] 10.0.0.1:33 - 5 "A IN [ERROR]\\ Restart\\ failed:\\ x. udp 41 false 512" NXDOMAIN 0.1s',
        "[INFO] SIGTERM: Shutting down servers then terminating",
        "{ no JSON",
        "",
    ],
)
def test_other_lines_say_nothing(line: str) -> None:
    log = read(line)
    assert not log.loaded
    assert not log.refusal


@given(st.lists(st.sampled_from([*RELOADED, *REFUSED, running("aa"), running("bb"), "x"])), st.data())
def test_lines_that_come_twice_change_nothing(lines: list[str], data: st.DataObject) -> None:
    # After a lost connection the log is read again from the second of its last line.
    cut = data.draw(st.integers(0, len(lines)))
    back = data.draw(st.integers(0, cut))
    once, twice = read(*lines), read(*lines[:cut], *lines[back:])
    assert (once.loaded, once.refusal) == (twice.loaded, twice.refusal)


@given(st.text())
def test_any_line_can_be_read(line: str) -> None:
    read(line)
