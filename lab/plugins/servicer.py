"""The provider protocol on the wire: each call of the engine becomes a call of a stand-in."""

import concurrent.futures
import functools
from collections.abc import Callable
from typing import Any

import grpc  # type: ignore[import-untyped]  # has no types of its own
from google.protobuf import any_pb2, empty_pb2, struct_pb2  # type: ignore[import-untyped]  # as grpc

from lab.plugins.diff import format_path
from lab.plugins.properties import Properties, from_struct, plain, to_struct, without_secrets
from lab.plugins.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from lab.plugins.serve import (
    DEBUG,
    Difference,
    Found,
    NotFinished,
    Old,
    Refusal,
    Resource,
    StandIn,
    debug,
    debug_traceback,
)

# A CRD of Argo CD alone is 1.4 MB; gRPC's own limit is 4 MB.
_LARGEST_MESSAGE = 400 * 1024 * 1024
# The engine decides how much runs at the same time; these only wait for the API server.
_THREADS = 64

_PROPERTIES = ("args", "inputs", "news", "old_inputs", "olds", "properties")
"""The fields of the protocol's requests that hold properties."""

_Handler = Callable[[Any, Any, grpc.ServicerContext], Any]


class _Status(grpc.Status):  # type: ignore[misc]  # grpc has no types
    """An error with details; gRPC carries them in a trailer."""

    def __init__(self, status: status_pb2.Status) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = status.message
        self.trailing_metadata = (("grpc-status-details-bin", status.SerializeToString()),)


def _not_finished(error: NotFinished, message: str) -> _Status:
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=error.resource_id, properties=to_struct(error.properties), reasons=[message]
        )
    )
    return _Status(
        status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message, details=[detail])
    )


def _printable(text: str, request: Any) -> str:
    """Return `text` without the request's secrets: Helm and the API server repeat values that they refuse."""
    for name in _PROPERTIES:
        if name in request.DESCRIPTOR.fields_by_name:
            text = without_secrets(text, from_struct(getattr(request, name)))
    return text


def _answering(handler: _Handler) -> _Handler:
    """Turn exceptions into errors that the engine prints as sentences."""

    @functools.wraps(handler)
    def call(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        debug(f"{handler.__name__} {getattr(request, 'urn', '')}")
        try:
            return handler(self, request, context)
        except NotFinished as error:
            message = _printable(str(error), request)
            status = _not_finished(error, message)
        except Refusal as error:
            status, message = None, _printable(str(error), request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the user gets a sentence
            debug_traceback()
            status, message = (
                None,
                (
                    f"the lab's stand-in for the plugin `{self.name}` failed in {handler.__name__}: "
                    f"{type(error).__name__}: {_printable(str(error), request)}. This is a fault of the "
                    f"stand-in, not of your program; {DEBUG}=1 shows where"
                ),
            )
        # Outside of the handlers: `abort` ends the call by an exception of its own.
        if status is not None:
            context.abort_with_status(status)
        return context.abort(grpc.StatusCode.UNKNOWN, message)

    return call


def _old(request: Any, properties: struct_pb2.Struct, inputs: struct_pb2.Struct) -> Old:
    return Old(request.id, from_struct(inputs), from_struct(properties))


def _diff_response(difference: Difference) -> Any:
    changes = {format_path(path): change for path, change in difference.changes.items()}
    kinds = {"add": 0, "delete": 2, "update": 4}
    detailed = {
        path: provider_pb2.PropertyDiff(
            # Each kind is followed by its replacing twin.
            kind=kinds[change.kind] + int(change.replace),  # type: ignore[arg-type]  # an enum's number
            # A deleted property is looked up in the old inputs: the outputs may never have had it.
            inputDiff=change.kind == "delete",
        )
        for path, change in changes.items()
    }
    some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some if changes else none,
        diffs=sorted({str(path[0]) for path in difference.changes}),
        replaces=[path for path, change in changes.items() if change.replace],
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=difference.delete_before_replace,
    )


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine on behalf of one stand-in. What is not overridden answers "not implemented"."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        self.name = stand_in.name

    @_answering
    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102 - named by the protocol
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, supports_autonaming_configuration=self._stand_in.supports_autonaming
        )

    @_answering
    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        self._stand_in.engine.attach(request.address)
        return empty_pb2.Empty()

    @_answering
    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        return plugin_pb2.PluginInfo(version=self._stand_in.version)

    @_answering
    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        self._stand_in.cancelled.set()
        return empty_pb2.Empty()

    @_answering
    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        return self._checked(self._stand_in.check_config(from_struct(request.news)))

    @_answering
    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        olds, news = plain(from_struct(request.olds)), plain(from_struct(request.news))
        return _diff_response(self._stand_in.diff_config(olds, news))

    @_answering
    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        prefix = f"{self.name}:config:"
        self._stand_in.configure(
            {key.removeprefix(prefix): value for key, value in request.variables.items()}
        )
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            supports_autonaming_configuration=self._stand_in.supports_autonaming,
        )

    @_answering
    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        return self._checked(
            self._stand_in.check(
                Resource(request.urn),
                from_struct(request.olds),
                from_struct(request.news),
                request.autonaming.proposed_name,
            )
        )

    @_answering
    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        old = _old(request, request.olds, request.old_inputs)
        news = from_struct(request.news)
        return _diff_response(
            self._stand_in.diff(Resource(request.urn), old, news, list(request.ignoreChanges))
        )

    @_answering
    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        resource_id, properties = self._stand_in.create(
            Resource(request.urn), from_struct(request.properties), request.timeout, preview=request.preview
        )
        return provider_pb2.CreateResponse(id=resource_id, properties=to_struct(properties))

    @_answering
    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        old = _old(request, request.properties, request.inputs)
        found: Found | None = self._stand_in.read(Resource(request.urn), old)
        if found is None:
            return provider_pb2.ReadResponse()  # an empty ID says that it is gone
        return provider_pb2.ReadResponse(
            id=found.resource_id, inputs=to_struct(found.inputs), properties=to_struct(found.properties)
        )

    @_answering
    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        properties = self._stand_in.update(
            Resource(request.urn),
            _old(request, request.olds, request.old_inputs),
            from_struct(request.news),
            list(request.ignoreChanges),
            request.timeout,
            preview=request.preview,
        )
        return provider_pb2.UpdateResponse(properties=to_struct(properties))

    @_answering
    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        old = _old(request, request.properties, request.old_inputs)
        self._stand_in.delete(Resource(request.urn), old, request.timeout)
        return empty_pb2.Empty()

    @_answering
    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        arguments: Properties = from_struct(request.args)
        result = self._stand_in.invoke(request.tok, arguments)
        return provider_pb2.InvokeResponse(**{"return": to_struct(result)})

    @_answering
    def Call(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        raise Refusal(
            f"the lab's stand-in for the plugin `{self.name}` does not offer the method `{request.tok}`"
        )

    @_answering
    def Construct(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002, D102
        raise Refusal(
            f"the lab's stand-in for the plugin `{self.name}` cannot build the component `{request.type}`; "
            "it needs the real plugin"
        )

    @staticmethod
    def _checked(checked: Any) -> Any:
        failures = [
            provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in checked.failures
        ]
        return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs), failures=failures)


def start(stand_in: StandIn) -> tuple[grpc.Server, int]:
    """Start serving on a free port of 127.0.0.1 and return the server and the port."""
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(stand_in), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port
