"""Endless Corefiles for comparison with real CoreDNS, from a seed: odd but valid ones, and broken ones.

They use plugins that do nothing beyond the process, and every server block binds a loopback address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from tests.dns.corefile.real_coredns import ADDRESS

OTHER_ADDRESS = "127.77.0.2"
_ROOTS = (".", ".:53", "dns://.", '"."', ".:1054")
_KEYS = (
    *("a", "A.", "a.org", "a.org:1054", "dns://b", "b:53", "B.:053", '"c d"', "consul{", "é.org"),
    *(
        "protobox",
        "x.protobox",
        "10.0.0.0/24",
        "10.0.0.0/23",
        "10.0.0.0/8:1054",
        "2001:db8::/31",
        "_x._tcp",
        "*.a",
        "d,e",
    ),
)
_BINDS = (ADDRESS, OTHER_ADDRESS, f"{ADDRESS} {OTHER_ADDRESS}", f'"{ADDRESS}"')
# One plugin a line; `|` is a line break.
_PLUGINS = (
    "errors",
    'errors {|consolidate 5m ".* timeout$"|}',
    "log",
    'log . "{remote} {type} # {name}"',
    "log . {|class denial error|}",
    "cache 30",
    "cache 30 {|success 100|denial 100 5|}",
    "forward . 127.9.9.9",
    "forward . 127.9.9.9 127.9.9.8:5353 {|policy sequential|max_fails 0|}",
    "hosts {|127.0.0.9 git.example|fallthrough|}",
    "rewrite name exact x.a y.a",
    "rewrite stop {|name regex (.*)\\.a {1}.b|answer name (.*)\\.b {1}.a|}",
    'template IN A x {|match .*|answer "{{ .Name }} 60 IN A 127.0.0.1"|}',
    'chaos "Version 1" "A. Uthor"',
    "chaos CoreDNS#glued",
    "loadbalance",
    "whoami",
    "any",
    "debug",
    "bufsize 1232",
    'nsid "two|lines"',
    "import nothing/*.override",
)
_COMMENTS = ("# a comment", "#}", '# { " }', "#", "# import x", "# don't")
_INSERTED = (
    *("{", "}", '"', "#", "\n", "\r\n", "\r", ",", " ", "\t", '\\"', "\\", "\ufeff", "\u00a0", "\u2028"),
    *(" {\n", "\n}\n", " }", "\n{\n", "\n{\n}\n", "\n# }\n", "#{", '""', ' "" ', '"\n"', "\n,\n"),
    *("\nimport\n", "\nimport nothing/*\n", "\nimport nothing/* {\n", "\nimport s\n", "import", " import s "),
    *('\nimport ""\n', "\nimport a/*/*\n", "\nimport t\n", "(s)", "\n(s) {\n", "{$UNSET}", "{%UNSET%}"),
    *(f"\nbind {ADDRESS}\n", "\nview v {\nexpr true\n}\n", ":53", ":0", ":99999", "a..b", ".", "a", "b:53"),
    *(f"\na {{\nbind {ADDRESS}\n}}\n", f"\na b {{\nbind {OTHER_ADDRESS}\n}}\n", "protobox", "::/0", "0::/8"),
)


def seeded(seed: int) -> Random:
    """Return the source of everything random here."""
    return Random(seed)  # noqa: S311 - to be repeated, not to be secret


def corefile(random: Random) -> str:
    """Return a Corefile that CoreDNS should load, unless two of its blocks happen to overlap."""
    blocks = [_server_block(random, random.choice(_ROOTS), []) for _ in range(random.random() < 0.95)]
    snippets: list[str] = []
    for name in random.sample(("s", "t", "u"), random.choice((0, 0, 1, 2))):
        nested = [f"import {one}" for one in snippets if random.random() < 0.3]
        blocks.append(f"({name}) {{{_lines(random, nested)}\n}}")
        snippets.append(name)
    if random.random() < 0.2:
        blocks.append(f"(bound) {{\n  bind {random.choice(_BINDS)}\n}}")
        snippets.append("bound")
    keys = random.sample(_KEYS, random.choice((0, 1, 2, 4)))
    while keys:
        count = random.choice((1, 1, 1, 2, 3))
        blocks.append(_server_block(random, _joined(random, keys[:count]), snippets))
        keys = keys[count:]
    if random.random() < 0.2:
        blocks.append("import nothing/*.server")
    if random.random() < 0.5 and len(blocks) > 1:
        blocks.append(blocks.pop(0))
    text = "\n".join(_commented(random, block) for block in blocks)
    text += random.choice(("", "\n", "\n\n", " ", "\n# the end", "\n#", "\n\t"))
    return _with_line_ends(random, random.choice(("", "", "\ufeff")) + text)


def mutated(random: Random, text: str) -> str:
    """Return `text` with one to three changes, most of which break it."""
    for _ in range(random.choice((1, 1, 2, 3))):
        text = random.choice(_MUTATIONS)(random, text)
    return text


def endless(seed: int, corpus: Sequence[str]) -> Iterator[str]:
    """Yield texts: new ones, new ones mutated, and those of `corpus` mutated."""
    random = seeded(seed)
    while True:
        yield corefile(random)
        yield mutated(random, corefile(random))
        if corpus:
            yield mutated(random, random.choice(corpus))


def _server_block(random: Random, keys: str, snippets: list[str]) -> str:
    opening = random.choice((" {", " {", " {", "\n{", "\t{", " {#}", "\n  # why\n{"))
    if keys.endswith(","):
        opening = " {"
    imports = [f"import {name}" for name in snippets if random.random() < 0.4]
    lines = imports if "import bound" in imports else [f"bind {random.choice(_BINDS)}", *imports]
    return f"{keys}{opening}{_lines(random, lines)}\n}}"


def _lines(random: Random, lines: list[str]) -> str:
    names: set[str] = set()
    for plugin in random.sample(_PLUGINS, random.choice((0, 1, 2, 4))):
        name = plugin.split()[0]
        if name not in names:
            names.add(name)
            lines.append(plugin)
    random.shuffle(lines)
    indent = random.choice(("    ", "\t", "", " \u00a0 "))
    text = ""
    for line in lines:
        text += f"\n{indent}" + line.replace("|", f"\n{indent}")
        if random.random() < 0.2:
            text += f" {random.choice(_COMMENTS)}"
        if random.random() < 0.1:
            text += f"\n{random.choice(_COMMENTS)}"
    return text


def _joined(random: Random, keys: list[str]) -> str:
    text = keys[0]
    for key in keys[1:]:
        text += random.choice((" ", ", ", ",\n", " ,"[1:] + "\t", "  ")) + key
    return text


def _commented(random: Random, block: str) -> str:
    return f"{random.choice(_COMMENTS)}\n{block}" if random.random() < 0.2 else block


def _with_line_ends(random: Random, text: str) -> str:
    kind = random.random()
    if kind < 0.7:
        return text
    if kind < 0.9:
        return text.replace("\n", "\r\n")
    return re.sub("\n", lambda _: random.choice(("\n", "\r\n", "\r\r\n", "\n\r")), text)


def _delete_word(random: Random, text: str) -> str:
    return _edit_piece(random, text, lambda _: "")


def _double_word(random: Random, text: str) -> str:
    return _edit_piece(random, text, lambda piece: random.choice((piece * 2, f"{piece} {piece}")))


def _edit_piece(random: Random, text: str, edit: Callable[[str], str]) -> str:
    pieces = re.findall(r"\s+|\w+|[^\w\s]", text)
    if pieces:
        place = random.randrange(len(pieces))
        pieces[place] = edit(pieces[place])
    return "".join(pieces)


def _insert(random: Random, text: str) -> str:
    place = random.choice([found.start() for found in re.finditer(r"\b|\s|$", text)])
    return text[:place] + random.choice(_INSERTED) + text[place:]


def _delete_line(random: Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        del lines[random.randrange(len(lines))]
    return "".join(lines)


def _double_line(random: Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        lines.insert(random.randrange(len(lines)), random.choice(lines))
    return "".join(lines)


def _join_lines(random: Random, text: str) -> str:
    breaks = [found.start() for found in re.finditer("\n", text)]
    if not breaks:
        return text
    place = random.choice(breaks)
    return text[:place] + random.choice((" ", "")) + text[place + 1 :]


def _truncate(random: Random, text: str) -> str:
    return text[: random.randrange(len(text) + 1)]


_MUTATIONS: Sequence[Callable[[Random, str], str]] = (
    _delete_word,
    _double_word,
    _insert,
    _insert,
    _insert,
    _delete_line,
    _double_line,
    _join_lines,
    _truncate,
)
