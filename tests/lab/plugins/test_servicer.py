"""How errors and answers reach the engine."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc  # type: ignore[import-untyped]  # has no types
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # as grpc

from lab.plugins.diff import Change
from lab.plugins.properties import Properties, Secret, from_struct, plain
from lab.plugins.protocol import provider_pb2, status_pb2
from lab.plugins.serve import (
    DEBUG,
    Checked,
    Difference,
    NotFinished,
    Old,
    Refusal,
    Resource,
    StandIn,
)
from tests.lab.plugins.wire import Wire, serving

URN = "urn:pulumi:dev::site::toy:index:Thing::one"


class Toy(StandIn):
    name = "toy"
    version = "1.2.3"
    failure: Callable[[str], Exception] = Refusal

    def check(self, resource: Resource, olds: Properties, news: Properties, proposed_name: str) -> Checked:
        if resource.type != "toy:index:Thing":
            raise Refusal(f"`{resource.type}` is not a thing")
        return Checked(news, [("size", "must be small")] if news.get("size") == "big" else [])

    def diff(self, resource: Resource, old: Old, news: Properties, ignored: Sequence[str]) -> Difference:
        return Difference({("a", "b.c"): Change("delete"), ("d",): Change("update", replace=True)})

    def create(
        self, resource: Resource, news: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]:
        if news.get("size") == "odd":
            raise KeyError("colour")
        if "token" in news:
            raise self.failure(f"the server refused {plain(news)}")
        raise NotFinished("it exists but is not ready", "the-id", {"size": 1})


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.delenv(DEBUG, raising=False)
    with serving(Toy) as connection:
        yield connection


def error(call: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_it_tells_its_version_and_takes_secrets(wire: Wire) -> None:
    assert wire.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
    handshake = wire.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert handshake.accept_secrets
    assert not handshake.accept_outputs
    configured = wire.stub.Configure(provider_pb2.ConfigureRequest())
    assert configured.acceptSecrets
    assert configured.supportsPreview


def test_an_unknown_type_is_refused_with_a_sentence(wire: Wire) -> None:
    refused = error(lambda: wire.check("urn:pulumi:dev::site::toy:index:Other::one", {}))
    assert refused.details() == "`toy:index:Other` is not a thing"


def test_a_mistake_names_its_property(wire: Wire) -> None:
    (failure,) = wire.check(URN, {"size": "big"}).failures
    assert (failure.property, failure.reason) == ("size", "must be small")


def test_a_fault_of_the_stand_in_is_a_sentence_too(wire: Wire, capfd: pytest.CaptureFixture[str]) -> None:
    text = error(lambda: wire.create(URN, {"size": "odd"})).details()
    assert "the plugin `toy` failed in Create: KeyError: 'colour'" in text
    assert "Traceback" not in text
    assert capfd.readouterr().err == ""


def test_the_debug_variable_shows_where(
    wire: Wire, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEBUG, "1")
    error(lambda: wire.create(URN, {"size": "odd"}))
    assert "Traceback" in capfd.readouterr().err


def test_an_unfinished_resource_reaches_the_state(wire: Wire) -> None:
    unfinished = error(lambda: wire.create(URN, {}))
    assert unfinished.details() == "it exists but is not ready"
    trailer = dict(unfinished.trailing_metadata())["grpc-status-details-bin"]
    (packed,) = status_pb2.Status.FromString(trailer).details
    detail = provider_pb2.ErrorResourceInitFailed()
    assert packed.Unpack(detail)
    assert (detail.id, list(detail.reasons)) == ("the-id", ["it exists but is not ready"])
    assert from_struct(detail.properties) == {"size": 1}


@pytest.mark.parametrize(
    "failure",
    [Refusal, ValueError, lambda text: NotFinished(text, "the-id", {"size": 1})],
    ids=["refusal", "fault", "unfinished"],
)
def test_no_error_repeats_a_secret(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, failure: Callable[[str], Exception]
) -> None:
    monkeypatch.setattr(Toy, "failure", staticmethod(failure))
    refused = error(lambda: wire.create(URN, {"token": Secret("glpat-1234"), "size": "medium"}))
    assert "the server refused {" in refused.details()  # a mapping comes over the wire in any order
    assert "'token': '[secret]'" in refused.details()
    assert "glpat-1234" not in refused.details()
    assert "glpat-1234" not in str(refused.trailing_metadata())


def test_a_difference_is_told_property_by_property(wire: Wire) -> None:
    found = wire.diff(URN, {}, {})
    kinds = provider_pb2.PropertyDiff.Kind
    assert found.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert {path: kinds.Name(change.kind) for path, change in found.detailedDiff.items()} == {
        'a["b.c"]': "DELETE",
        "d": "UPDATE_REPLACE",
    }
    assert found.detailedDiff['a["b.c"]'].inputDiff
    assert list(found.replaces) == ["d"]


@pytest.mark.parametrize("call", ["Construct", "Call"])
def test_components_and_methods_are_refused_by_name(wire: Wire, call: str) -> None:
    request = {
        "Construct": provider_pb2.ConstructRequest(type="toy:index:Box"),
        "Call": provider_pb2.CallRequest(tok="toy:index:Box"),
    }[call]
    assert "toy:index:Box" in error(lambda: getattr(wire.stub, call)(request)).details()


def test_functions_are_refused_by_name(wire: Wire) -> None:
    assert "toy:index:guess" in error(lambda: wire.invoke("toy:index:guess", {})).details()


def test_a_resource_knows_its_type_without_its_parents() -> None:
    resource = Resource("urn:pulumi:dev::site::site:index:Box$toy:index:Thing::a::b")
    assert (resource.type, resource.name) == ("toy:index:Thing", "a::b")
