"""The Corefiles of `tests/corefiles/` and what is expected of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml
from pydantic import TypeAdapter

FOLDER = Path(__file__).parents[2] / "corefiles"

# Plugins that open ports, read the cluster or start something; a comparison of structure needs none.
_WITH_EFFECTS = re.compile(
    r"^[ \t]*(?:health|ready|prometheus|kubernetes|loop|reload|tls)\b[^\n{]*(?:\{[^}]*\})?[^\n]*\n",
    re.MULTILINE,
)
# What node-cache puts in their places, and the addresses that only the node knows.
_PLACEHOLDERS = {
    "__PILLAR__LOCAL__DNS__": "169.254.20.10",
    "__PILLAR__DNS__SERVER__": "10.96.0.10",
    "__PILLAR__CLUSTER__DNS__": "10.96.211.45",
    "__PILLAR__UPSTREAM__SERVERS__": "192.0.2.53",
    "/etc/resolv.conf": "192.0.2.53",
}
_OPENING = re.compile(r"^(?:[^\s(#}{][^\n{]*)?\{(?=\s)", re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    """What planning our zone does with one Corefile; the file of expectations tells more."""

    result: Literal["spliced", "left", "ours", "refused"]
    key: str = "protobox:53"
    bind: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    reason: str = ""
    line: int = 0

    @property
    def in_pods(self) -> dict[str, str]:
        """Whole path in CoreDNS's pods → text, of all files beside the Corefile."""
        files = {f"/etc/coredns/{name}": text for name, text in self.files.items()}
        return files | {f"/etc/coredns/custom/{name}": text for name, text in self.custom.items()}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of our block."""
        return tuple(self.key.split())


def expectations() -> dict[str, Expected]:
    """Return what is expected of each Corefile, by its name."""
    text = (FOLDER / "expected.yaml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Expected]).validate_python(yaml.safe_load(text))


def read(name: str) -> str:
    """Return the text of one Corefile, line ends and byte order mark as they are."""
    return (FOLDER / f"{name}.corefile").read_bytes().decode()


def harmless(text: str) -> str:
    """Return `text` without plugins that have effects, and every block bound; the layout stays."""
    text = _WITH_EFFECTS.sub("", text).replace("proxy . ", "forward . ")
    for name, address in _PLACEHOLDERS.items():
        text = text.replace(name, address)
    return text if "bind " in text else _OPENING.sub(r"\g<0>\n    bind 192.0.2.1\n", text)
