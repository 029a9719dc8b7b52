"""Resource properties: the engine's protobuf structs as plain Python, and back.

Three things have no JSON form and travel as marked objects: unknown values, secrets, and output values. Here
they are `UNKNOWN` and `Secret`; an output value becomes what it stands for.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]  # has no types of its own

# Fixed by the engine's wire format.
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the marker of a secret, not a secret
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_SHORTEST_SECRET = 5
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Properties = dict[str, Any]


class _Unknown:
    """A value that only the real deployment will know."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in the state and hides on the terminal."""

    value: Any


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Return the struct as a dict, with `UNKNOWN` and `Secret` in it."""
    return {key: _from_value(value) for key, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _from_marked(value.struct_value)
        case "list_value":
            return [_from_value(item) for item in value.list_value.values]
        case "number_value":
            number = value.number_value
            # JSON has one kind of number; the Kubernetes API wants `replicas: 1`, not `1.0`.
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _from_marked(struct: struct_pb2.Struct) -> Any:
    if _SIGNATURE_KEY not in struct.fields:
        return from_struct(struct)
    fields = struct.fields
    match fields[_SIGNATURE_KEY].string_value:
        case marker if marker == _SECRET:
            return Secret(_from_value(fields["value"]))
        case marker if marker == _OUTPUT:
            inner = _from_value(fields["value"]) if "value" in fields else UNKNOWN
            return Secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
        case _:  # assets and archives stay as they are; nothing here looks into them
            return from_struct(struct)


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return a dict that may hold `UNKNOWN` and `Secret` as a struct."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        _fill(struct.fields[key], value)
    return struct


def _fill(target: struct_pb2.Value, value: Any) -> None:
    match value:
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            target.string_value = value
        case _Unknown():
            target.string_value = _UNKNOWN_TEXT
        case Secret():
            target.struct_value.CopyFrom(to_struct({_SIGNATURE_KEY: _SECRET, "value": value.value}))
        case Mapping():
            target.struct_value.CopyFrom(to_struct(value))
        case list() | tuple():
            target.list_value.SetInParent()  # an empty list is a list, not null
            for item in value:
                _fill(target.list_value.values.add(), item)
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be a resource property")


def plain(value: Any) -> Any:
    """Return the value without `Secret` wrappers. `UNKNOWN` stays."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _leaves(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Secret):
        yield from _leaves(value.value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)


def has_unknown(value: Any) -> bool:
    """Tell whether anything in the value is unknown until the real deployment."""
    return any(leaf is UNKNOWN for leaf in _leaves(value))


def has_secret(value: Any) -> bool:
    """Tell whether anything in the value is a secret."""
    return any(isinstance(leaf, Secret) for leaf in _leaves(value))


def without_secrets(text: str, properties: Mapping[str, Any]) -> str:
    """Return `text` with `[secret]` in place of the properties' secret texts, also as base64 has them.

    Very short ones stay: they are rather a word of the sentence than a secret in it.
    """
    # What a stand-in adds for itself is secret as a whole, names and all.
    own = {key: value for key, value in properties.items() if not key.startswith("__")}
    secrets = {
        plain_text
        for leaf in _leaves(own)
        if isinstance(leaf, Secret)
        for plain_text in _leaves(plain(leaf))
        if isinstance(plain_text, str) and len(plain_text) >= _SHORTEST_SECRET
    }
    encoded = {base64.b64encode(secret.encode()).decode() for secret in secrets}
    for secret in sorted(secrets | encoded, key=len, reverse=True):
        text = text.replace(secret, "[secret]")
    return text


def with_secrets_of(value: Any, source: Any) -> Any:
    """Return `value` with the parts marked secret that are secret in `source`.

    Objects are followed key by key, so that one secret does not hide the whole resource. A list with a secret
    in it is hidden whole: the server may reorder lists.
    """
    if isinstance(value, Mapping) and isinstance(source, Mapping):
        return {
            key: with_secrets_of(item, source[key]) if key in source else item for key, item in value.items()
        }
    if not isinstance(value, Secret) and has_secret(source):
        return Secret(value)
    return value
