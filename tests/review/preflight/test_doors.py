"""An address that cannot be one has no door; finding that out is the settings' business."""

from __future__ import annotations

from typing import Any

import pytest

from components.projects.declared import declared_applications
from review.preflight.hosts import Door, doors
from tests.site import settings


def doors_of(source: dict[str, Any]) -> list[Door]:
    return doors(declared_applications(settings(projects={"a": {"spec": {"source": source}}})))


@pytest.mark.parametrize(
    "source",
    [
        {"repoURL": "registry[x/charts", "chart": "a"},
        {"repoURL": "registry.protobox:99999/charts", "chart": "a"},
        {"repoURL": "http://[fd00::7/a.git"},
        {"repoURL": "file://git.protobox/a.git"},
    ],
)
def test_an_address_that_is_none_is_no_crash(source: dict[str, Any]) -> None:
    assert doors_of(source) == []


@pytest.mark.parametrize(
    ("address", "port"),
    [("registry.protobox/charts", 443), ("registry.protobox:5000/charts", 5000)],
)
def test_a_registry_is_reached_at_its_port(address: str, port: int) -> None:
    assert doors_of({"repoURL": address, "chart": "a"}) == [Door("registry.protobox", port, "oci")]
