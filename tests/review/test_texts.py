from __future__ import annotations

from typing import Any

import pytest

from review.gitlab_api import GitLabError
from review.texts import END, Marker, MergeRequest, Written, framed, read_marker
from tests.review.gitlab import GitLab, Note, Token, User
from tests.review.gitlab.api import LONGEST_NOTE
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
    return gitlab.add_note(framed(Marker("preview", "dev", pipeline), body) + below, **more)


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


def test_a_text_that_gitlab_stores_otherwise_is_written_once(gitlab: GitLab) -> None:
    gitlab.project.stores = lambda text: text.replace("/label ~dns\n", "")
    assert put(gitlab, "3 to add\n/label ~dns\nend") == Written.CREATED
    assert gitlab.count("P") == 1


def test_a_note_as_long_as_gitlab_allows_is_written(gitlab: GitLab) -> None:
    frame = len(framed(Marker("preview", "dev", 1000), ""))
    assert put(gitlab, "é" * (LONGEST_NOTE - frame)) == Written.CREATED
    assert len(gitlab.notes[0].body) == LONGEST_NOTE


def test_a_longer_note_is_refused_with_gitlabs_words(gitlab: GitLab) -> None:
    message = refusal(gitlab, "x" * LONGEST_NOTE)
    assert "is too long (maximum is 1000000 characters)" in message
    assert not gitlab.notes


def test_a_persons_text_is_never_cut_to_make_room(gitlab: GitLab) -> None:
    note = add_ours(gitlab, "2 to add", 999, below="\n" + "w" * 900_000)
    before = note.body
    assert "is too long" in refusal(gitlab, "x" * 200_000)
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


COMMIT = "0abc12"


@pytest.mark.parametrize(
    ("state", "branch", "is_found"),
    [("merged", "main", True), ("opened", "main", False), ("merged", "x", False)],
)
def test_the_merge_request_of_a_commit_is_the_one_that_brought_it_to_its_branch(
    gitlab: GitLab, state: str, branch: str, is_found: bool
) -> None:
    put(gitlab, "shown")
    gitlab.merge_request.state, gitlab.merge_request.target_branch = state, branch
    gitlab.merge_request.commits.append(COMMIT)
    environ = gitlab.environ() | {"CI_COMMIT_SHA": COMMIT, "CI_COMMIT_BRANCH": "main"}
    found = MergeRequest.of_this_commit(environ)
    assert bool(found) == is_found
    if found:
        assert (found.note("dev"), found.note("prod")) == ("shown", "")


@pytest.mark.parametrize(("author", "shown"), [("project_5_bot_of_preview", "shown"), ("a-developer", "")])
def test_an_up_with_a_token_of_its_own_reads_the_note_of_the_previews_token(
    gitlab: GitLab, author: str, shown: str
) -> None:
    gitlab.add_note(framed(Marker("preview", "dev", 999), "shown"), User(40, author))
    request = MergeRequest.of_this_pipeline(gitlab.environ())
    assert request
    assert request.note("dev") == shown


def test_a_commit_that_no_merge_request_brought_has_none(gitlab: GitLab) -> None:
    environ = gitlab.environ() | {"CI_COMMIT_SHA": COMMIT, "CI_COMMIT_BRANCH": "main"}
    assert MergeRequest.of_this_commit(environ) is None


def test_a_merge_request_that_cannot_be_asked_for_is_an_error(gitlab: GitLab) -> None:
    gitlab.tokens.clear()
    environ = gitlab.environ() | {"CI_COMMIT_SHA": COMMIT, "CI_COMMIT_BRANCH": "main"}
    with pytest.raises(GitLabError, match="the merge request of commit 0abc12"):
        MergeRequest.of_this_commit(environ)
