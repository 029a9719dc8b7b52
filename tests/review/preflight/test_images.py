from __future__ import annotations

from typing import Any, Self

import pytest

from components.cluster.errors import ClusterError
from review.preflight import images
from review.preflight.rows import look_at
from tests.site import settings
from tools.command_line import Mark, Row

RUNNING = {"status": {"summary": {"images": ["registry.protobox/docserver:1", "docker.io/library/nginx:1"]}}}
MIRROR = {"images": {"registry": "mirror.protobox/quay"}}


class Applications:
    """A cluster that answers with one Application."""

    def __init__(self, _context: str, patience: float) -> None:
        assert patience

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, path: str) -> dict[str, Any]:
        assert path.endswith("namespaces/argocd/applications")
        return {"items": [RUNNING, {}]}


def row(**sections: Any) -> Row:
    (found,) = look_at([images.images_check(settings(**sections))], 4)
    return found


@pytest.fixture(autouse=True)
def _cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "Reader", Applications)


def test_images_of_the_site_are_told_with_the_entry_that_is_missing() -> None:
    found = row(argocd=MIRROR)
    assert found.mark is Mark.WARNING
    assert "mirror.protobox: mirror.protobox/quay/argoproj/argocd" in found.seen
    assert "registry.protobox: registry.protobox/docserver:1" in found.seen
    assert 'registry.protobox: {endpoint: "http://ADDRESS:PORT"}' in found.fix
    assert "nginx" not in found.seen


def test_with_an_entry_for_each_all_is_well() -> None:
    entries = {host: {"endpoint": "http://192.168.1.7"} for host in ("registry.protobox", "mirror.protobox")}
    found = row(argocd=MIRROR, nodes={"registries": entries})
    assert found.mark is Mark.OK
    assert "`make nodes`" in found.seen


def test_with_hosts_entries_their_names_are_the_sites() -> None:
    entries = {"192.168.1.7": ["git.protobox", "registry.protobox"]}
    assert row(dns={"strategy": "hosts", "hosts": {"entries": entries}}).mark is Mark.WARNING
    assert row(dns={"strategy": "none"}).mark is Mark.OK


def test_a_cluster_that_does_not_answer_is_the_matter_of_another_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_context: str, patience: float) -> Applications:
        raise ClusterError("it does not answer", "", f"within {patience} s")

    monkeypatch.setattr(images, "Reader", refuses)
    assert row().mark is Mark.SKIPPED
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    assert row().mark is Mark.OK
