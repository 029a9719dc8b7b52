"""Requests to the API from several threads, as the engine lets one plugin process send them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from components.cluster import api as cluster
from components.cluster.errors import ClusterError
from components.dns import configmaps
from components.dns.change import Change
from components.dns.configmaps import ConfigMaps
from tests.api_server import ApiServer

LAYERS = ["coredns", "nodelocaldns"]


def test_both_layers_never_ask_at_the_same_moment(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    # Decoding two answers at once could crash the interpreter: msgspec prepares a type on first use.
    api.config_maps = {layer: {"Corefile": "old"} for layer in LAYERS}
    api.delay = 0.02
    answer, busy, overlaps = api.answer, threading.Lock(), list[str]()

    def watched(method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | str]:
        if not busy.acquire(blocking=False):
            overlaps.append(f"{method} {path}")
            return answer(method, path, body)
        try:
            return answer(method, path, body)
        finally:
            busy.release()

    def edit(layer: str) -> None:
        maps = ConfigMaps("test", "kube-system")

        def plan() -> Change:
            maps.service_addresses("coredns")
            live = maps.get(layer)
            assert live
            assert live.metadata
            version = live.metadata.resourceVersion or ""
            return Change(layer, {"Corefile": "old"}, {"Corefile": "new"}, version=version)

        maps.write(plan)

    monkeypatch.setattr(api, "answer", watched)
    with ThreadPoolExecutor(len(LAYERS)) as threads:
        list(threads.map(edit, LAYERS))
    assert overlaps == []
    assert api.config_maps == {layer: {"Corefile": "new"} for layer in LAYERS}


Answer = tuple[int, dict[str, Any] | str]


@pytest.fixture
def slept(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept in each pause, by nobody."""
    api.config_maps = {"coredns": {"Corefile": "old"}}
    pauses: list[float] = []
    monkeypatch.setattr(configmaps, "sleep", pauses.append)
    return pauses


def written_versions() -> list[str]:
    """Write `new` over `old`, and return the versions that were told."""
    maps, versions = ConfigMaps("test", "kube-system"), list[str]()

    def plan() -> Change:
        live = maps.get("coredns")
        assert live
        assert live.data
        text = live.data["Corefile"]
        return Change("coredns", {"Corefile": text}, {"Corefile": "new"}, version=configmaps.version_of(live))

    edit = maps.write(plan, versions.append)
    assert edit
    assert edit.before == {"Corefile": "old"}
    return versions


def test_nothing_is_written_before_the_api_server_has_answered_steadily(
    api: ApiServer, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = iter([0.0, 4.0, 6.0])
    monkeypatch.setattr(configmaps, "CALM", 5.0)
    monkeypatch.setattr(configmaps, "calm_seconds", lambda: next(calm))
    assert written_versions() == ["2"]
    assert slept == [1, 1]


def test_nothing_is_written_to_an_api_server_that_does_not_answer_steadily(
    api: ApiServer, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configmaps, "CALM", 5.0)
    monkeypatch.setattr(configmaps, "PATIENCE", -1.0)
    api.busy = [503]
    with pytest.raises(ClusterError, match="does not answer steadily; nothing was written"):
        written_versions()
    assert cluster.calm_seconds() < 5
    assert api.writes == []


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_write_without_an_answer_is_looked_after_whether_it_was_carried_out_or_not(
    api: ApiServer, slept: list[float], monkeypatch: pytest.MonkeyPatch, *, carried_out: bool
) -> None:
    answer, patches = api.answer, list[str]()

    def lost(method: str, path: str, body: dict[str, Any]) -> Answer:
        patches.extend([path] if method == "PATCH" else [])
        if method != "PATCH" or len(patches) > 1:
            return answer(method, path, body)
        if carried_out:
            answer(method, path, body)
        return 504, {"message": "no answer"}

    monkeypatch.setattr(api, "answer", lost)
    assert written_versions() == ["2"]
    assert len(api.writes) == 1
    assert len(patches) == 1 + (not carried_out)


def test_a_write_that_always_fails_is_told_in_the_words_of_the_api_server(
    api: ApiServer, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = api.answer

    def failing(method: str, path: str, body: dict[str, Any]) -> Answer:
        return (500, {"message": "no webhook"}) if method == "PATCH" else answer(method, path, body)

    monkeypatch.setattr(api, "answer", failing)
    with pytest.raises(ClusterError, match="answers 500: no webhook"):
        written_versions()
    assert slept == [0.1, 0.2]
