"""The `nodes` section: registries by address."""

from __future__ import annotations

from typing import Any

import pytest

from components.nodes.section import RegistrySettings
from components.stackfile.problems import SettingsError
from tests.site import settings

ENDPOINT = "http://192.168.1.7:5000"


def registries(**entries: Any) -> dict[str, RegistrySettings]:
    return settings(nodes={"registries": entries}).nodes.registries


def test_a_registry_has_an_address_and_perhaps_an_authority() -> None:
    read = registries(**{"Registry.protobox": {"endpoint": f"{ENDPOINT}/", "ca": "/etc/ssl/x.pem"}})
    assert read == {"registry.protobox": RegistrySettings(endpoint=ENDPOINT, ca="/etc/ssl/x.pem")}
    assert registries(**{"registry.protobox:5000": {"endpoint": "https://[fd00::7]"}})


@pytest.mark.parametrize(
    ("host", "entry", "what"),
    [
        ("registry.protobox/mirror", {"endpoint": ENDPOINT}, "is not the host of a registry"),
        ("http://registry.protobox", {"endpoint": ENDPOINT}, "is not the host of a registry"),
        ("192.168.1.7:5000", {"endpoint": ENDPOINT}, "is an address, which a node need not look up"),
        ("registry.protobox", {"endpoint": "http://registry.protobox:5000"}, "names its host"),
        ("registry.protobox", {"endpoint": "192.168.1.7:5000"}, "is not the URL of a registry"),
        ("registry.protobox", {"endpoint": f"{ENDPOINT}/v2"}, "is not the URL of a registry"),
        ("registry.protobox", {"endpoint": ENDPOINT, "ca": "protobox.pem"}, "is not the path of a file"),
    ],
)
def test_what_containerd_could_not_use_is_told(host: str, entry: dict[str, str], what: str) -> None:
    with pytest.raises(SettingsError, match=what):
        registries(**{host: entry})
