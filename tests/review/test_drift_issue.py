from __future__ import annotations

from typing import Any

import pytest

from review.gitlab_api import GitLabError
from review.texts import LABEL, DriftIssue, Marker, Written, framed
from tests.review.gitlab import GitLab, Issue, Token, User
from tests.review.gitlab.api import LONGEST_DESCRIPTION
from tests.review.gitlab.objects import Role
from tests.review.gitlab.server import BOT, TOKEN

ISSUES = r"/issues$"
ISSUE = r"/issues/\d+$"
OPERATOR = User(3, "operator")


def issue_of(gitlab: GitLab, stack: str, pipeline: int) -> DriftIssue:
    """Return the issue as the drift job of a pipeline sees it."""
    environ = gitlab.environ(pipeline)
    del environ["CI_MERGE_REQUEST_IID"]
    return DriftIssue(stack, environ)


def report(
    gitlab: GitLab, body: str = "the Corefile", *, stack: str = "dev", pipeline: int = 1000
) -> Written:
    return issue_of(gitlab, stack, pipeline).write(body, is_drift=True)


def close(gitlab: GitLab, *, stack: str = "dev", pipeline: int = 1000) -> Written:
    return issue_of(gitlab, stack, pipeline).write("No drift any more.", is_drift=False)


def states(gitlab: GitLab) -> list[str]:
    return [issue.state for issue in gitlab.project.issues]


def add_issue(gitlab: GitLab, pipeline: int, *, author: User = BOT, **more: Any) -> Issue:
    """Add an issue that an earlier pipeline has opened."""
    description = framed(Marker("drift", "dev", pipeline), f"of {pipeline}")
    issue = Issue(gitlab.project.next_id(), "Drift: stack dev", description, author, **more)
    gitlab.project.issues.append(issue)
    return issue


def test_drift_opens_one_issue(gitlab: GitLab) -> None:
    assert report(gitlab) == Written.CREATED
    (issue,) = gitlab.project.issues
    assert issue.title == "Drift: stack dev"
    assert issue.labels == [LABEL]
    assert "the Corefile" in str(issue.description)


def test_more_drift_updates_the_issue(gitlab: GitLab) -> None:
    report(gitlab)
    assert report(gitlab, "the Corefile and the Release", pipeline=1001) == Written.UPDATED
    (issue,) = gitlab.project.issues
    assert "and the Release" in str(issue.description)


def test_each_stack_has_its_issue(gitlab: GitLab) -> None:
    for stack in ("dev", "prod"):
        report(gitlab, stack=stack)
    close(gitlab, stack="dev", pipeline=1001)
    assert states(gitlab) == ["closed", "opened"]


def test_drift_that_is_gone_closes_the_issue_which_still_says_what_it_was(gitlab: GitLab) -> None:
    report(gitlab)
    assert close(gitlab, pipeline=1001) == Written.UPDATED
    (issue,) = gitlab.project.issues
    assert issue.state == "closed"
    assert str(issue.description).index("No drift any more.") < str(issue.description).index("the Corefile")


def test_nothing_is_written_where_there_was_no_drift(gitlab: GitLab) -> None:
    assert close(gitlab) == Written.UNCHANGED
    report(gitlab)
    close(gitlab, pipeline=1001)
    gitlab.requests.clear()
    assert close(gitlab, pipeline=1002) == Written.UNCHANGED
    assert gitlab.count("P") == 0


def test_drift_that_comes_back_opens_the_same_issue_again(gitlab: GitLab) -> None:
    report(gitlab)
    close(gitlab, pipeline=1001)
    assert report(gitlab, "again", pipeline=1002) == Written.UPDATED
    (issue,) = gitlab.project.issues
    assert issue.state == "opened"
    assert "No drift" not in str(issue.description)


def test_an_issue_that_a_person_closed_too_early_is_opened_again(gitlab: GitLab) -> None:
    report(gitlab)
    gitlab.project.issues[0].state = "closed"
    assert report(gitlab) == Written.UPDATED
    assert states(gitlab) == ["opened"]


def test_what_a_person_wrote_changed_or_labelled_stays(gitlab: GitLab) -> None:
    report(gitlab)
    (issue,) = gitlab.project.issues
    issue.description = f"{issue.description}\n\nAsked the supervisor."
    issue.title, issue.labels = "Somebody edits CoreDNS at night", ["dns"]
    report(gitlab, "other drift", pipeline=1001)
    close(gitlab, pipeline=1002)
    assert str(issue.description).endswith("Asked the supervisor.")
    assert (issue.title, issue.labels) == ("Somebody edits CoreDNS at night", ["dns"])
    assert gitlab.project.issues == [issue]


def test_the_issue_is_found_among_150_others(gitlab: GitLab) -> None:
    report(gitlab)
    for at in range(150):
        issue = Issue(gitlab.project.next_id(), f"issue {at}", None, BOT if at % 2 else OPERATOR, [LABEL])
        gitlab.project.issues.append(issue)
    assert report(gitlab, "more", pipeline=1001) == Written.UPDATED


def test_the_issue_of_the_token_before_is_found_by_its_label(gitlab: GitLab) -> None:
    issue = add_issue(gitlab, 999, author=User(40, "project_5_bot"), labels=[LABEL])
    assert report(gitlab) == Written.UPDATED
    assert close(gitlab, pipeline=1001) == Written.UPDATED
    assert gitlab.project.issues == [issue]


@pytest.mark.parametrize(
    "more",
    [
        {"author": OPERATOR, "labels": [LABEL]},
        {"author": User(6, "project_55_bot_0"), "labels": [LABEL]},
        {"moved_to_id": 88, "state": "closed"},
    ],
    ids=["a person's copy", "another project's bot", "moved to another project"],
)
def test_an_issue_that_only_looks_like_ours_stays_as_it_is(gitlab: GitLab, more: dict[str, Any]) -> None:
    issue = add_issue(gitlab, 999, **more)
    before = (issue.description, issue.state)
    assert report(gitlab) == Written.CREATED
    assert (issue.description, issue.state) == before


@pytest.mark.parametrize("state", ["opened", "closed"])
def test_what_a_newer_pipeline_has_found_is_left_alone(gitlab: GitLab, state: str) -> None:
    issue = add_issue(gitlab, 1001, state=state)
    assert report(gitlab) == Written.NEWER
    assert close(gitlab) == (Written.NEWER if state == "opened" else Written.UNCHANGED)
    assert issue.state == state
    assert gitlab.count("P") == 0


def test_a_guests_token_which_sets_no_label_still_opens_one_issue(gitlab: GitLab) -> None:
    gitlab.tokens[TOKEN] = Token(User(BOT.id, BOT.username, Role.GUEST))
    report(gitlab)
    assert report(gitlab, "more", pipeline=1001) == Written.UPDATED
    assert states(gitlab) == ["opened"]


def test_a_token_without_rights_is_told(gitlab: GitLab) -> None:
    gitlab.tokens[TOKEN] = Token(BOT, scope="read_api")
    with pytest.raises(GitLabError) as raised:
        report(gitlab)
    message = " ".join(str(raised.value).split())
    assert message.startswith(f"the issue about drift of stack dev (GitLab at {gitlab.url})")
    assert "insufficient_scope" in message
    assert TOKEN not in message


def test_a_description_that_is_too_long_is_told_with_gitlabs_words(gitlab: GitLab) -> None:
    with pytest.raises(GitLabError, match="is too long"):
        report(gitlab, "x" * LONGEST_DESCRIPTION)
    assert not gitlab.project.issues
