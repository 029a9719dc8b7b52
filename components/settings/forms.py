"""Forms of text: one pattern each, by which the program reads a value and an editor marks it.

The patterns are written so that Python and JavaScript (ECMA-262, which JSON Schema asks for) read them alike.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import Field

_HEX = "[0-9A-Fa-f]{1,4}"
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LABEL = "[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?"

IPV4 = rf"({_OCTET}\.){{3}}{_OCTET}"
IPV6 = "({})".format(
    "|".join(
        [
            f"({_HEX}:){{7}}{_HEX}",
            f"({_HEX}:){{1,7}}:",
            *(f"({_HEX}:){{1,{7 - n}}}(:{_HEX}){{1,{n}}}" for n in range(1, 7)),
            f":(:{_HEX}){{1,7}}",
            "::",
        ]
    )
)
"""RFC 4291, section 2.2, forms 1 and 2; an IPv4 address as its last part (form 3) is left out."""
NAME = rf"{_LABEL}(\.{_LABEL})*"
"""A host name (RFC 1123), in any case and without final dot; its length is asked for apart."""
PORT = "(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"


class Form:
    """A form of text.

    Args:
        pattern: what the whole text looks like.
        hint: what an editor says of a text that looks otherwise.
    """

    def __init__(self, pattern: str, hint: str) -> None:
        self.pattern = f"^({pattern})$"
        self.hint = hint

    def fits(self, text: str) -> bool:
        """Tell whether `text`, the whole of it, has this form."""
        match = re.match(self.pattern, text)
        return match is not None and match.end() == len(text)  # `$` alone would let a last line break pass

    @property
    def field(self) -> Any:
        """What makes pydantic write the pattern into the schema, for `Annotated`."""
        return Field(json_schema_extra={"pattern": self.pattern, "patternErrorMessage": self.hint})
