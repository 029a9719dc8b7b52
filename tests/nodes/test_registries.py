"""What nodes need to pull images from registries that only the site knows."""

from __future__ import annotations

import pytest

from components.nodes.section import (
    RegistrySettings,
    hosts_toml,
    kubespray_registries,
    registry_of,
    unknown_to_nodes,
)

PLAIN = RegistrySettings(endpoint="http://192.168.1.7:5000")


def test_containerd_is_told_the_address_also_for_what_it_falls_back_to() -> None:
    assert hosts_toml(PLAIN).splitlines() == [
        'server = "http://192.168.1.7:5000"',
        "",
        '[host."http://192.168.1.7:5000"]',
        '  capabilities = ["pull", "resolve"]',
    ]
    signed = RegistrySettings(endpoint="https://192.168.1.7", ca="/etc/ssl/certs/protobox.pem")
    assert hosts_toml(signed).splitlines()[-1] == '  ca = "/etc/ssl/certs/protobox.pem"'


def rendered_by_kubespray(entry: dict[str, object]) -> list[str]:
    """Return what Kubespray's template `hosts.toml.j2` makes of one entry, without its defaults."""
    lines = [f'server = "{entry["server"]}"', ""]
    for mirror in entry["mirrors"]:  # type: ignore[attr-defined]
        words = ", ".join(f'"{word}"' for word in mirror["capabilities"])
        lines += [f'[host."{mirror["host"]}"]', f"  capabilities = [{words}]"]
    return lines


def test_kubespray_renders_the_same_file() -> None:
    (entry,) = kubespray_registries({"registry.protobox": PLAIN})["containerd_registries_mirrors"]
    assert entry["prefix"] == "registry.protobox"
    assert rendered_by_kubespray(entry) == hosts_toml(PLAIN).splitlines()
    assert kubespray_registries({}) == {}


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("registry.protobox/team/app:1", "registry.protobox"),
        ("Registry.protobox:5000/app@sha256:0", "registry.protobox:5000"),
        ("localhost/app", "localhost"),
        ("nginx:1.27", "docker.io"),
        ("library/nginx", "docker.io"),
        ("quay.io/argoproj/argocd:v3.4.4", "quay.io"),
    ],
)
def test_the_registry_of_an_image_is_what_stands_before_the_first_slash_if_that_is_a_host(
    image: str, registry: str
) -> None:
    assert registry_of(image) == registry


def test_only_registries_of_the_site_that_no_entry_has_are_unknown_to_nodes() -> None:
    images = [
        "registry.protobox/a:1",
        "registry.protobox/b:1",
        "quay.io/c",
        "mirror.protobox/d",
        "e:protobox",
    ]
    assert unknown_to_nodes(images, ["protobox"], ["mirror.protobox"]) == {
        "registry.protobox": ["registry.protobox/a:1", "registry.protobox/b:1"]
    }
    assert unknown_to_nodes(["registry.protobox:5000/a"], ["registry.protobox"], []) == {
        "registry.protobox:5000": ["registry.protobox:5000/a"]
    }
