"""An editor's language server helps with a stack file: it completes, flags and explains."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor.language_server import LanguageServer, missing

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
MODELINE = "# yaml-language-server: $schema=schema/stack.schema.json\n"
HEAD = f"{MODELINE}config:\n  protobox-cd:cluster: {{context: lab}}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder, with the schema where the first line of a stack file says it is."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "schema", folder / "schema")
    return folder


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[LanguageServer]:
    if reason := missing():
        pytest.skip(reason)
    with LanguageServer(root) as running:
        yield running


@pytest.mark.parametrize("name", ["Pulumi.dev.yaml", "Pulumi.local.yaml"])
def test_nothing_is_flagged_in_the_stack_files_of_the_repository(
    server: LanguageServer, root: Path, name: str
) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.startswith(MODELINE)
    assert server.open(root / name, text) == []


def test_a_misspelt_key_is_flagged_at_its_column(server: LanguageServer, root: Path) -> None:
    text = f"{HEAD}  protobox-cd:git:\n    baseUrl: http://git.protobox\n    revison: CD\n"
    flagged = server.open(root / "Pulumi.misspelt.yaml", text)
    (found,) = [one for one in flagged if "revison" in one["message"]]
    assert found["range"]["start"] == {"line": 5, "character": 4}


GIT = "  protobox-cd:git: {baseUrl: http://git.protobox/gitlab}\n"


@pytest.mark.parametrize(
    ("section", "place", "said"),
    [
        (
            "dns:\n    strategy: dnsmasq\n    zones: [protobox]\n    servers: [supervisor]\n",
            (7, 14),
            "write the server's IP, for example 192.168.1.7",
        ),
    ],
)
def test_what_the_program_would_refuse_is_marked_where_it_stands(
    server: LanguageServer, root: Path, section: str, place: tuple[int, int], said: str
) -> None:
    text = f"{HEAD}{GIT}  protobox-cd:{section}"
    flagged = server.open(root / f"Pulumi.{len(section)}.yaml", text)
    (found,) = [one for one in flagged if said in one["message"]]
    assert (found["range"]["start"]["line"], found["range"]["start"]["character"]) == place


def test_completion_offers_the_strategies(server: LanguageServer, root: Path) -> None:
    path = root / "Pulumi.complete.yaml"
    server.open(path, f"{HEAD}  protobox-cd:dns:\n    strategy: \n")
    labels = {item["label"] for item in server.at("completion", path, 4, 14)["items"]}
    assert {"consul", "dnsmasq", "hostAliases", "none"} <= labels


def test_completion_offers_the_keys_of_a_project(server: LanguageServer, root: Path) -> None:
    path = root / "Pulumi.keys.yaml"
    server.open(path, f"{HEAD}  protobox-cd:projects:\n    docserver:\n      \n")
    labels = {item["label"] for item in server.at("completion", path, 5, 6)["items"]}
    assert {"revision", "syncPolicy", "cascade", "destinations"} <= labels


def test_hover_explains_a_key(server: LanguageServer, root: Path) -> None:
    path = root / "Pulumi.hover.yaml"
    server.open(path, f"{HEAD}  protobox-cd:git:\n    baseUrl: http://git.protobox\n")
    shown = server.at("hover", path, 4, 6)["contents"]
    assert "The Git server's address by name" in shown["value"]
