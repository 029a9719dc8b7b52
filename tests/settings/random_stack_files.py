"""Stack files made from the schema: some are right, some break a rule between keys, some were edited."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tools.schema import stack_schema

SCHEMA = stack_schema()
TEXTS = [
    "",
    "x",
    "X.",
    "-x",
    "protobox",
    "git.protobox",
    "a.cluster.local",
    "192.168.1.7",
    "192.168.1.7:53",
    "192.168.1.7:0",
    "127.0.0.1",
    "fd00::7",
    "[fd00::7]:53",
    "fd00:::7",
    "http://git.protobox/gitlab/",
    "https://user@git.protobox/a",
    "ssh://git@git.protobox/a.git",
    "git@git.protobox:a/b.git",
    "git:pw@git.protobox:a/b.git",
    "oci://registry.protobox/a",
    "registry.protobox/charts",
    "git.protobox:",
    "ftp://git.protobox",
    "http://",
    "socks5://a b",
    "https://kubernetes.default.svc/",
    "default",
    "creds-a",
    "in-cluster",
    "500m",
    "1e3",
    "1h30m",
    "0 22 * * 1-5",
    "v1.2.3",
]
ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False, 0, 7, 1.5, -1, [], ["x"], {}, {"x": "y"}, [{}]]),
    st.sampled_from(TEXTS),
    st.sampled_from(TEXTS).map(lambda text: [text]),
)
ANYTHING = st.sampled_from(["x", 7, True, [], {}])


def of_schema(node: Any) -> st.SearchStrategy[Any]:
    """Return values that fit `node` one by one; what its keys say of each other they may break."""
    if node is True or node == {}:
        return ANYTHING
    if "$ref" in node:
        name = node["$ref"].removeprefix("#/$defs/")
        return st.just({"secure": "v1:a"}) if name == "Secret" else st.deferred(lambda: _definition(name))
    if several := node.get("anyOf") or node.get("oneOf"):
        return st.one_of([of_schema(one) for one in several])
    if "const" in node or "enum" in node:
        return st.sampled_from(node.get("enum") or [node["const"]])
    kinds = node.get("type", "object")
    return st.one_of([_OF_TYPE[kind](node) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


_made: dict[str, st.SearchStrategy[Any]] = {}


def _definition(name: str) -> st.SearchStrategy[Any]:
    if name not in _made:
        _made[name] = of_schema({key: v for key, v in SCHEMA["$defs"][name].items() if key != "$ref"})
    return _made[name]


def _text(node: Any) -> st.SearchStrategy[str]:
    fitting = st.sampled_from(TEXTS)
    if "pattern" in node:
        fitting = st.from_regex(node["pattern"]) | fitting
    return fitting | st.sampled_from(
        [one for one in node.get("examples", []) if isinstance(one, str)] or [""]
    )


def _list(node: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(of_schema(node.get("items", {})), min_size=node.get("minItems", 0), max_size=3)


def _mapping(node: Any) -> st.SearchStrategy[dict[str, Any]]:
    known, required = node.get("properties", {}), set(node.get("required", []))
    more = node.get("additionalProperties", True)
    if not known:
        keys = _text(node.get("propertyNames", {}))
        return st.dictionaries(keys, of_schema({} if more is True else more), max_size=2)

    @st.composite
    def some_keys(draw: st.DrawFn) -> dict[str, Any]:
        optional = sorted(set(known) - required)
        chosen = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True)) if optional else []
        return {key: draw(of_schema(known[key])) for key in known if key in required or key in chosen}

    return some_keys()


def _whole(node: Any) -> st.SearchStrategy[int | float]:
    """Return whole numbers, some of them written with a point: to JSON Schema, 300.0 is one too."""
    fitting = st.integers(node.get("minimum", 0), min(node.get("maximum", 99_999), 99_999))
    return fitting | fitting.map(float)


_OF_TYPE: dict[str, Any] = {
    "string": _text,
    "array": _list,
    "object": _mapping,
    "null": lambda _: st.none(),
    "boolean": lambda _: st.booleans(),
    "number": lambda _: st.sampled_from([0, 0.5, 2]),
    "integer": _whole,
}


def from_schema() -> st.SearchStrategy[dict[str, Any]]:
    """Return whole stack files."""
    config = SCHEMA["properties"]["config"]
    without_files = {key: v for key, v in config["properties"].items() if not key.endswith(":manifests")}
    return st.builds(lambda made: {"config": made}, _mapping({**config, "properties": without_files}))


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value in a stack file's configuration, and of what is encrypted in it."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


@st.composite
def edited(draw: st.DrawFn, contents: list[dict[str, Any]]) -> dict[str, Any]:
    """One of `contents` with one edit: a value replaced, a key taken out, or one more."""
    content: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(contents)))
    place = draw(st.sampled_from(list(places(content["config"]))))
    held = content["config"]
    for key in place[:-1]:
        held = held[key]
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            held[place[-1]] = draw(ODD)
        case "remove":
            del held[place[-1]]
        case _ if isinstance(held[place[-1]], dict):
            held[place[-1]]["unheardOf"] = draw(ODD)
    return content
