"""What both stand-ins share: the gRPC server, and the way between protocol messages and plain Python.

A stand-in subclasses `StandIn` and raises `Refusal` or `NotFinished`; it never sees a protobuf message.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.plugins.diff import Changes
from lab.plugins.properties import Properties

DEBUG = "PROTOBOX_LAB_DEBUG"


class Refusal(Exception):  # noqa: N818 - it reads as what it is: an answer to the user
    """A plain sentence for the user: why this cannot be done."""


class NotFinished(Exception):  # noqa: N818 - as above
    """The resource exists now, but did not become ready. The engine keeps it in the state."""

    def __init__(self, sentence: str, resource_id: str, properties: Properties) -> None:
        super().__init__(sentence)
        self.resource_id = resource_id
        self.properties = properties


@dataclass(frozen=True)
class Resource:
    """Which resource a call is about."""

    urn: str

    @property
    def type(self) -> str:
        """The type, e.g. `kubernetes:core/v1:ConfigMap`, without the types of its parents."""
        return self.urn.split("::")[2].rsplit("$", 1)[-1]

    @property
    def name(self) -> str:
        """The name that the program gave it."""
        return self.urn.split("::", 3)[3]


@dataclass(frozen=True)
class Checked:
    """The inputs as the stand-in will use them, or why they will not do (property, reason)."""

    inputs: Properties
    failures: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Difference:
    """What an update would change."""

    changes: Changes = field(default_factory=dict)
    delete_before_replace: bool = False


@dataclass(frozen=True)
class Found:
    """A resource as it is now."""

    resource_id: str
    inputs: Properties
    properties: Properties


@dataclass(frozen=True)
class Old:
    """A resource as the state remembers it."""

    resource_id: str
    inputs: Properties
    properties: Properties


class Engine:
    """The engine's log, which prints to the user's terminal."""

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._stub: Any = None

    def attach(self, address: str) -> None:
        """Use another engine, for a stand-in that was started by hand."""
        with self._lock:
            self._address, self._stub = address, None

    def warn(self, message: str, urn: str = "") -> None:
        """Print a warning below the resource."""
        self._log("WARNING", message, urn, passing=False)

    def status(self, message: str, urn: str = "") -> None:
        """Show what is being waited for, in the resource's line; it leaves no trace."""
        self._log("INFO", message, urn, passing=True)

    def _log(self, severity: str, message: str, urn: str, *, passing: bool) -> None:
        if self._address is None:
            return
        import grpc  # type: ignore[import-untyped]  # noqa: PLC0415 - loaded already by the server; kept out of the import of this module

        from lab.plugins.protocol import engine_pb2, engine_pb2_grpc  # noqa: PLC0415

        with self._lock:
            if self._stub is None:
                self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))
        request = engine_pb2.LogRequest(
            severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=urn, ephemeral=passing
        )
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:
            debug(f"the engine did not take the message: {message}")


class StandIn:
    """A provider. Every method may raise `Refusal`."""

    name = ""
    version = ""
    supports_autonaming = False

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.cancelled = threading.Event()

    def warm_up(self) -> None:
        """Import what is needed later; runs beside the program, after the engine has got the port."""

    def check_config(self, news: Properties) -> Checked:
        """Accept every setting of the provider."""
        return Checked(news)

    def diff_config(self, olds: Properties, news: Properties) -> Difference:
        """Compare two settings of the provider; nothing is replaced for them."""
        del olds, news
        return Difference()

    def configure(self, variables: Mapping[str, str]) -> None:
        """Take the settings, without the `<name>:config:` in front."""

    def check(self, resource: Resource, olds: Properties, news: Properties, proposed_name: str) -> Checked:
        """Fill in defaults and find mistakes."""
        raise NotImplementedError

    def diff(self, resource: Resource, old: Old, news: Properties, ignored: Sequence[str]) -> Difference:
        """Compare the state with the program."""
        raise NotImplementedError

    def create(
        self, resource: Resource, news: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]:
        """Create it and return its ID and properties."""
        raise NotImplementedError

    def read(self, resource: Resource, old: Old) -> Found | None:
        """Read it; None if it is gone."""
        raise NotImplementedError

    def update(  # noqa: PLR0913 - the protocol has that many parts
        self,
        resource: Resource,
        old: Old,
        news: Properties,
        ignored: Sequence[str],
        timeout: float,
        *,
        preview: bool,
    ) -> Properties:
        """Change it and return its properties."""
        raise NotImplementedError

    def delete(self, resource: Resource, old: Old, timeout: float) -> None:
        """Delete it."""
        raise NotImplementedError

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Call a function."""
        del arguments
        raise Refusal(
            f"the lab's stand-in for the plugin `{self.name}` does not offer the function `{token}`"
        )


def debug(message: str) -> None:
    """Write to stderr, but only if asked: the engine shows a plugin's stderr to the user."""
    if os.environ.get(DEBUG):
        print(message, file=sys.stderr, flush=True)


def debug_traceback() -> None:
    """Write the current exception to stderr, if asked."""
    if os.environ.get(DEBUG):
        traceback.print_exc()


def serve(stand_in: type[StandIn]) -> None:
    """Serve until the engine goes away. The engine passes its own address as the only argument."""
    # Programs are started from threads here; gRPC's fork handlers would only complain about that.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    from lab.plugins.servicer import start  # noqa: PLC0415 - gRPC reads the variable above at import

    parent = os.getppid()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    provider = stand_in(Engine(sys.argv[1] if len(sys.argv) > 1 else None))
    server, port = start(provider)
    print(port, flush=True)
    threading.Thread(target=provider.warm_up, daemon=True).start()
    # An engine that was killed cannot say goodbye; without it this process has no use.
    while os.getppid() == parent and not stop.wait(2):
        pass
    provider.cancelled.set()
    server.stop(grace=5).wait()
