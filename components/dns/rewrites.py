"""The lines of the plugin `rewrite`: which names they are about."""

from __future__ import annotations

from components.dns.corefile import Directive
from components.dns.patterns import Pattern, regex
from components.dns.zones import bare


def rule_words(line: Directive) -> list[str]:
    """Return the words of a line, of its own braces too, without what becomes of the rules behind it."""
    words = [*line.args, *(word for option in line.body for word in option)]
    return words[1:] if words and words[0].lower() in {"stop", "continue"} else words


def question_words(line: Directive) -> list[str]:
    """Return the words of a `rewrite name`, without what it says of the answer; none for other rewrites."""
    words = rule_words(line)
    if not words or words[0].lower() != "name":
        return []
    behind = words[1:]
    # In lines of its own, an answer begins with its kind again: `answer name …`.
    return behind[: behind.index("answer")] if "answer" in behind else behind


def name_pattern(words: list[str]) -> Pattern | None:
    """Return which names a `rewrite name` with these words is about; None if it cannot be read."""
    if len(words) == 2:  # noqa: PLR2004 - FROM and TO
        return Pattern("exact", bare(words[0]))
    if len(words) < 3:  # noqa: PLR2004 - with the kind of match before them
        return None
    kind, text = words[0].lower(), words[1]
    if kind == "regex":
        return regex(text)
    if kind == "exact":
        return Pattern(kind, bare(text))
    return Pattern(kind, text.lower()) if kind in {"prefix", "suffix", "substring"} else None
