from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import digest
from review.changes import SECRET, Operation
from review.digest import PreviewError, parse_preview, read_preview
from review.words import Kind
from tests.review.built import application, document, preview, step
from tests.review.real_previews import FAILED, WORKING, in_words, real, text

EVERY_OPERATION = {
    "create": Operation.ADD,
    "update": Operation.CHANGE,
    "delete": Operation.DELETE,
    "replace": Operation.REPLACE,
    "import": Operation.ADOPT,
    "read": Operation.READ,
}


@pytest.mark.parametrize("name", WORKING)
def test_what_the_engine_counts_is_counted(name: str) -> None:
    found = real(name)
    counted = sum(count for operation, count in found.counted.items() if operation != "same")
    assert found.counts.total() + found.bookkeeping == counted


def test_groups_connections_and_the_stack_itself_are_no_changes() -> None:
    assert real("first-deploy").bookkeeping == 6
    assert real("first-deploy").counts == {Operation.ADD: 9}
    assert real("no-changes").changes == ()


@pytest.mark.parametrize(("op", "operation"), EVERY_OPERATION.items())
def test_each_operation_of_the_engine_has_its_word(op: str, operation: Operation) -> None:
    assert [one.operation for one in preview(step(op)).changes] == [operation]


@pytest.mark.parametrize("op", ["same", "refresh", "discard", "remove-pending-replace"])
def test_the_engines_work_on_its_own_state_is_no_change(op: str) -> None:
    assert preview(step(op)).changes == ()


def test_an_operation_that_nobody_knows_is_shown_as_a_change() -> None:
    assert preview(step("transmogrify")).counts == {Operation.CHANGE: 1}


def test_the_steps_of_a_replacement_are_one_replacement() -> None:
    old, new = application(revision="CD"), application(revision="main")
    (change,) = preview(
        step("create-replacement", new=new),
        step("replace", old=old, new=new),
        step("delete-replaced", old=old, protect=True),
    ).changes
    assert change.operation is Operation.REPLACE
    assert (change.old, change.new, change.protected) == (old, new, True)


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


def test_the_time_is_in_seconds() -> None:
    assert preview().seconds == pytest.approx(2.5)


@pytest.mark.parametrize(
    "before",
    [
        "warning: a new version is available\n",
        '{"level": "warning", "msg": "a"}\n{"sequence": 1}\n',
        "\ufeff",
        "panic: {\n{broken\n",
        "\n\n",
    ],
)
def test_whatever_is_printed_before_the_document_is_stepped_over(before: str) -> None:
    assert in_words(parse_preview(before + text("drift"))) == in_words(real("drift"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("Segmentation fault", "it begins with 'Segmentation fault'"),
        ('{"sequence": 1, "resourcePreEvent": {}}', "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"),
        ("[]", "is not what"),
        ("{}", "is not what"),
    ],
)
def test_what_is_no_preview_is_told_with_the_fix(content: str, told: str) -> None:
    with pytest.raises(PreviewError) as error:
        parse_preview(content)
    said = " ".join(str(error.value).split())
    assert told in said
    assert "why: " in said
    assert "fix: " in said


@given(st.sampled_from([*WORKING, *FAILED]), st.data())
def test_a_preview_that_is_cut_off_anywhere_is_refused(name: str, data: st.DataObject) -> None:
    whole = text(name).rstrip()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(PreviewError):
        parse_preview(cut)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PreviewError, match=r"cannot\s+be\s+read:\s+No\s+such\s+file"):
        read_preview(tmp_path / "preview.json")


def test_bytes_that_are_no_utf_8_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    path.write_bytes(b"\xff\xfe warning\n" + document(step("create")).encode())
    assert read_preview(path).counts == {Operation.ADD: 1}


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(PreviewError, match=r"has\s+300\s+MB;\s+at\s+most\s+256\s+MB"):
        read_preview(path)


def test_memory_stays_in_proportion_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    outputs = {"managedFields": ["x" * 50] * 100}
    steps = [
        step("update", old=application(), new=application(f"argo-{n}"), outputs=outputs) for n in range(2000)
    ]
    path.write_text(document(*steps), encoding="utf-8")
    del steps
    tracemalloc.start()
    try:
        read_preview(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * path.stat().st_size < digest._LARGEST  # noqa: SLF001
