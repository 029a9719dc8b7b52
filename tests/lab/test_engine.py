"""What `pulumi up` prints, and how it ends, on a program in Pulumi's place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from lab.engine import Engine
from lab.errors import LabError
from lab.lab import Lab
from lab.main_job import has_changes
from lab.programs import Programs

COLOURED = r"""#!/bin/sh
printf 'Updating \033[1m(local)\033[0m\n\033[1;95mResources:\033[0m\n    \033[32mWHAT\033[0m\n'
"""


def up(tmp_path: Path, script: str) -> tuple[str, list[Text]]:
    """Return what `up` returns with `script` as Pulumi, and what it has shown."""
    program = tmp_path / "pulumi"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    everywhere: dict[str, Any] = {field.name: program for field in dataclasses.fields(Programs)}
    lab = Lab(tmp_path / "lab", Programs(**everywhere))
    shown: list[Text] = []
    return Engine(lab, tmp_path).up(shown.append), shown


@pytest.mark.parametrize(
    ("what", "changed"), [("+ 11 created", True), ("+-1 replaced", True), ("2 unchanged", False)]
)
def test_changes_are_seen_in_colours_too(tmp_path: Path, what: str, changed: bool) -> None:
    printed, shown = up(tmp_path, COLOURED.replace("WHAT", what))
    assert printed.splitlines() == ["Updating (local)", "Resources:", f"    {what}"]
    assert has_changes(printed) is changed
    assert shown[1].spans  # the terminal's colours


def test_a_pulumi_that_is_killed_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="Signal 9 has ended `pulumi up`"):
        up(tmp_path, "#!/bin/sh\nkill -9 $$\n")


def test_a_pulumi_that_fails_is_told_with_the_lab_still_there(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="The lab keeps running for another try"):
        up(tmp_path, "#!/bin/sh\nexit 255\n")
