from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.changes import Preview
from review.digest import parse_preview
from review.guard import Verdict, refusals
from review.note import LIMIT, failure, note
from review.words import Kind
from tests.review import rendered
from tests.review.built import HOSTILE, application, layer, preview, step
from tests.review.real_previews import FAILED, real

JOB = {"CI_JOB_URL": "http://git.protobox/gitlab/protobox1/cd/-/jobs/7", "CI_COMMIT_SHORT_SHA": "abc1234"}


def told(found: Preview, *, allowed: bool = False, job: dict[str, str] = JOB) -> str:
    return note("dev", found, Verdict(refusals(found), allowed=allowed), job)


def failed(found: Preview, log: str = "") -> str:
    return failure("dev", found, log, Verdict(refusals(found)), JOB)


def first_line(body: str) -> str:
    return body.partition("\n")[0]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("first-deploy", "### dev: 9 to add"),
        ("no-changes", "### dev: no changes, `up` would do nothing"),
        ("drift", "### dev: 1 to change"),
        ("to-host-aliases", "### dev: refused; 3 to delete, 2 to change, 2 to add"),
        ("mistakes", "### dev: the preview failed"),
        ("protected-project", "### dev: the preview failed"),
    ],
)
def test_the_heading_has_the_stack_and_the_verdict(name: str, line: str) -> None:
    assert first_line(failed(real(name)) if name in FAILED else told(real(name))) == line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("mistakes", "Pulumi.local.yaml has 2 mistakes; nothing was changed."),
        (
            "foreign-block",
            (
                "pulumi-python:dynamic/coredns:CorefileZones resource 'coredns' has a problem: ConfigMap "
                "kube-system/coredns, key Corefile: a server block of somebody else answers for protobox:53"
            ),
        ),
        ("protected-project", "Preview failed: resource"),
    ],
)
def test_below_the_heading_of_a_failure_stands_why(name: str, line: str) -> None:
    assert " ".join(rendered.blocks(failed(real(name)))[0][1].split()).startswith(line)


def test_the_table_has_a_row_for_each_change_the_dangerous_first() -> None:
    heads, *rows = rendered.rows(told(real("to-host-aliases")))
    assert heads == ["change", "what", "details"]
    # A sign and its word are never on two lines.
    assert [row[0] for row in rows] == ["-\xa0delete"] * 3 + ["~\xa0change"] * 2 + ["+\xa0add"] * 2
    assert ["~\xa0change", "project docserver → Application argo-docserver", "revision: CD → main"] in rows


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("first-deploy", 3),
        ("no-changes", 0),
        ("drift", 1),
        ("to-consul", 2),
        ("to-host-aliases", 3),
        ("another-namespace", 0),
    ],
)
def test_the_diffs_are_blocks_that_gitlab_colours(name: str, count: int) -> None:
    shown = [language for language, _ in rendered.blocks(told(real(name)))]
    assert [language for language in shown if language != "text"] == ["diff"] * count


def test_the_warnings_are_folded_up_below_the_change_and_each_is_told_once() -> None:
    found = real("first-deploy")
    again = replace(found, diagnostics=(*found.diagnostics, *found.diagnostics))
    body = told(again)
    warning = "protobox-cd:credentialTemplates.gitlab: the password goes to"
    assert body.count(warning) == 1
    assert body.index("<details><summary>A warning</summary>") > body.rindex("```diff")
    assert body == told(found)


def test_what_an_offline_preview_does_not_know_is_in_the_heading_and_in_a_warning() -> None:
    message = (
        "warning: Offline preview: PROTOBOX_OFFLINE is set, so the cluster was not asked. What this preview "
        "does not know:\n- the cluster's version\n- the nodes\n"
    )
    body = told(preview(diagnostics=[{"severity": "warning", "message": message}]))
    assert body.splitlines()[0].endswith("(the cluster was not asked, and no secret compared)")
    assert body.splitlines()[2:9] == [
        "<details><summary>A warning</summary>",
        "",
        "```text",
        (
            "Offline preview: PROTOBOX_OFFLINE is set, so the cluster was not asked. What this preview "
            "does not know:"
        ),
        "- the cluster's version",
        "- the nodes",
        "```",
    ]


def test_the_guard_says_what_it_refuses_why_and_what_to_do() -> None:
    body = told(real("to-host-aliases"))
    assert "put the label `allow-deletion` on the merge request and run this job again" in body
    assert "- delete DNS layer `coredns`: the cluster no longer resolves the names in its zones" in body


def test_what_the_label_allows_is_still_shown() -> None:
    body = told(real("to-host-aliases"), allowed=True)
    assert "refused" not in first_line(body)
    assert "**Allowed by the label `allow-deletion`**; look at it twice:" in body
    assert "- delete DNS layer `coredns`" in body


def test_of_a_protected_project_the_engine_says_what_to_do_and_no_label_helps() -> None:
    body = failed(real("protected-project"))
    assert "because it is protected" in " ".join(body.split())
    assert "put the label" not in body


def test_the_footer_says_where_it_ran() -> None:
    last = told(real("drift")).splitlines()[-1]
    assert last == ("commit `abc1234` · [job](http://git.protobox/gitlab/protobox1/cd/-/jobs/7)")


def test_a_link_that_could_end_early_is_left_out() -> None:
    assert "evil" not in told(real("drift"), job={"CI_JOB_URL": "http://a/) [x](http://evil)"})


@pytest.mark.parametrize("name", FAILED)
def test_a_failure_shows_its_diagnostics_and_no_table(name: str) -> None:
    body = failed(real(name))
    assert {language for language, _ in rendered.blocks(body)} == {"text"}
    assert "| change |" not in body
    assert "preview failed\n```" not in body


def test_a_failure_without_a_document_shows_the_log() -> None:
    body = failed(Preview(), "\x1b[31merror: \x1b[0mgetting stack configuration: invalid YAML file\n")
    ((_, printed),) = rendered.blocks(body)
    assert printed == "error: getting stack configuration: invalid YAML file\n"


def test_a_failure_without_any_word_says_that() -> None:
    assert "the engine has not said why" in failed(Preview())


def test_five_thousand_changes_are_a_note_that_can_be_read() -> None:
    steps = [step("create", name=f"argo-p{n}", new=application(f"argo-p{n}")) for n in range(5000)]
    projects: dict[str, Any] = {f"p{n}": {} for n in range(5000)}
    body = told(
        preview(
            *steps,
            step("delete", name="argo-old", old=application("argo-old")),
            config={"projects": projects},
        )
    )
    assert first_line(body) == "### dev: 1 to delete, 5,000 to add"
    assert len(rendered.rows(body)) == 202  # two tables, the second one folded up
    assert "<details><summary>175 more changes</summary>" in body
    assert rendered.rows(body)[1][0] == "-\xa0delete"
    assert "**4,801 more changes** are not listed: 4,801 Applications to add." in body
    assert len(body) < 100_000


def test_what_gitlab_would_not_take_is_left_out_and_named() -> None:
    lines = ["+" + "x" * 490] * 500
    steps = [
        step(
            "create", Kind.DNS_LAYER, f"layer{n}", new=layer("10.0.0.1", edits={f"layer{n} Corefile": lines})
        )
        for n in range(6)
    ]
    body = told(preview(*steps))
    assert len(body) <= LIMIT
    assert len(rendered.blocks(body)) == 3
    assert body.count("characters are left out, since GitLab takes no longer note.**") == 3


@pytest.mark.parametrize("count", [51, 500])
def test_messages_without_number_are_cut_off(count: int) -> None:
    errors = [{"severity": "error", "message": f"{n}" + "x" * 100_000} for n in range(count)]
    warnings = [{"severity": "warning", "message": f"{n}" + "w" * 100_000} for n in range(count)]
    body = failed(preview(diagnostics=[*errors, *warnings]))
    assert len(body) <= LIMIT
    assert f"**and {count - 50:,} more errors**" in body
    assert f"**and {count - 50:,} more warnings**" in body


@pytest.mark.parametrize("text", ["word " * 300_000, "a1 b2_c " * 20_000, "\n".join(["- a field"] * 50_000)])
def test_a_message_without_end_is_cut_off_and_fits_the_page(text: str) -> None:
    body = failed(preview(diagnostics=[{"severity": "error", "message": text}]), text)
    assert len(body) <= 60_000
    assert max(map(len, body.splitlines())) <= 120
    assert " ".join(text.split())[:300].strip() in " ".join(body.split())


def hostile(name: str, more: str) -> Preview:
    """Return a preview with `name` and `more` in every place where somebody else may write."""
    return preview(
        step("create", name=name, new=application(name, revision=more, namespace=name)),
        step("update", name=more, old=application(more, revision=name), new=application(more, revision=more)),
        step("update", Kind.ARGO_CD, name, old={"values": {}}, new={"name": more, "values": {name: more}}),
        step("update", Kind.DNS_LAYER, name, old={}, new=layer(more, zone=name, edits={name: ["+a", more]})),
        step("delete", Kind.NAMESPACE, more, old={"metadata": {"name": name}}),
        step("create", name, more, new={}),
        diagnostics=[
            {"severity": "warning", "message": f"{name}\n- {more}"},
            {"severity": "error", "message": more, "urn": f"urn:pulumi:a::b::c::{name}"},
        ],
        config={"projects": {name: {"application": more}}, "dns": {"strategy": more}},
    )


texts = st.sampled_from(HOSTILE) | st.text(max_size=20)


@given(texts, texts)
@example("/close", "text\n/close\n```\n/merge")
def test_nobody_who_chooses_a_name_can_steer_the_note(name: str, more: str) -> None:
    found = hostile(name, more)
    for body in (told(found), failed(found, more)):
        assert not rendered.QUICK_ACTION.search(body)
        assert not rendered.REFERENCES.search(rendered.outside_of_code(body).replace("~\xa0change", ""))
        assert rendered.tags(body) <= rendered.OUR_TAGS
        body.encode()


@given(texts)
def test_the_table_keeps_its_three_columns(name: str) -> None:
    rows = rendered.rows(told(hostile(name, name)))
    assert {len(row) for row in rows} == {3}
    assert len(rows) == 1 + len(hostile(name, name).changes)


SHAPES: list[Any] = [None, True, 7, "text", [], {}, [None], {"a": 1}, [[]], [{}], {"a": [{"b": None}]}]
FIELDS = ["metadata", "spec", "zones", "edits", "owned", "values", "name", "namespace", "present", "chart"]
shapes = st.sampled_from(SHAPES)
states = shapes | st.builds(
    lambda inputs: {"inputs": inputs, "outputs": {"original": {}}},
    shapes | st.dictionaries(st.sampled_from(FIELDS), shapes, max_size=4),
)


@given(
    st.sampled_from(["create", "update", "delete", "replace", "import", "same", 3]),
    st.sampled_from([*Kind, "odd"]),
    states,
    states,
    st.dictionaries(st.sampled_from(["config", "diagnostics", "duration", "changeSummary"]), shapes),
)
def test_a_preview_of_any_shape_has_a_note(
    op: Any, kind: str, old: Any, new: Any, more: dict[str, Any]
) -> None:
    one = {**step("update", kind), "op": op, "oldState": old, "newState": new, "diffReasons": new}
    found = parse_preview(json.dumps({"steps": [one, old, new], **more}))
    assert told(found).startswith("### dev: ")
    assert failed(found).startswith("### dev: ")
