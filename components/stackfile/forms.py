"""Forms of text: one pattern each, by which the program reads a value and an editor marks it.

The patterns are written so that Python and JavaScript (ECMA-262, which JSON Schema asks for) read them alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from components.stackfile.base import mistake
from components.stackfile.problems import behind_login, without_login

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
    """A form of text; in `Annotated` it lets no other text pass, and an editor marks one.

    Args:
        pattern: what the whole text looks like.
        what: what is wrong with a text that looks otherwise, with `{}` for the text, or `{bare}` for what
            is behind its `@`. Without it a validator beside the form refuses the text.
        why: why that matters.
        fix: what to write, which an editor says too; or a function that returns it for the text.
    """

    def __init__(
        self, pattern: str, what: str = "", why: str = "", fix: str | Callable[[str], str] = ""
    ) -> None:
        self.pattern = f"^({pattern})$"
        self._what, self._why, self._fix = what, why, fix

    def fits(self, text: str) -> bool:
        """Tell whether `text`, the whole of it, has this form."""
        return re.fullmatch(self.pattern, text) is not None  # `$` alone would let a last line break pass

    def require(self, text: str) -> str:
        """Return `text`, if it has this form.

        Raises:
            PydanticCustomError: it has not; the message says what, why and the fix.
        """
        if self._what and not self.fits(text):
            fix = self._fix if isinstance(self._fix, str) else self._fix(text)
            raise mistake(
                self._what.format(repr(without_login(text)), bare=repr(behind_login(text))), self._why, fix
            )
        return text

    @property
    def json_schema(self) -> dict[str, str]:
        """What an editor marks a text by."""
        hint = self._fix if isinstance(self._fix, str) else ""
        return {"pattern": self.pattern, **({"patternErrorMessage": hint} if hint else {})}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(self.require, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), **self.json_schema}
