"""Every note of a real preview is shown by GitLab as it is meant: tried in a browser, with real Mermaid."""

from __future__ import annotations

import pytest

from tests.review.note_gallery.browser import Drawn, draw, missing
from tests.review.note_gallery.notes import notes
from tests.review.real_previews import FAILED, WORKING

pytestmark = pytest.mark.real

UNDRAWABLE = """\
<b onclick="alert(1)">bold</b>

```mermaid
flowchart LR
  open[ --> end
```

```mermaid
flowchart LR
  a --> {long}
```
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drawn]:
    if reason := missing():
        pytest.skip(reason)
    wrong = UNDRAWABLE.replace("{long}", "b" * 2000)
    return draw({**notes(), "undrawable": wrong}, tmp_path_factory.mktemp("notes"))


@pytest.mark.parametrize("name", [*WORKING, *FAILED])
def test_gitlab_shows_all_of_the_note(drawn: dict[str, Drawn], name: str) -> None:
    assert drawn[name].problems() == []
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in drawn[name].pictures)


def test_what_gitlab_would_not_show_is_found(drawn: dict[str, Drawn]) -> None:
    problems = drawn["undrawable"].problems()
    assert problems[0] == "GitLab takes out: onclick"
    assert any("Mermaid 11." in problem and "Parse error" in problem for problem in problems)
    assert any("Mermaid 10." in problem and "Parse error" in problem for problem in problems)
    assert any("only after a click: it has" in problem for problem in problems)
