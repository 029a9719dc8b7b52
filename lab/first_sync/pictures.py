"""`make pictures`: the README's pictures, drawn from a demo that really runs."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from lab.first_sync.site import FirstSync
from lab.first_sync.story import demo

FOLDER = Path("docs/pictures")
_BEFORE, _AFTER = "b", "f"
_WIDTH, _WIDTH_OF_STATUS = 100, 136
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw(console: Console, folder: Path = FOLDER) -> list[Path]:
    """Run the demo with dnsmasq; write pictures of its terminal, of `make status` and of argocd-server.

    Raises:
        LabError: the demo cannot run here.
    """
    terminal = Console(record=True, width=_WIDTH, file=console.file, highlight=False)
    status = Console(record=True, width=_WIDTH_OF_STATUS, file=io.StringIO())
    said: dict[str, Mapping[str, Any]] = {}

    def look(letter: str, site: FirstSync) -> None:
        if letter in {_BEFORE, _AFTER}:
            said[letter] = _short(site.as_served())
        if letter == _AFTER:
            status.print(Text(site.shown_status().rstrip()))

    demo("dnsmasq", terminal, look=look)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [
        _save(terminal, folder / "demo.svg", "make demo"),
        _save(status, folder / "status.svg", "make status STACK=local"),
    ]
    for letter, name in ((_BEFORE, "before"), (_AFTER, "after")):
        page = Console(record=True, width=_WIDTH, file=io.StringIO())
        text = json.dumps(said[letter], indent=2)
        page.print(Syntax(text, "json", theme="ansi_dark", word_wrap=True))
        drawn.append(
            _save(page, folder / f"{name}.svg", "argocd-server: GET /api/v1/applications/argo-docserver")
        )
    return drawn


def _short(application: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person looks at first: where it comes from, and how it is."""
    status = application["status"]
    conditions = [{"type": one["type"], "message": one["message"]} for one in status.get("conditions", [])]
    return {
        "repoURL": application["spec"]["source"]["repoURL"],
        "sync": {key: status["sync"][key] for key in ("status", "revision") if key in status["sync"]},
        "health": status["health"]["status"],
        **({"conditions": conditions} if conditions else {}),
    }


def _save(console: Console, file: Path, title: str) -> Path:
    """Write what `console` has recorded, with a font of the reader's machine, not from the internet."""
    svg = console.export_svg(title=title, clear=False)
    file.write_text(_FONT_FACE.sub("", svg), encoding="utf-8")
    return file
