"""What of something that is there would be changed or dropped by what is declared in its place. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import yaml

from components.stackfile.merging import deep_merge
from components.stackfile.problems import key_path

_NOTHING = object()
_LONGEST = 80
_SECRET_NAME = re.compile(r"passw|secret|token|credential|(?<!label)key\b", re.IGNORECASE)
_HARMLESS = re.compile(r"secretName|existingSecret|imagePullSecrets|secretInit", re.IGNORECASE)
_MTIME = "argocdServerAdminPasswordMtime"
_SECRET_TEXT = re.compile(r"PRIVATE KEY-----|^\$2[aby]\$|\beyJ[\w-]+\.|://[^/\s@]*@", re.MULTILINE)
_REFERENCE = re.compile(r"\$[a-z0-9.-]+:[\w.-]+|\$[\w-]+(\.[\w-]+)+")
"""What Argo CD looks up in a Secret, such as `$oidc.clientSecret`. It is none itself."""
SECRET = "<secret>"  # noqa: S105 - what stands for one


@dataclass(frozen=True)
class Loss:
    """A value that would not be there any more, or be another one."""

    path: tuple[str, ...]
    old: Any
    new: Any

    @property
    def named(self) -> str:
        """Its path as `pulumi config set --path` takes it."""
        return dotted(self.path)

    @property
    def is_secret(self) -> bool:
        """Whether there is a secret in the old value, by all appearances."""
        return bool(secrets_in(self.old, self.path))

    @property
    def shown(self) -> str:
        """The old value as messages show it."""
        return self._text(self.old)

    def __str__(self) -> str:
        after = "would go" if self.new is _NOTHING else f"→ {self._text(self.new)}"
        return f"{self.named}: {self.shown} {after}"

    def _text(self, value: Any) -> str:
        text = SECRET if self.is_secret else json.dumps(value, ensure_ascii=False)
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def losses(old: Any, new: Any, drop: Collection[str] = ()) -> list[Loss]:
    """Return what of `old`, which is there, is not in `new` as it was; a list counts as one value.

    `drop` has paths whose loss is meant, with everything below them.
    """
    return [
        loss
        for loss in _losses(old, new, ())
        if not {dotted(loss.path[:end]) for end in range(1, len(loss.path) + 1)} & set(drop)
    ]


def _losses(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[Loss]:
    if isinstance(old, Mapping):
        for key, value in old.items():
            below = new.get(key, _NOTHING) if isinstance(new, Mapping) else _NOTHING
            yield from _losses(value, below, (*path, str(key)))
    elif old != new and not (new is _NOTHING and old in (None, "", [])):
        yield Loss(path, old, new)


def secrets_in(value: Any, path: tuple[str, ...] = ()) -> dict[str, str]:
    """Return path → text of all that looks like a secret; rather too often than once too rarely."""
    if isinstance(value, Mapping) and {"name", "value"} <= value.keys():  # such as a variable
        path = (*path, str(value["name"]))
    if isinstance(value, Mapping | list):
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        found = [secrets_in(below, (*path, str(key))) for key, below in inner]
        return {place: text for each in found for place, text in each.items()}
    if not isinstance(value, str) or not value or path[-1:] == (_MTIME,) or _REFERENCE.fullmatch(value):
        return {}
    words = _HARMLESS.sub("", f"{'.'.join(path)}: {value}")
    return {dotted(path): value} if _SECRET_NAME.search(words) or _SECRET_TEXT.search(value) else {}


def dotted(path: Sequence[str]) -> str:
    """Return a path in one text; a key with a dot in it stands in brackets."""
    return key_path(("", *path)).partition(":")[2].removeprefix(".")


def as_yaml(kept: Sequence[Loss], standing: Mapping[str, Any], indent: int) -> str:
    """Return `standing` with the old values in it as lines to paste; secrets are left out."""
    nested = [
        reduce(lambda below, key: {key: below}, reversed(loss.path), loss.old)
        for loss in kept
        if not loss.is_secret
    ]
    merged = reduce(deep_merge, nested, dict(standing))
    # What is not printable, PyYAML does not read as it writes it.
    readable = json.dumps(merged, ensure_ascii=False).isprintable()
    text: str = yaml.safe_dump(merged, sort_keys=False, allow_unicode=readable, width=10_000)
    return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines()).rstrip("\n")
