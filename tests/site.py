"""The page's site as data, for tests that need some settings."""

from __future__ import annotations

from typing import Any

from components.projects.application import hosts_in_use
from components.settings import Settings, load_settings
from components.stackfile.problems import Key

SITE: dict[str, Any] = {
    "cluster": {"context": "kubernetes-admin@cluster.local"},
    "git": {
        "baseUrl": "http://git.protobox/gitlab",
        "group": "protobox1",
        "revision": "CD",
        "path": "factory/CD/base",
    },
    "dns": {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]},
    "projects": {"docserver": {}},
}


def settings(**sections: Any) -> Settings:
    """Return the site's settings with `sections` in place of its own."""
    return load_settings({**SITE, **sections})


USES = hosts_in_use(settings().applications)
"""The repository host of the site, and who needs it."""


def with_value(values: dict[str, Any], path: list[Key], value: object) -> dict[str, Any]:
    """Return a copy of `values` with `value` at `path`."""
    first, *rest = path
    below = values.get(str(first), {})
    return {**values, str(first): with_value(below, rest, value) if rest else value}
