from __future__ import annotations

import pytest

from review.changes import SECRET, Operation
from review.words import Kind
from tests.review.built import application, preview, step
from tests.review.real_previews import real

EVERY_OPERATION = {
    "create": Operation.ADD,
    "update": Operation.CHANGE,
    "delete": Operation.DELETE,
    "replace": Operation.REPLACE,
    "import": Operation.ADOPT,
}


def test_groups_connections_and_the_stack_itself_are_no_changes() -> None:
    assert real("first-deploy").counts == {Operation.ADD: 9}
    assert not real("no-changes").changes


@pytest.mark.parametrize(("op", "operation"), EVERY_OPERATION.items())
def test_each_operation_of_the_engine_has_its_word(op: str, operation: Operation) -> None:
    assert [one.operation for one in preview(step(op)).changes] == [operation]


@pytest.mark.parametrize("op", ["same", "read", "refresh", "discard", "remove-pending-replace"])
def test_the_engines_work_on_its_own_state_is_no_change(op: str) -> None:
    assert not preview(step(op)).changes


def test_an_operation_that_nobody_knows_is_shown_as_a_change() -> None:
    assert preview(step("transmogrify")).counts == {Operation.CHANGE: 1}


def test_the_steps_of_a_replacement_are_one_replacement() -> None:
    old, new = application(revision="CD"), application(revision="main")
    (change,) = preview(
        step("create-replacement", new=new),
        step("replace", old=old, new=new),
        step("delete-replaced", old=old, retainOnDelete=True),
    ).changes
    assert change.operation is Operation.REPLACE
    assert (change.old, change.new, change.retained) == (old, new, True)


def test_a_replacement_whose_steps_come_apart_is_put_together() -> None:
    old, new = application(revision="CD"), application(revision="main")
    (change,) = preview(step("delete-replaced", old=old), step("create-replacement", new=new)).changes
    assert (change.old, change.new) == (old, new)


def test_the_content_of_a_secret_is_not_even_kept() -> None:
    inputs = {"metadata": {"name": "s"}, "stringData": {"password": "hunter2"}, "data": {"a": "hunter2"}}
    (change,) = preview(step("update", Kind.SECRET, "s", old=inputs, new=inputs)).changes
    assert change.new == {"metadata": {"name": "s"}, "stringData": SECRET, "data": SECRET}
    assert "hunter2" not in repr(change)


def test_what_is_blinded_stays_blinded() -> None:
    release = next(one for one in real("first-deploy").changes if one.type == Kind.ARGO_CD)
    assert release.new["values"]["configs"]["secret"]["argocdServerAdminPassword"] == SECRET


def test_a_message_loses_its_colours_and_its_severity() -> None:
    (found,) = preview(
        diagnostics=[{"severity": "error", "message": "\x1b[1merror: no\x1b[0m\n"}]
    ).diagnostics
    assert (found.severity, found.message, found.name) == ("error", "no", "")


def test_what_remembers_an_adoption_is_no_change() -> None:
    remembers = step("create", kind="pulumi-python:dynamic/adoption:Adopted")
    assert not preview(remembers).changes


def test_a_preview_that_knows_no_secret_compares_none_and_our_mark_is_nobodys_business() -> None:
    old, new = (
        {"metadata": {"name": "s", "annotations": {"protobox-cd/identity": one}}, "data": {"a": one}}
        for one in ("x", "y")
    )
    steps = [step("update", Kind.SECRET, "s", old=old, new=new), step("delete", old=application())]
    assert preview(*steps).counts == {Operation.CHANGE: 1, Operation.DELETE: 1}
    offline = [{"severity": "warning", "message": "warning: Offline preview: the cluster was not asked."}]
    assert preview(*steps, diagnostics=offline).counts == {Operation.DELETE: 1}
