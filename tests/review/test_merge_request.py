from __future__ import annotations

import threading
from typing import Any

import pytest

from review import sticky
from review.gitlab_connection import GitLabError, connect
from review.marker import END, Marker, framed, read_marker
from review.merge_request import LIMIT, MergeRequest, Written
from tests.review.gitlab import Fault, GitLab, Note, Token, User, serving
from tests.review.gitlab.objects import Role
from tests.review.gitlab.server import BOT, TOKEN

REVIEWER = User(3, "reviewer")
NOTES = r"/notes$"
NOTE = r"/notes/\d+$"


def put(gitlab: GitLab, body: str = "3 to add", *, stack: str = "dev", pipeline: int = 1000) -> Written:
    """Write the note of a stack, as the job of a pipeline does."""
    merge_request = MergeRequest.of_this_pipeline(gitlab.environ(pipeline))
    assert merge_request
    return merge_request.put_note(stack, body)


def refusal(gitlab: GitLab, body: str = "3 to add") -> str:
    """Return the message with which writing fails."""
    with pytest.raises(GitLabError) as raised:
        put(gitlab, body)
    assert TOKEN not in str(raised.value)
    return " ".join(str(raised.value).split())


def add_ours(gitlab: GitLab, body: str, pipeline: int, *, below: str = "", **more: Any) -> Note:
    """Add a note about the stack dev that an earlier pipeline has written."""
    return gitlab.add_note(framed(Marker("preview", "dev", pipeline), body, below), **more)


def add_chatter(gitlab: GitLab, count: int = 150) -> None:
    """Add what people and GitLab itself write on a merge request."""
    for at in range(count):
        gitlab.add_note(f"remark {at}", REVIEWER, system=at % 3 == 0)


def ours(gitlab: GitLab) -> list[Note]:
    """Return the notes of the token's own user about previews."""
    return [note for note in gitlab.notes if note.author == BOT and read_marker(note.body)]


def test_a_pipeline_of_a_branch_has_no_merge_request(gitlab: GitLab) -> None:
    environ = gitlab.environ()
    del environ["CI_MERGE_REQUEST_IID"], environ["PROTOBOX_GITLAB_TOKEN"]
    assert MergeRequest.of_this_pipeline(environ) is None
    assert not gitlab.requests


def test_a_pipeline_of_a_fork_writes_to_the_project_of_the_merge_request(gitlab: GitLab) -> None:
    environ = gitlab.environ() | {"CI_PROJECT_ID": "99"}
    merge_request = MergeRequest.of_this_pipeline(environ)
    assert merge_request
    assert merge_request.put_note("dev", "3 to add") == Written.CREATED


def test_the_labels_are_those_of_now(gitlab: GitLab) -> None:
    merge_request = MergeRequest.of_this_pipeline(gitlab.environ() | {"CI_MERGE_REQUEST_LABELS": "old"})
    assert merge_request
    assert merge_request.labels() == frozenset()
    gitlab.merge_request.labels = ["allow-deletion", "dns"]
    assert merge_request.labels() == {"allow-deletion", "dns"}


def test_labels_that_cannot_be_asked_are_an_error(gitlab: GitLab) -> None:
    gitlab.project.merge_requests.clear()
    merge_request = MergeRequest.of_this_pipeline(gitlab.environ())
    assert merge_request
    with pytest.raises(GitLabError, match="the labels of merge request !7"):
        merge_request.labels()


def test_the_first_note_is_created_with_the_marker_on_its_first_line(gitlab: GitLab) -> None:
    assert put(gitlab) == Written.CREATED
    assert [note.body for note in gitlab.notes] == [
        f"<!-- protobox-cd:preview stack=dev pipeline=1000 -->\n3 to add\n\n{END}"
    ]


def test_the_next_pipeline_updates_the_note_in_place(gitlab: GitLab) -> None:
    put(gitlab)
    (before,) = gitlab.notes
    assert put(gitlab, "4 to add", pipeline=1001) == Written.UPDATED
    (note,) = gitlab.notes
    assert note.id == before.id
    assert "4 to add" in note.body
    assert "3 to add" not in note.body


def test_a_note_that_says_so_already_is_not_written_again(gitlab: GitLab) -> None:
    put(gitlab)
    gitlab.requests.clear()
    assert put(gitlab) == Written.UNCHANGED
    assert {request.partition(" ")[0] for request in gitlab.requests} == {"GET"}


def test_the_note_is_found_among_150_others_on_any_page(gitlab: GitLab) -> None:
    gitlab.external_url = "https://gitlab.example.com"
    add_chatter(gitlab)
    put(gitlab)
    add_chatter(gitlab)
    assert put(gitlab, "4 to add", pipeline=1001) == Written.UPDATED
    assert len(ours(gitlab)) == 1
    assert len(gitlab.notes) == 301


def test_two_stacks_have_a_note_each(gitlab: GitLab) -> None:
    for pipeline in (1000, 1001):
        for stack in ("dev", "dev2", "prod", "org/site/dev"):
            put(gitlab, f"{stack} in {pipeline}", stack=stack, pipeline=pipeline)
    assert [note.body.split("\n")[1] for note in gitlab.notes] == [
        f"{stack} in 1001" for stack in ("dev", "dev2", "prod", "org/site/dev")
    ]


MARKER = str(Marker("preview", "dev", 999))


@pytest.mark.parametrize(
    "note",
    [
        Note(1, f"{MARKER}\nfirst line of a colleague", REVIEWER),
        Note(1, f"I wonder about `{MARKER}`", BOT),
        Note(1, f"> {MARKER}\n> 2 to add", BOT),
        Note(1, f"{MARKER}\nof GitLab itself", BOT, system=True),
        Note(1, str(Marker("drift", "dev", 999)), BOT),
    ],
)
def test_a_note_that_only_looks_like_ours_stays_as_it_is(gitlab: GitLab, note: Note) -> None:
    before = note.body
    gitlab.notes.append(note)
    assert put(gitlab) == Written.CREATED
    assert note.body == before
    assert len(gitlab.notes) == 2


def test_a_note_that_somebody_has_answered_is_still_ours(gitlab: GitLab) -> None:
    note = add_ours(gitlab, "2 to add", 999, type="DiscussionNote")
    assert put(gitlab) == Written.UPDATED
    assert gitlab.notes == [note]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_a_person_wrote_below_our_last_line_stays(gitlab: GitLab, ends: str) -> None:
    note = add_ours(gitlab, "2 to add", 999, below="\n\nAgreed with *Ops*: Tuesday.")
    note.body = note.body.replace("\n", ends)
    assert put(gitlab) == Written.UPDATED
    assert note.body.startswith(f"{Marker('preview', 'dev', 1000)}\n3 to add\n\n{END}")
    assert note.body.endswith("Agreed with *Ops*: Tuesday.")
    assert put(gitlab) == Written.UNCHANGED


@pytest.mark.parametrize("person", ["LGTM, but see below", "\n", "two\n\nparagraphs\n"])
def test_what_a_person_wrote_above_our_note_stays(gitlab: GitLab, person: str) -> None:
    note = add_ours(gitlab, "2 to add", 999)
    note.body = f"{person}\n{note.body}"
    assert put(gitlab) == Written.UPDATED
    assert gitlab.notes == [note]
    assert note.body == f"{person}\n{framed(Marker('preview', 'dev', 1000), '3 to add')}"
    assert put(gitlab) == Written.UNCHANGED


def test_what_a_person_changed_in_our_part_is_overwritten(gitlab: GitLab) -> None:
    put(gitlab)
    (note,) = gitlab.notes
    note.body = note.body.replace("3 to add", "nothing to see here")
    assert put(gitlab) == Written.UPDATED
    assert "3 to add" in note.body
    assert "nothing to see" not in note.body


def test_a_newer_pipelines_note_is_left_alone(gitlab: GitLab) -> None:
    note = add_ours(gitlab, "newer", 1001)
    assert put(gitlab) == Written.NEWER
    assert "newer" in note.body
    assert gitlab.count("P") == 0


def test_a_job_that_is_repeated_overwrites_its_pipelines_note(gitlab: GitLab) -> None:
    put(gitlab, "the first time")
    assert put(gitlab, "the second time") == Written.UPDATED
    assert "the second time" in gitlab.notes[0].body


def test_notes_that_are_there_twice_become_one_with_the_newest_content(gitlab: GitLab) -> None:
    first = add_ours(gitlab, "old", 998)
    add_ours(gitlab, "newer than this pipeline", 1001)
    assert put(gitlab) == Written.NEWER
    assert gitlab.notes == [first]
    assert "newer than this pipeline" in first.body


RACES = [
    (is_there, mine, other, at)
    for is_there in (False, True)
    for mine, other in ((1000, 1001), (1001, 1000))
    for at in range(4)  # the user, the list, the write, the list again
    # Without the gap that `settle` describes: the newer job does all between this one's look and PUT.
    if (is_there, mine, at) != (True, 1000, 2)
]


@pytest.mark.parametrize(("is_there", "mine", "other", "at"), RACES)
def test_another_job_in_between_leaves_one_note_of_the_newer_pipeline(
    gitlab: GitLab, is_there: bool, mine: int, other: int, at: int
) -> None:
    """The other job does all that it does just before this job's request number `at` is carried out."""
    first = add_ours(gitlab, "old", 999) if is_there else None
    between = Fault(before=lambda: put(gitlab, f"of {other}", pipeline=other))
    gitlab.faults = [Fault(times=at), between]
    put(gitlab, f"of {mine}", pipeline=mine)
    assert not between.times
    (note,) = gitlab.notes
    assert "of 1001" in note.body
    assert first is None or note is first


def test_jobs_that_really_run_at_the_same_time_leave_one_note() -> None:
    for _ in range(5):
        with serving(GitLab()) as gitlab:
            add_chatter(gitlab, 120)
            start = threading.Barrier(3)
            done: list[Written] = []

            def job(
                gitlab: GitLab = gitlab, start: threading.Barrier = start, done: list[Written] = done
            ) -> None:
                start.wait()
                done.append(put(gitlab))

            jobs = [threading.Thread(target=job) for _ in range(3)]
            for one in jobs:
                one.start()
            for one in jobs:
                one.join()
            assert len(done) == 3
            (note,) = ours(gitlab)
            assert "3 to add" in note.body


@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", NOTES, status=502, is_done=True),
        Fault("POST", NOTES, status=502),
        Fault("POST", NOTES, status=429, headers={"Retry-After": "0"}),
        Fault("POST", NOTES, drops=True, is_done=True),
        Fault("POST", NOTES, drops=True),
        Fault("POST", NOTES, status=503, times=4),
        Fault("GET", NOTES, status=500, times=3),
    ],
    ids=lambda fault: f"{fault.method} {fault.status or 'dropped'}{' done' * fault.is_done} x{fault.times}",
)
def test_a_busy_gitlab_ends_with_one_note(gitlab: GitLab, fault: Fault) -> None:
    gitlab.faults = [fault]
    is_done = fault.is_done
    assert put(gitlab) == Written.CREATED
    assert len(gitlab.notes) == 1
    assert gitlab.count("POST") == 1 if is_done else gitlab.count("POST") >= 1


def test_a_note_that_a_slow_gitlab_writes_after_all_is_taken_away_by_the_next_run(gitlab: GitLab) -> None:
    put(gitlab)
    (first,) = gitlab.notes
    add_ours(gitlab, "late", 1000)
    put(gitlab, pipeline=1001)
    assert gitlab.notes == [first]


@pytest.mark.parametrize("is_done", [False, True])
def test_an_update_that_gitlab_did_not_confirm_is_looked_at_again(gitlab: GitLab, is_done: bool) -> None:
    note = add_ours(gitlab, "2 to add", 999)
    gitlab.faults = [Fault("PUT", NOTE, status=504, is_done=is_done)]
    assert put(gitlab) == Written.UPDATED
    assert "3 to add" in note.body
    assert gitlab.count("PUT") == (1 if is_done else 2)


def test_an_old_update_is_not_repeated_over_a_newer_note(gitlab: GitLab) -> None:
    note = add_ours(gitlab, "2 to add", 999)
    busy = Fault("PUT", NOTE, status=503, before=lambda: put(gitlab, "newer", pipeline=1001))
    gitlab.faults = [busy]
    assert put(gitlab) == Written.NEWER
    assert "newer" in note.body


def test_a_note_that_was_deleted_before_it_could_be_updated_is_created(gitlab: GitLab) -> None:
    add_ours(gitlab, "2 to add", 999)
    gitlab.faults = [Fault("PUT", NOTE, before=gitlab.notes.clear)]
    assert put(gitlab) == Written.CREATED
    assert len(gitlab.notes) == 1


def test_a_second_note_that_somebody_else_deleted_is_no_error(gitlab: GitLab) -> None:
    first = add_ours(gitlab, "2 to add", 999)
    add_ours(gitlab, "twice", 999)
    gitlab.faults = [Fault("DELETE", NOTE, before=gitlab.notes.pop)]
    assert put(gitlab) == Written.UPDATED
    assert gitlab.notes == [first]


def test_a_text_that_gitlab_stores_otherwise_is_written_once(gitlab: GitLab) -> None:
    gitlab.project.stores = lambda text: text.replace("/label ~dns\n", "")
    assert put(gitlab, "3 to add\n/label ~dns\nend") == Written.CREATED
    assert gitlab.count("P") == 1


def test_a_note_that_changes_again_and_again_is_given_up(
    gitlab: GitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sticky, "_ROUNDS", 4)
    note = add_ours(gitlab, "2 to add", 999)

    def meddle() -> None:
        note.body = framed(Marker("preview", "dev", 999), "mine!")

    gitlab.faults = [Fault("GET", NOTES, times=100, before=meddle)]
    assert "changes the same text again and again" in refusal(gitlab)
    assert gitlab.count("PUT") == 4


def test_a_note_as_long_as_gitlab_allows_is_written(gitlab: GitLab) -> None:
    frame = len(framed(Marker("preview", "dev", 1000), ""))
    assert put(gitlab, "é" * (LIMIT - frame)) == Written.CREATED
    assert len(gitlab.notes[0].body) == LIMIT


def test_a_longer_note_is_refused_before_it_is_sent(gitlab: GitLab) -> None:
    message = refusal(gitlab, "x" * LIMIT)
    assert "the text has 1,000,1" in message
    assert "GitLab takes 1,000,000" in message
    assert gitlab.count("POST") == 0


def test_gitlab_itself_refuses_a_longer_note(gitlab: GitLab) -> None:
    connection = connect(gitlab.environ())
    path = "/projects/5/merge_requests/7/notes"
    with pytest.raises(GitLabError, match="is too long"), connection.operation("the note", "why"):
        connection.http_post(path, post_data={"body": "x" * (LIMIT + 1)})


def test_a_persons_text_is_never_cut_to_make_room(gitlab: GitLab) -> None:
    note = add_ours(gitlab, "2 to add", 999, below="\n" + "w" * 900_000)
    before = note.body
    assert "what persons have written around our part counts too" in refusal(gitlab, "x" * 200_000)
    assert note.body == before


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_a_merge_request_that_is_closed_or_merged_gets_its_note(gitlab: GitLab, state: str) -> None:
    gitlab.merge_request.state = state
    assert put(gitlab) == Written.CREATED


@pytest.mark.parametrize("is_there", [False, True])
def test_a_locked_discussion_is_told(gitlab: GitLab, is_there: bool) -> None:
    if is_there:
        add_ours(gitlab, "2 to add", 999, type="DiscussionNote")
    gitlab.merge_request.locked = True
    message = refusal(gitlab)
    assert message.startswith(f"the note about stack dev on merge request !7 (GitLab at {gitlab.url})")
    assert "403: 403 Forbidden" in message
    assert "unlock the discussion" in message
    assert "a reviewer would decide from an old one" in message
    assert len(gitlab.notes) == is_there


def test_a_token_that_may_only_read_is_told(gitlab: GitLab) -> None:
    gitlab.tokens[TOKEN] = Token(BOT, scope="read_api")
    message = refusal(gitlab)
    assert "insufficient_scope" in message
    assert "the scope api" in message


def test_a_token_that_gitlab_does_not_know_is_told(gitlab: GitLab) -> None:
    gitlab.tokens.clear()
    message = refusal(gitlab)
    assert "401: 401 Unauthorized" in message
    assert "CI_JOB_TOKEN does not do" in message


def test_a_token_of_another_project_is_told(gitlab: GitLab) -> None:
    gitlab.tokens[TOKEN] = Token(User(77, "project_6_bot_0", Role.NONE))
    assert "is a token of this very project" in refusal(gitlab)


def test_the_note_of_the_token_before_stays_and_ours_is_new(gitlab: GitLab) -> None:
    gitlab.add_note(framed(Marker("preview", "dev", 999), "2 to add"), User(40, "project_5_bot_0"))
    assert put(gitlab) == Written.CREATED
    assert put(gitlab, pipeline=1001) == Written.UPDATED
    assert len(gitlab.notes) == 2
