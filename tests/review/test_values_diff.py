from __future__ import annotations

from typing import Any

from review.changes import SECRET
from review.values_diff import values_diff
from review.words import Kind
from tests.review.built import preview, step
from tests.review.real_previews import real


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
