from __future__ import annotations

from typing import Any

import pytest

from review.changes import Change
from review.corefile_diff import corefile_diffs
from review.words import Kind
from tests.review.built import layer, preview, step
from tests.review.real_previews import real

ORIGINAL = ".:53 {\n    forward . /etc/resolv.conf\n}\n"


def layers(name: str) -> dict[str, Change]:
    return {one.name: one for one in real(name).changes if one.type == Kind.DNS_LAYER}


def test_a_new_block_is_shown_as_it_will_be_written() -> None:
    ((title, diff),) = corefile_diffs(layers("first-deploy")["nodelocaldns"])
    assert title == "kube-system/nodelocaldns Corefile"
    assert "+    forward . 192.168.1.7" in diff.splitlines()
    assert "+    bind 169.254.25.10" in diff.splitlines()


def test_only_what_this_run_writes_is_shown() -> None:
    ((_, diff),) = corefile_diffs(layers("to-consul")["coredns"])
    assert [line for line in diff.splitlines() if line.startswith("-")] == ["-    forward . 192.168.1.7"]
    assert "+    forward . 192.168.1.7:8600" in diff.splitlines()


def test_what_a_deletion_cuts_out_is_shown_from_what_the_state_remembers() -> None:
    ((title, diff),) = corefile_diffs(layers("to-host-aliases")["coredns"])
    assert title == "kube-system/coredns Corefile"
    assert "-    forward . 192.168.1.7" in diff.splitlines()
    assert not [line for line in diff.splitlines() if line.startswith("+")]


@pytest.mark.parametrize(
    "old",
    [
        layer("10.0.0.1"),
        layer("10.0.0.1", stack="dev", zones="[secret]"),
        layer("10.0.0.1", stack="dev", zones=[{"zone": "protobox"}]),
        layer("10.0.0.1", stack="dev", zones=["protobox"]),
        layer("10.0.0.1", stack="dev", owned={"protobox-cd-dev.server": ["protobox:53"]}),
    ],
)
def test_a_state_that_does_not_remember_enough_has_no_diff(old: dict[str, Any]) -> None:
    outputs = {"original": {"Corefile": ORIGINAL}}
    (change,) = preview(step("delete", Kind.DNS_LAYER, "coredns", old=old, outputs=outputs)).changes
    assert list(corefile_diffs(change)) == []


def test_a_remembered_corefile_that_cannot_be_read_has_no_diff() -> None:
    old = layer("10.0.0.1", stack="dev")
    outputs = {"original": {"Corefile": ".:53 {"}}
    (change,) = preview(step("delete", Kind.DNS_LAYER, "coredns", old=old, outputs=outputs)).changes
    assert list(corefile_diffs(change)) == []


def test_an_offline_preview_keeps_its_own_title() -> None:
    title = "kube-system/coredns Corefile, not read since PROTOBOX_OFFLINE is set"
    new = layer("10.0.0.1", edits={title: ["+protobox:53 {"]})
    (change,) = preview(step("create", Kind.DNS_LAYER, "coredns", new=new)).changes
    assert list(corefile_diffs(change)) == [(title, "+protobox:53 {")]
