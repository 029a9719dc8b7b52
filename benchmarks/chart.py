"""Bars with their spread, as an SVG that is readable on a light page and on a dark one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.measuring import Spread

_WIDTH, _LEFT, _RIGHT = 760, 230, 120
_BAR, _GAP, _HEAD = 18, 8, 34
_FONT = "font-family='system-ui, sans-serif'"
_BOLD = "font-weight='600'"
_COLOURS = ("#2f6fb3", "#8a8f98", "#b9bdc4", "#c98a2b", "#5a9a68")
"""Ours first; each name has the same one in all groups."""


@dataclass(frozen=True)
class Group:
    """Bars below a heading."""

    title: str
    bars: Sequence[tuple[str, Spread]]


def bars(title: str, groups: Sequence[Group]) -> str:
    """Return a picture of bars of seconds, each group to its own scale; a line shows least and most.

    Args:
        title: what is shown; for who cannot see it, too.
        groups: the groups.
    """
    names = list(dict.fromkeys(name for group in groups for name, _ in group.bars))
    body: list[str] = []
    y = 44
    for group in groups:
        y += _HEAD - 12
        body.append(_text(16, y, group.title, _BOLD))
        y += 12
        scale = (_WIDTH - _LEFT - _RIGHT) / max(spread.most for _, spread in group.bars)
        for name, spread in group.bars:
            colour = _COLOURS[names.index(name) % len(_COLOURS)]
            body += _bar(y, name, spread, scale, colour)
            y += _BAR + _GAP
    y += 12
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{y}' viewBox='0 0 {_WIDTH} {y}' "
        f"role='img' {_FONT} font-size='13'>\n<title>{escape(title)}</title>\n"
        f"<rect width='{_WIDTH}' height='{y}' rx='6' fill='#ffffff' stroke='#d0d4da'/>\n"
        + _text(16, 28, title, f"{_BOLD} font-size='15'")
    )
    return "\n".join([picture, *body, "</svg>\n"])


def number(value: float, unit: str = "s") -> str:
    """Return a number with as many digits as a reader needs."""
    if not value:
        return f"0 {unit}"
    if unit == "s" and value < 0.1:  # noqa: PLR2004 - milliseconds read better there
        return number(value * 1000, "ms")
    digits = max(1 - math.floor(math.log10(value)), int(value < 100))  # noqa: PLR2004 - 12.3, but 123
    return f"{value:,.{digits}f} {unit}"


def _bar(y: int, name: str, spread: Spread, scale: float, colour: str) -> list[str]:
    middle = y + _BAR // 2
    least, most = (_LEFT + value * scale for value in (spread.least, spread.most))
    width = max(spread.median * scale, 1)
    line = f"M{least:.1f} {middle}H{most:.1f}M{least:.1f} {middle - 4}v8M{most:.1f} {middle - 4}v8"
    return [
        _text(_LEFT - 10, y + 13, name, "text-anchor='end'"),
        f"<rect x='{_LEFT}' y='{y}' width='{width:.1f}' height='{_BAR}' rx='2' fill='{colour}'/>",
        f"<path d='{line}' stroke='#22262b' fill='none'/>",
        _text(round(max(most, _LEFT + width)) + 8, y + 13, number(spread.median)),
    ]


def _text(x: int, y: int, text: str, style: str = "") -> str:
    return f"<text x='{x}' y='{y}' fill='#22262b' {style}>{escape(text)}</text>"
