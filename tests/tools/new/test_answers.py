"""From answers to a stack file that has no mistake."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from tools.check import check
from tools.new.answers import STRATEGIES, Answers, name_of, stack_file, zone_of
from tools.new.found import addresses_in, manifests_in, named_in, patterns_of

PAGE = Path(__file__).parents[3] / "examples" / "applications" / "docserver.yml"
SITE = Answers("lab", "http://git.protobox/gitlab", "protobox1", projects=["docserver"])


def said(answers: Answers) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(stack_file(answers))
    return {key.removeprefix("protobox-cd:"): value for key, value in content["config"].items()}


def with_strategy(name: str) -> Answers:
    more: dict[str, Any] = {
        "dnsmasq": {"zones": ["protobox"], "servers": ["192.168.1.7"]},
        "consul": {"zones": ["protobox"], "servers": ["192.168.1.7:8600"]},
        "hosts": {"address": "192.168.1.7"},
        "hostAliases": {"address": "192.168.1.7"},
    }
    return Answers(**{**vars(SITE), "strategy": name, **more.get(name, {})})


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_file_of_each_strategy_has_no_mistake(name: str, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.new.yaml"
    path.write_text(stack_file(with_strategy(name)), encoding="utf-8")
    result = check(path)
    assert result.problems == []
    assert result.settings
    assert result.settings.dns.strategy == name


def test_every_line_is_explained_where_a_reader_would_ask() -> None:
    text = stack_file(with_strategy("dnsmasq"))
    assert text.startswith("# yaml-language-server: $schema=schema/stack.schema.json\n")
    for explained in ("context:", "baseUrl:", "strategy:", "zones:", "nodelocaldns:"):
        assert any(explained in line and "#" in line for line in text.splitlines())


def test_host_aliases_take_an_address_or_this_machines_file() -> None:
    assert said(with_strategy("hostAliases"))["dns"]["hosts"] == {
        "entries": {"192.168.1.7": ["git.protobox"]}
    }
    from_file = Answers(**{**vars(SITE), "strategy": "hostAliases"})
    assert said(from_file)["dns"]["hosts"] == {"file": "/etc/hosts"}


@pytest.mark.parametrize(
    ("host", "zone"), [("git.protobox", "protobox"), ("gitlab", "gitlab"), ("git.lab.site", "lab.site")]
)
def test_the_zone_is_what_stands_behind_the_first_dot(host: str, zone: str) -> None:
    assert zone_of(host) == zone


def test_the_projects_own_files_are_found_with_the_addresses_in_them(tmp_path: Path) -> None:
    for project in ("a", "group/b"):
        folder = tmp_path / project / "factory" / "CD" / "argo"
        folder.mkdir(parents=True)
        (folder / "application.yml").write_bytes(PAGE.read_bytes())
    (tmp_path / "broken" / "factory" / "CD" / "argo").mkdir(parents=True)
    (tmp_path / "broken" / "factory" / "CD" / "argo" / "application.yml").write_bytes(b"a: [\xff")
    found = manifests_in(tmp_path)
    assert [path.relative_to(tmp_path).parts[0] for path in found] == ["a", "broken", "group"]
    assert addresses_in(found) == ["192.168.1.7"]


@pytest.mark.parametrize(
    "text",
    [
        "&a {spec: *a}",
        "&a [*a]",
        "[" * 5000,
        "{a: " * 150 + "1" + "}" * 150,
        "a: !!timestamp x",
        "a: [",
        "a: *nothing",
        "- 5",
        "",
        "\0",
    ],
)
def test_a_file_that_cannot_be_read_has_no_addresses(tmp_path: Path, text: str) -> None:
    broken, whole = tmp_path / "broken.yml", tmp_path / "whole.yml"
    broken.write_text(text, encoding="utf-8")
    whole.write_text("spec: {source: {repoURL: 'http://192.168.1.7/a.git'}}", encoding="utf-8")
    assert addresses_in([broken, tmp_path / "absent.yml", whole]) == ["192.168.1.7"]


def test_what_manifests_name_of_others_is_found_once(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    spec = "{{project: {}, destination: {{name: {}}}}}"
    documents = [
        spec.format(*names) for names in (("shop", "edge"), ("shop", "in-cluster"), ("default", "''"))
    ]
    file.write_text("---\n".join(f"spec: {one}\n" for one in [*documents, "[a]", "{project: 5}"]))
    assert named_in([file]) == (["shop"], ["edge"])


@pytest.mark.parametrize(
    ("base_url", "hosts", "name"),
    [
        ("http://git.protobox/gitlab", {}, "git.protobox"),
        ("http://192.168.1.7/gitlab", {}, ""),
        ("http://192.168.1.7/gitlab", {"192.168.1.7": "git.protobox"}, "git.protobox"),
        ("http://[fd00::7]/gitlab", {}, ""),
    ],
)
def test_an_address_is_no_name(base_url: str, hosts: dict[str, str], name: str) -> None:
    assert name_of(base_url, hosts) == name


FOLDERS = st.text(alphabet="ab[]*?!-. ", min_size=1, max_size=6).filter(lambda name: set(name) != {"."})


@given(FOLDERS)
def test_a_manifest_is_named_so_that_it_is_found_again(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    file = tmp_path_factory.mktemp("checkouts") / name / "application.yml"
    file.parent.mkdir()
    file.touch()
    assert glob.glob(patterns_of([file])[0]) == [str(file)]  # noqa: PTH207 - as the program reads the pattern


@example("\x85", ["\x7f", "\u2028"])
@given(st.text(min_size=1, max_size=20), st.lists(st.text(min_size=1, max_size=8), max_size=3))
def test_whatever_is_answered_stands_in_the_file_as_it_was_said(text: str, names: list[str]) -> None:
    answers = Answers("lab", "http://git.protobox", group=text, zones=names, servers=["192.168.1.7"])
    found = said(answers)
    assert found["git"]["group"] == text
    assert found["dns"]["zones"] == names
