"""What the cluster's answers become, on a scripted Kubernetes API."""

from __future__ import annotations

import time
from pathlib import Path

import httpx2
import pytest

from components.cluster import api as cluster
from components.cluster.api import Reader
from components.cluster.errors import ClusterError, MissingError
from tests.api_server import ApiServer

NAMESPACE = "/api/v1/namespaces/argocd"


@pytest.mark.parametrize("status", [429, 503])
def test_an_answer_that_the_api_server_cannot_give_yet_is_waited_for(api: ApiServer, status: int) -> None:
    api.busy = [status] * 3
    with Reader("test") as reader:
        assert reader.get(NAMESPACE)["metadata"]["name"] == "argocd"
    assert api.busy == []


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_has_an_end_and_then_the_servers_own_words_are_told(api: ApiServer, status: int) -> None:
    api.refuse = status
    with Reader("test", patience=0.2) as reader, pytest.raises(ClusterError) as caught:
        reader.get(NAMESPACE)
    assert f"the API server of the kube-context 'test' answers {status}: scripted" in caught.value.what
    assert not isinstance(caught.value, MissingError)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_that_stumbles_is_asked_twice_more(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(cluster, "_PAUSE", 0.0)
    with Reader("test") as reader:
        api.busy = [status] * 2
        assert reader.get(NAMESPACE)
        api.busy = [status] * 3
        with pytest.raises(ClusterError):
            reader.get(NAMESPACE)


def test_an_answer_that_breaks_off_is_asked_for_twice_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_PAUSE", 0.0)
    asked: list[int] = []

    def ask() -> str:
        asked.append(0)
        if len(asked) % 3:
            raise httpx2.RemoteProtocolError("it has gone")
        return "answer"

    assert cluster.patiently(ask) == "answer"
    del asked[:]
    monkeypatch.setattr(cluster, "_TRIES", 2)
    with pytest.raises(httpx2.RemoteProtocolError):
        cluster.patiently(ask)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_no_other_answer_is_waited_for(api: ApiServer, status: int) -> None:
    api.busy = [status]
    with Reader("test") as reader:
        with pytest.raises(ClusterError):
            reader.get(NAMESPACE)
        assert reader.get(NAMESPACE)


def test_it_asks_again_when_the_server_says_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    waits = iter(["7", "in a minute", ""])

    def ask() -> str:
        wish = next(waits, None)
        if wish is None:
            return "answer"
        answer = httpx2.Response(429, headers={"Retry-After": wish})
        raise httpx2.HTTPStatusError("busy", request=httpx2.Request("GET", "http://api"), response=answer)

    assert cluster.patiently(ask) == "answer"
    assert slept == [7, 1, 1]


def test_a_text_that_is_no_status_is_told_as_it_is() -> None:
    """Too many requests at once are answered without a Status, and a load balancer knows of none."""
    answer = httpx2.Response(429, text="Too many requests, please try again later.\n")
    request = httpx2.Request("GET", "http://api")
    error = httpx2.HTTPStatusError("busy", request=request, response=answer)
    assert "answers 429: Too many requests, please try again later." in cluster.explain(error, "test").what
    empty = httpx2.HTTPStatusError("away", request=request, response=httpx2.Response(502))
    assert "answers 502: Bad Gateway" in cluster.explain(empty, "test").what


def test_a_machine_without_any_context_is_not_the_stack_files_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    with pytest.raises(ClusterError) as caught:
        Reader("test")
    assert "no context is in it" in caught.value.what
    assert not isinstance(caught.value, MissingError)


def test_a_context_that_does_not_exist_is_the_stack_files_mistake(api: ApiServer) -> None:
    with pytest.raises(MissingError) as caught:
        Reader("nowhere")
    assert "known are test" in caught.value.what


def test_a_watch_yields_what_happens_and_ends_with_its_connection(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(_method: str, path: str, _body: object) -> tuple[int, str]:
        asked.append(path)
        return 200, '{"type": "ADDED"}\n\n{"type": "MODIFIED"}\n{"type": "cut off'

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setattr(api, "answer", answer)
    with Reader("test") as reader:
        events = [event["type"] for event in reader.watch("/apis/x", "7", 2.4)]
    assert events == ["ADDED", "MODIFIED"]
    assert asked == ["/apis/x?watch=true&resourceVersion=7&timeoutSeconds=2"]


@pytest.mark.parametrize("status", [410, 429, 503])
def test_a_watch_that_cannot_be_had_now_is_one_without_events(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    api.refuse = status
    with Reader("test") as reader:
        assert list(reader.watch("/apis/x", "7", 1)) == []


def test_a_watch_that_is_forbidden_is_told(api: ApiServer) -> None:
    api.refuse = 403
    with Reader("test") as reader, pytest.raises(ClusterError, match="forbids it"):
        list(reader.watch("/apis/x", "7", 1))


def test_the_clock_of_the_api_server_is_told_by_its_answers(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time()
    monkeypatch.setattr("components.cluster.api.time.time", lambda: 0.0)
    with Reader("test") as reader:
        assert reader.clock == 0
        monkeypatch.undo()
        reader.get("/version")
    assert abs(reader.clock - real) < 60
