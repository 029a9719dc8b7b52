"""The conditions of `rules:if`, as GitLab's documentation describes them.

`==` and `!=` compare variables, quoted texts and `null`; `=~` and `!~` look for a pattern such as `/^v/i`;
a variable alone is true when it has a value. `&&` binds closer than `||`. A variable that is not set is
`null`, also against another one that is not set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Value = str | re.Pattern[str] | None

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<variable>\$\w+ | \$\{\w+\})
    | (?P<text>"[^"]*" | '[^']*')
    | (?P<pattern>/(?:[^/\\]|\\.)+/i?)
    | (?P<null>null\b)
    | (?P<sign>==|!=|=~|!~|&&|\|\||\(|\))
    )""",
    re.VERBOSE,
)


class ExpressionError(ValueError):
    """GitLab would not take the condition."""


def holds(expression: str, variables: Mapping[str, str]) -> bool:
    """Return whether a condition is true with `variables`.

    Raises:
        ExpressionError: it is not a condition.
    """
    reader = _Reader(_tokens(expression), variables)
    found = reader.alternatives()
    if reader.tokens:
        raise ExpressionError(f"{expression!r}: {reader.tokens[0][1]!r} stands where nothing may follow")
    return found


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens = []
    rest = expression.strip()
    while rest:
        found = _TOKEN.match(rest)
        if not found or found.lastgroup is None:
            raise ExpressionError(f"{expression!r}: {rest!r} is not understood")
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        rest = rest[found.end() :]
    return tokens


class _Reader:
    """Reads the tokens from the left; each method takes what belongs to it."""

    def __init__(self, tokens: list[tuple[str, str]], variables: Mapping[str, str]) -> None:
        self.tokens = tokens
        self._variables = variables

    def alternatives(self) -> bool:
        found = self._conjunction()
        while self._take("||"):
            right = self._conjunction()
            found = found or right
        return found

    def _conjunction(self) -> bool:
        found = self._comparison()
        while self._take("&&"):
            right = self._comparison()
            found = found and right
        return found

    def _comparison(self) -> bool:
        if self._take("("):
            found = self.alternatives()
            if not self._take(")"):
                raise ExpressionError("a bracket is not closed")
            return found
        left = self._value()
        for sign in ("==", "!=", "=~", "!~"):
            if self._take(sign):
                return _compared(left, sign, self._value())
        return bool(left)

    def _value(self) -> Value:
        kind, text = self.tokens.pop(0) if self.tokens else ("end", "")
        match kind:
            case "variable":
                return self._variables.get(text.strip("${}"))
            case "text":
                return text[1:-1]
            case "pattern":
                body, _, flags = text[1:].rpartition("/")
                try:
                    return re.compile(body, re.IGNORECASE if flags else 0)
                except re.error as error:
                    raise ExpressionError(f"/{body}/ is no pattern: {error}") from None
            case "null":
                return None
        raise ExpressionError(f"a value is missing {f'before {text!r}' if text else 'at the end'}")

    def _take(self, sign: str) -> bool:
        if self.tokens and self.tokens[0] == ("sign", sign):
            self.tokens.pop(0)
            return True
        return False


def _compared(left: Value, sign: str, right: Value) -> bool:
    if sign in {"==", "!="}:
        if isinstance(left, re.Pattern) or isinstance(right, re.Pattern):
            raise ExpressionError(f"a pattern is compared with {sign}; write =~")
        return (left == right) == (sign == "==")
    if not isinstance(right, re.Pattern):
        raise ExpressionError(f"what follows {sign} is not a pattern between slashes")
    found = isinstance(left, str) and right.search(left) is not None
    return found == (sign == "=~")
