"""The tutorial shows what the programs print; tests/engine/test_tutorial.py runs its commands."""

from __future__ import annotations

import inspect
import re

import pytest

from lab.first_sync import story
from lab.first_sync.site import HOST
from tests.docs.pages import ROOT, Fence, fences

STEP = re.compile(r'narrator\.step\("([a-g])", f?"(.+)"\)')
NAMES = {"{HOST}": HOST, "{strategy}": "dnsmasq"}


def shown(page: str, beginning: str) -> Fence:
    """Return the block of a page that begins so."""
    (found,) = [fence for fence in fences(page) if fence.text.startswith(beginning)]
    return found


def test_the_steps_of_the_demo_are_those_that_it_tells() -> None:
    steps = [f"{letter}  {text}" for letter, text in STEP.findall(inspect.getsource(story.tell))]
    for name, value in NAMES.items():
        steps = [step.replace(name, value) for step in steps]
    assert shown("docs/tutorial.md", "a  As").text.splitlines() == steps
    assert len(steps) == 7


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/tutorial.fr.md"])
def test_the_answers_of_both_layers_are_those_that_the_readme_shows(page: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert shown(page, "│ git.protobox").text in readme
