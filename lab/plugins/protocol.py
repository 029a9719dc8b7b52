"""The gRPC stubs of the provider protocol, loaded without the SDK around them.

The stubs live in `pulumi/runtime/proto`. A plain `import pulumi.runtime.proto` also runs the whole SDK, and
every preview would wait for that twice. The folder is therefore loaded as a package of its own.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

_PACKAGE = "lab_plugin_protocol"


def _load(module: str) -> ModuleType:
    if _PACKAGE not in sys.modules:
        sdk = importlib.util.find_spec("pulumi")
        if sdk is None or sdk.origin is None:
            raise ModuleNotFoundError(
                "the Python package `pulumi` is missing: run `pip install -r requirements.txt`"
            )
        package = ModuleType(_PACKAGE)
        package.__path__ = [str(Path(sdk.origin).parent / "runtime" / "proto")]
        sys.modules[_PACKAGE] = package
    return importlib.import_module(f"{_PACKAGE}.{module}")


if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )
else:
    engine_pb2 = _load("engine_pb2")
    engine_pb2_grpc = _load("engine_pb2_grpc")
    plugin_pb2 = _load("plugin_pb2")
    provider_pb2 = _load("provider_pb2")
    provider_pb2_grpc = _load("provider_pb2_grpc")
    status_pb2 = _load("status_pb2")

__all__ = [
    "engine_pb2",
    "engine_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "status_pb2",
]
