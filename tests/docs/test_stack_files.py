"""Each stack file in the README and the docs is one that `make check` has nothing against."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stackfile.problems import PROJECT
from tests.docs.pages import PAGES, ROOT, Fence, fences
from tests.site import SITE
from tools.check import check

STACK_FILES = [
    fence
    for page in PAGES
    for fence in fences(page)
    if fence.language == "yaml" and f"{PROJECT}:" in fence.text
]


def completed(text: str) -> dict[str, Any]:
    """Return the stack file in which a snippet stands: what it does not say is the page's site."""
    content = yaml.safe_load(text)
    said = content.get("config", content)
    return {"config": {**{f"{PROJECT}:{name}": section for name, section in SITE.items()}, **said}}


def test_the_pages_have_17_stack_files_at_least() -> None:
    assert len(STACK_FILES) >= 17
    assert {fence.page for fence in STACK_FILES} > {"README.md", "docs/stack-file.md", "docs/strategies.md"}


@pytest.mark.parametrize("fence", STACK_FILES, ids=str)
def test_the_checker_finds_no_mistake_in_it(
    fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site" / "Pulumi.prod.yaml"
    manifest = tmp_path / "docserver/factory/CD/argo/application.yml"
    chart = file.parent / "charts/argo-cd-10.1.1.tgz"
    for path in (file, manifest, chart):
        path.parent.mkdir(parents=True)
    monkeypatch.chdir(file.parent)
    example = (ROOT / "examples/applications/docserver.yml").read_text(encoding="utf-8")
    manifest.write_text(example.replace("argo-docserver", "argo-another"), encoding="utf-8")
    with tarfile.open(chart, "w:gz") as packed:
        packed.add(ROOT / "lab/charts/argo-cd/Chart.yaml", "argo-cd/Chart.yaml")
    file.write_text(yaml.safe_dump(completed(fence.text), sort_keys=False), encoding="utf-8")
    assert [(problem.where, problem.what) for problem in check(file).problems] == []


def test_a_mistake_in_a_snippet_is_found(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(yaml.safe_dump(completed(f"{PROJECT}:dns: {{strategy: dnsmask}}")), encoding="utf-8")
    assert check(file).problems
