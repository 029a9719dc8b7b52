"""Every note of a real preview is shown by GitLab as it is meant: tried in a browser."""

from __future__ import annotations

import pytest

from tests.review.note_gallery.browser import Drawn, draw, missing
from tests.review.note_gallery.notes import notes
from tests.review.real_previews import FAILED, WORKING

pytestmark = pytest.mark.real

WRONG = '<b onclick="alert(1)">bold</b>'


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drawn]:
    if reason := missing():
        pytest.skip(reason)
    return draw({**notes(), "wrong": WRONG}, tmp_path_factory.mktemp("notes"))


@pytest.mark.parametrize("name", [*WORKING, *FAILED, "fifty-projects"])
def test_gitlab_shows_all_of_the_note(drawn: dict[str, Drawn], name: str) -> None:
    assert drawn[name].lost == ()
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in drawn[name].pictures)


def test_what_gitlab_would_not_show_is_found(drawn: dict[str, Drawn]) -> None:
    assert drawn["wrong"].lost == ("onclick",)
