from __future__ import annotations

from pathlib import Path

import pytest

from tools.bundle import arriving, sweep


def test_what_is_whole_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "wheels"
    for text in ("first", "second"):
        with arriving(target) as made:
            made.mkdir()
            (made / text).touch()
    assert [file.name for file in target.iterdir()] == ["second"]
    assert [*tmp_path.iterdir()] == [target]


def test_what_is_half_made_is_not_taken_for_whole(tmp_path: Path) -> None:
    target = tmp_path / "images.txt"
    target.write_text("whole", encoding="utf-8")

    def begin() -> None:
        with arriving(target) as made:
            made.write_text("ha", encoding="utf-8")
            raise OSError("the line is cut")

    with pytest.raises(OSError, match="the line is cut"):
        begin()
    assert target.read_text(encoding="utf-8") == "whole"
    assert [*tmp_path.iterdir()] == [target]


def test_what_a_killed_run_has_left_goes_with_the_next(tmp_path: Path) -> None:
    left = tmp_path / "pulumi" / "plugins" / ".arriving-x"
    (left / "half").mkdir(parents=True)
    sweep(tmp_path)
    assert [*left.parent.iterdir()] == []
