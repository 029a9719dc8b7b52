"""The site that `make docs` builds: every page is in its menu, and it works without internet."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import PAGES, ROOT
from tools.docs_site import place_on_site, with_links_of_the_site


class _WithoutPython(yaml.SafeLoader):
    """Reads mkdocs.yml, and makes nothing of what names a function there."""


_WithoutPython.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
CONFIG: dict[str, Any] = _WithoutPython((ROOT / "mkdocs.yml").read_text(encoding="utf-8")).get_single_data()


def in_menu(entry: Any) -> Iterator[str]:
    """Yield the pages of a part of the menu."""
    if isinstance(entry, str):
        yield entry
    else:
        for below in entry.values() if isinstance(entry, dict) else entry:
            yield from in_menu(below)


def test_the_menu_names_every_page_once() -> None:
    assert sorted(in_menu(CONFIG["nav"])) == sorted(map(place_on_site, PAGES))


def test_the_readers_browser_asks_nothing_of_the_internet() -> None:
    assert CONFIG["theme"]["font"] is False
    assert "offline" in CONFIG["plugins"]
    for script in CONFIG["extra"]["polyfills"]:
        assert (ROOT / "docs" / script).is_file()


def test_the_links_of_the_repository_become_those_of_the_site() -> None:
    assert with_links_of_the_site("[a](docs/b.md#c) ![](docs/d.svg)", "README.md") == "[a](b.md#c) ![](d.svg)"
    assert with_links_of_the_site("[a](../README.md) [b](c.md)", "docs/d.md") == "[a](index.md) [b](c.md)"
    assert with_links_of_the_site("[a](b.yaml)", "examples/README.md") == "[a](b.yaml)"
    assert with_links_of_the_site("[a](https://b/c) [d](#e)", "README.md") == "[a](https://b/c) [d](#e)"


@pytest.mark.real
def test_the_site_is_built_and_its_pages_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    if not (ROOT / ".venv-docs/installed").exists():
        pytest.skip("MkDocs is not installed; `make docs` installs it")
    command = [str(ROOT / ".venv-docs/bin/mkdocs"), "--quiet", "build", "--site-dir", str(tmp_path)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.html")}
    assert {place_on_site(page).removesuffix(".md").replace("README", "index") for page in PAGES} <= {
        name.removesuffix(".html") for name in built
    }
    for page in built.values():
        text = page.read_text(encoding="utf-8")
        loading = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", text)
        assert [tag for tag in loading if re.search(r'(?:src|href)="?(?:https?:)?//', tag)] == []
        assert "unpkg.com" not in text
