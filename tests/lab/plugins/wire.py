"""Talk to a stand-in over gRPC, as the engine does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc  # type: ignore[import-untyped]  # has no types
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # as grpc

from lab.plugins.properties import Properties, from_struct, to_struct
from lab.plugins.protocol import provider_pb2, provider_pb2_grpc
from lab.plugins.serve import Engine, StandIn
from lab.plugins.servicer import start


class Wire:
    """A provider at the other end of a connection."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)

    def check(self, urn: str, news: Properties, olds: Properties | None = None) -> Any:
        return self.stub.Check(
            provider_pb2.CheckRequest(urn=urn, news=to_struct(news), olds=to_struct(olds or {}))
        )

    def diff(self, urn: str, old: Properties, new: Properties) -> Any:
        request = provider_pb2.DiffRequest(
            urn=urn, id="1", olds=to_struct(old), old_inputs=to_struct(old), news=to_struct(new)
        )
        return self.stub.Diff(request)

    def create(self, urn: str, news: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(urn=urn, properties=to_struct(news), preview=preview)
        response = self.stub.Create(request)
        return response.id, from_struct(response.properties)

    def update(self, urn: str, old: Properties, new: Properties) -> Properties:
        request = provider_pb2.UpdateRequest(
            urn=urn, id="1", olds=to_struct(old), old_inputs=Struct(), news=to_struct(new)
        )
        return from_struct(self.stub.Update(request).properties)

    def delete(self, urn: str, old: Properties) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(urn=urn, id="1", properties=to_struct(old)))

    def invoke(self, token: str, arguments: Properties) -> Properties:
        response = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(arguments)))
        return from_struct(getattr(response, "return"))


@contextmanager
def connected(port: int) -> Iterator[Wire]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Wire(channel)


@contextmanager
def serving(stand_in: type[StandIn]) -> Iterator[Wire]:
    server, port = start(stand_in(Engine(None)))
    try:
        with connected(port) as wire:
            yield wire
    finally:
        server.stop(grace=None).wait()
