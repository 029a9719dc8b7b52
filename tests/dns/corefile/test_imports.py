"""What a Corefile imports, put in the place of its `import` lines."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, parse
from components.dns.corefile.imports import expand

FILES = {
    "/etc/coredns/custom/b.server": "b {\n    import inner/x\n}\n",
    "/etc/coredns/custom/a.server": "a {\n    log\n}",
    "/etc/coredns/custom/inner/x": "whoami\n",
    "/etc/coredns/custom/c.other": "c {\n}\n",
}


def test_files_come_in_the_order_of_their_names_and_from_the_folder_of_the_importing_file() -> None:
    corefile = parse(expand("import custom/*.server\n. {\n}\n", FILES).text)
    assert [block.keys for block in corefile.server_blocks] == [("a",), ("b",), (".",)]
    assert [line.name for line in corefile.server_blocks[1].directives] == ["whoami"]


def test_a_place_is_told_with_its_file_and_line() -> None:
    text = "# first\nimport custom/*.server\n\n. {\n}\n"
    expanded = expand(text, FILES)
    assert expanded.place(expanded.text.index("whoami")) == "/etc/coredns/custom/inner/x, line 1"
    assert expanded.place(expanded.text.index("b {")) == "/etc/coredns/custom/b.server, line 1"
    assert expanded.place(expanded.text.index(". {")) == "line 4"


def test_a_text_without_imports_stays_as_it_is() -> None:
    text = "\ufeff. {\r\n    log\r\n}"
    assert expand(text, FILES).text == text


def test_a_glob_that_matches_nothing_brings_nothing() -> None:
    assert (
        parse(expand(". {\n    import custom/*.nothing\n}\n", FILES).text).server_blocks[0].directives == ()
    )


def test_a_file_has_a_byte_order_mark_of_its_own() -> None:
    (block,) = parse(expand("import x", {"/etc/coredns/x": "\ufeffa {\n}\n"}).text).server_blocks
    assert block.keys == ("a",)


def test_what_is_in_a_file_that_nobody_imports_does_not_matter() -> None:
    files = {"/etc/coredns/notes": 'say "hello'}
    assert expand(". {\n}\n", files).text == ". {\n}\n"
    with pytest.raises(CorefileError, match="never closed"):
        expand("import notes\n. {\n}\n", files)


def test_a_snippet_is_no_file() -> None:
    text = "(s) {\n    log\n}\n. {\n    import s\n}\n"
    assert expand(text, {}).text == text


def test_a_file_may_use_a_snippet_that_stands_before_it() -> None:
    files = {"/etc/coredns/x": "a {\n    import s\n}\n"}
    corefile = parse(expand("(s) {\n    log\n}\nimport x\n. {\n}\n", files).text)
    assert [line.name for line in corefile.server_blocks[0].plugins] == ["log"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [("import missing\n", ()), ("import zones/*\n", ("/etc/coredns/zones",)), ("import /x/y/*\n", ("/x",))],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, hidden: tuple[str, ...]) -> None:
    with pytest.raises(CorefileError, match="nobody can read from here what") as caught:
        expand(f". {{\n}}\n{text}", FILES, hidden=hidden)
    assert caught.value.line == 3


def test_files_that_import_one_another_are_refused() -> None:
    files = {"/etc/coredns/x": "import y\n", "/etc/coredns/y": "import x\n"}
    with pytest.raises(CorefileError, match="imported by files that it imports itself"):
        expand("import x\n", files)
