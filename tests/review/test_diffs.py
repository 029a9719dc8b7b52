from __future__ import annotations

from typing import Any

from review.changes import SECRET, Change
from review.diffs import corefile_diffs, values_diff
from review.words import Kind
from tests.review.built import layer, preview, step
from tests.review.real_previews import real


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


def test_an_offline_preview_keeps_its_own_title() -> None:
    title = "kube-system/coredns Corefile, not read since PROTOBOX_OFFLINE is set"
    new = layer("10.0.0.1", edits={title: ["+protobox:53 {"]})
    (change,) = preview(step("create", Kind.DNS_LAYER, "coredns", new=new)).changes
    assert list(corefile_diffs(change)) == [(title, "+protobox:53 {")]


def diff(old: dict[str, Any], new: dict[str, Any], *paths: str) -> str:
    built = step("update", Kind.ARGO_CD, "argocd", old={"values": old}, new={"values": new})
    (change,) = preview({**built, "detailedDiff": dict.fromkeys(paths)}).changes
    return values_diff(change)


def test_the_difference_is_yaml_line_by_line() -> None:
    shown = diff({"server": {"replicas": 1}}, {"server": {"replicas": 2}})
    assert shown.splitlines() == ["@@ -1,2 +1,2 @@", " server:", "-  replicas: 1", "+  replicas: 2"]


def test_values_that_stay_have_no_diff() -> None:
    assert diff({"a": 1}, {"a": 1}) == ""


def test_a_secret_that_changes_is_named_and_not_shown() -> None:
    values = {"configs": {"password": SECRET}}
    assert diff(values, values, "values.configs.password") == (
        "# values.configs.password changes; it is secret"
    )


def test_a_release_that_goes_has_no_values_any_more() -> None:
    gone = step("delete", Kind.ARGO_CD, "argocd", old={"values": {"a": 1}})
    assert values_diff(preview(gone).changes[0]) == ""


def test_hosts_entries_are_seen_in_the_values() -> None:
    release = next(one for one in real("to-host-aliases").changes if one.type == Kind.ARGO_CD)
    assert "+    - git.protobox" in values_diff(release).splitlines()
    assert "glpat" not in values_diff(release)
