"""Values of the Argo CD chart, as data: the topics that become some, reading and merging them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import reduce
from typing import Any

from components.stackfile.base import Section
from components.stackfile.merging import deep_merge
from components.stackfile.problems import Key

SECRET = "argocd-protobox-cd"  # noqa: S105 - a name
"""The Secret with what must not stand in Helm values in clear."""
ANYWHERE = "/.*/"
"""What stands in for the namespaces that Argo CD looks at, where they are not known: nothing is compared."""


class Topic(Section, ABC):
    """A topic of the `argocd` section: its options, with the chart's values that they become."""

    @abstractmethod
    def chart_values(self) -> dict[str, Any]:
        """Return the chart's values for what is set; nothing secret is in them."""

    def secret_data(self) -> dict[str, str]:
        """Return what belongs into `SECRET`, where `reference` finds it: key → text in clear."""
        return {}


def reference(key: str) -> str:
    """Return how Argo CD's configuration names `key` of our Secret.

    Argo CD reads `$<Secret>:<key>` in `oidc.config`, in `dex.config` and in the webhook keys of
    `argocd-secret` (Argo CD v3.4.4, `docs/operator-manual/user-management/index.md` and `webhook.md`).
    """
    return f"${SECRET}:{key}"


def merge_all(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return all `parts` merged; what a later one says wins."""
    return reduce(deep_merge, parts, {})


def in_chart_words(section: Section, *others: str) -> dict[str, Any]:
    """Return what is set in a section whose keys are the chart's own, apart from those in `others`."""
    return section.model_dump(by_alias=True, exclude_defaults=True, exclude=set(others))


def at(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return `value` at `path` (keys, outermost first); nothing at all if it is None or empty.

    The path is no dotted text, since keys of Argo CD's ConfigMaps contain dots: `admin.enabled`.
    """
    if value is None or value in ("", [], {}):
        return {}
    return reduce(lambda inner, key: {key: inner}, reversed(path), value)


def has(value: Any, key: Key) -> bool:
    """Tell whether a mapping or a list has something at `key`, even if it is null."""
    number = len(value) if isinstance(value, list) else 0
    return key in (value if isinstance(value, Mapping) else range(number))


def value_at(values: Any, *path: Key) -> Any:
    """Return what stands at `path` (keys, outermost first) in `values`; None if nothing does."""
    for key in path:
        if not has(values, key):
            return None
        values = values[key]
    return values


def text_at(values: Any, *path: str) -> str:
    """Return the text at `path` in `values`; "" if there is none."""
    value = value_at(values, *path)
    return value if isinstance(value, str) else ""
