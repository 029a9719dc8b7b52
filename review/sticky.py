"""One text per stack, a note or an issue: found again by its marker, and written anew in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from gitlab.exceptions import GitlabError

from review.gitlab_errors import GitLabError, TryLaterError
from review.gitlab_session import PatientSession
from review.marker import Marker, above, below, framed, inside

_ROUNDS = 30


class Written(StrEnum):
    """What has become of a text."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    NEWER = "newer"
    """The text of a newer pipeline stands there; it was left alone."""


@dataclass(frozen=True)
class Entry:
    """A text of ours on GitLab.

    Attributes:
        id: the note's id, or the issue's number.
        marker: the line of it that says whose it is.
        text: all of it.
        is_open: false for a closed issue.
    """

    id: int
    marker: Marker
    text: str
    is_open: bool = True


class Shelf(Protocol):
    """Where the texts are."""

    is_wanted: bool
    """Whether an open text shall be there in the end; if not, none is made, and the open ones are closed."""

    def find(self, marker: Marker) -> Sequence[Entry]:
        """Return the texts of ours about the same as `marker`, oldest first."""

    def create(self, text: str) -> None:
        """Put a new text there."""

    def update(self, entry: Entry, text: str) -> None:
        """Write an existing text anew, and open or close it as is wanted."""

    def remove(self, entry: Entry) -> None:
        """Take a text away that is there twice."""


def settle(shelf: Shelf, mine: Marker, body: Callable[[str], str], session: PatientSession) -> Written:
    """Write until exactly one text about `mine` is there, and it is ours or a newer pipeline's.

    After every write, also one that GitLab seems not to have carried out, it looks again. So a POST which
    was answered with 502 but done is found, and of two jobs that create at the same time each sees the
    other's text: the older one stays, with the newer pipeline's content.

    One gap is left, since GitLab has no conditional write: a job of an older pipeline that stands still
    between its last look and its PUT, while a newer one writes and looks again, overwrites the newer text.

    Args:
        shelf: where the texts are.
        mine: the marker to write.
        body: makes our part from the part that stands there, "" where nothing does.
        session: waits between the attempts.

    Raises:
        GitLabError: the text is too long.
        TryLaterError: GitLab stays busy, or somebody changes the text again and again.
        GitlabError: GitLab refuses.
    """
    outcome, is_written = Written.UNCHANGED, False
    for attempt in range(_ROUNDS):
        entries = shelf.find(mine)
        if not entries and not shelf.is_wanted:
            return outcome
        try:
            if not entries:
                outcome = Written.CREATED
                shelf.create(framed(mine, body("")))
                is_written = True
                continue
            first = entries[0]
            wanted = _wanted(entries, mine, body)
            twice = [entry for entry in entries[1:] if entry.is_open]
            is_right = _is_right(first, wanted, shelf, is_written=is_written)
            if is_right and not twice:
                return Written.NEWER if wanted.is_newer else outcome
            if not is_right:
                outcome = Written.UPDATED
                shelf.update(first, wanted.text)
                is_written = True
            for entry in twice:
                shelf.remove(entry)
        except TryLaterError as error:
            session.pause(attempt, error)
        except GitlabError as error:
            if not (entries and error.response_code == HTTPStatus.NOT_FOUND):  # deleted in between
                raise
    raise TryLaterError("somebody changes the same text again and again")


@dataclass(frozen=True)
class _Wanted:
    """What the one text shall be: ours, or that of a newer pipeline."""

    marker: Marker
    text: str
    is_newer: bool


def _wanted(entries: Sequence[Entry], mine: Marker, body: Callable[[str], str]) -> _Wanted:
    newest = max(entries, key=lambda entry: entry.marker.pipeline)
    if newest.marker.pipeline > mine.pipeline:
        return _Wanted(newest.marker, newest.text, is_newer=True)
    there = entries[0].text
    return _Wanted(mine, framed(mine, body(inside(there)), below(there), above(there)), is_newer=False)


def _is_right(there: Entry, wanted: _Wanted, shelf: Shelf, *, is_written: bool) -> bool:
    if wanted.is_newer:
        return there.marker == wanted.marker
    # GitLab may store a text otherwise than it was sent (it takes out quick actions), so what we have written
    # in this run is known by its marker.
    is_same = there.marker == wanted.marker if is_written else _same(there.text, wanted.text)
    return is_same and there.is_open == shelf.is_wanted


def measured(text: str, limit: int, where: str, why: str) -> str:
    """Return `text`.

    Raises:
        GitLabError: it has more than `limit` characters.
    """
    if len(text) <= limit:
        return text
    what = f"the text has {len(text):,} characters; GitLab takes {limit:,}"
    raise GitLabError(
        where, what, why, "split the change; what persons have written around our part counts too"
    )


def _same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but line ends and the space around."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
