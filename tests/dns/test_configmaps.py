"""Requests to the API from several threads, as the engine lets one plugin process send them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from components.dns.configmaps import ConfigMaps
from components.dns.layer import Change
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
