from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.tools.test_rights_needed import EXAMPLES, given
from tools.check import check
from tools.rights import main, rights_needed


@pytest.mark.parametrize("purpose", ["up", "preview"])
def test_the_manifest_gives_exactly_the_rights_of_the_stack(
    purpose: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = EXAMPLES / "Pulumi.page.yaml"
    assert main([str(path), "--for", purpose]) == 0
    text = capsys.readouterr().out
    settings = check(path).settings
    assert settings
    assert given(text) == set(rights_needed(settings, purpose))
    kinds = [one["kind"] for one in yaml.safe_load_all(text)]
    assert kinds.count("ServiceAccount") == 1
    assert len([kind for kind in kinds if kind.endswith("Role")]) == kinds.count("RoleBinding") + 1


def test_a_stack_file_with_mistakes_gets_no_rights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    assert main([str(tmp_path / "Pulumi.dev.yaml")]) == 1
    assert "make check" in capsys.readouterr().err


@pytest.mark.parametrize("adopt", [False, True])
def test_the_namespace_that_comes_along_has_to_be_taken_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], adopt: bool
) -> None:
    text = (EXAMPLES / "Pulumi.page.yaml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    content["config"].setdefault("protobox-cd:argocd", {})["adopt"] = adopt
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert main([str(file)]) == 0
    assert ("#   protobox-cd:argocd: {adopt: true}" in capsys.readouterr().out.splitlines()) != adopt
