"""Hypothesis strategies for Corefiles, valid by construction, in every layout CoreDNS reads."""

from __future__ import annotations

from hypothesis import strategies as st

LABELS = st.from_regex(r"[a-z]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
ZONES = st.lists(LABELS, min_size=1, max_size=3).map(".".join).filter(lambda zone: zone != "protobox")
SPACES = st.sampled_from([" ", "  ", "\t", " \t "])
COMMENTS = st.from_regex(r"# [a-z{}\"' ]{0,12}", fullmatch=True)
WORDS = st.one_of(
    LABELS,
    st.from_regex(r"[0-9]{1,3}", fullmatch=True),
    st.sampled_from(
        ["/etc/resolv.conf", "10.0.0.1", "10.0.0.1:5353", "{$MY_HOST_IP}:9253", '"a b"', '"b{"x', "é"]
    ),
    st.sampled_from(["glued#comment", '"# none"', '"\\"}"', "a\rb", "x\u00a0y"]),
)
PLUGINS = LABELS.filter(lambda name: name not in {"import", "bind", "view"})


@st.composite
def directives(draw: st.DrawFn, newline: str, depth: int = 0) -> str:
    """One plugin's lines, with a block of its own now and then."""
    indent = "    " * (depth + 1)
    words = [draw(PLUGINS), *draw(st.lists(WORDS, max_size=3))]
    text = indent + draw(SPACES).join(words)
    if depth == 0 and draw(st.booleans()):
        inner = draw(st.lists(directives(newline, depth=1), max_size=2))
        text += " {" + newline + "".join(inner) + indent + "}"
    if draw(st.integers(0, 5)) == 0:
        text += " " + draw(COMMENTS)
    return text + newline


@st.composite
def server_blocks(draw: st.DrawFn, keys: str, newline: str) -> str:
    """One server block with `keys`, its brace on the same line or on the next."""
    opening = draw(st.sampled_from([" {", "{"])) if keys.endswith(",") else " {"
    opening = newline + "{" if draw(st.integers(0, 4)) == 0 else opening
    body = "".join(draw(st.lists(directives(newline), max_size=4)))
    if draw(st.integers(0, 3)) == 0:
        body += f"\timport {draw(st.sampled_from(['common', 'custom/*.override', 'other']))}{newline}"
    comment = draw(COMMENTS) + newline if draw(st.booleans()) else ""
    return f"{comment}{keys}{opening}{newline}{body}}}"


@st.composite
def corefiles(draw: st.DrawFn) -> str:
    """A whole Corefile with a block for `.`, in LF or CRLF, with or without a BOM and a last line break."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    zones = draw(st.lists(ZONES, unique=True, max_size=4))
    port = draw(st.sampled_from(["", ":53", ":5353"]))
    blocks = [draw(server_blocks(zone + port, newline)) for zone in zones]
    blocks.insert(draw(st.integers(0, len(blocks))), draw(server_blocks(f".{port}", newline)))
    if draw(st.booleans()):
        blocks.insert(0, f"(common) {{{newline}{draw(directives(newline))}}}")
    if draw(st.booleans()):
        blocks.insert(draw(st.integers(0, len(blocks))), "import custom/*.server")
    text = (newline * draw(st.integers(1, 2))).join(blocks)
    text += draw(st.sampled_from(["", newline, newline * 2, f" {newline}# the end", "  "]))
    if newline == "\r\n" and draw(st.booleans()):
        middle = text.find("\n", len(text) // 2) + 1
        text = text[:middle].replace("\r\n", "\n") + text[middle:]
    return draw(st.sampled_from(["", "\ufeff"])) + text
