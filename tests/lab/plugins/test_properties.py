from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]  # has no types
from pulumi.runtime import rpc

from lab.plugins.properties import (
    UNKNOWN,
    Secret,
    from_struct,
    has_secret,
    has_unknown,
    plain,
    to_struct,
    with_secrets_of,
    without_secrets,
)


def struct(content: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(content, struct_pb2.Struct())


@pytest.mark.parametrize(
    "properties",
    [
        {"text": "a", "number": 1, "fraction": 0.5, "yes": True, "no": False, "nothing": None},
        {"object": {"a": {"b": {}}}, "list": [1, [2, {"c": "d"}], []]},
        {
            "secret": Secret("s"),
            "inside": {"data": Secret({"k": ["v"]})},
            "unknown": UNKNOWN,
            "both": Secret(UNKNOWN),
        },
    ],
)
def test_properties_survive_the_way_to_the_engine_and_back(properties: dict[str, Any]) -> None:
    assert from_struct(to_struct(properties)) == properties


def test_whole_numbers_stay_whole() -> None:
    replicas = from_struct(struct({"replicas": 2.0}))["replicas"]
    assert (replicas, type(replicas)) == (2, int)


def test_the_engines_own_marks_are_understood() -> None:
    wire = struct({"a": {rpc._special_sig_key: rpc._special_secret_sig, "value": "x"}, "b": rpc.UNKNOWN})  # noqa: SLF001
    assert from_struct(wire) == {"a": Secret("x"), "b": UNKNOWN}


def test_our_marks_are_understood_by_the_sdk() -> None:
    wire = to_struct({"a": Secret("x"), "b": UNKNOWN})
    assert rpc.is_rpc_secret(rpc.deserialize_properties(wire)["a"])
    assert rpc.struct_contains_unknowns(wire)


@pytest.mark.parametrize(
    ("output", "meaning"),
    [
        ({"value": "x"}, "x"),
        ({"value": "x", "secret": True}, Secret("x")),
        ({}, UNKNOWN),
        ({"secret": True}, Secret(UNKNOWN)),
    ],
)
def test_an_output_becomes_what_it_stands_for(output: dict[str, Any], meaning: Any) -> None:
    marked = {rpc._special_sig_key: rpc._special_output_value_sig, **output}  # noqa: SLF001
    assert from_struct(struct({"a": marked})) == {"a": meaning}


def test_plain_removes_secrets_at_every_depth_and_keeps_unknowns() -> None:
    assert plain({"a": Secret({"b": [Secret(1), UNKNOWN]})}) == {"a": {"b": [1, UNKNOWN]}}


def test_unknowns_and_secrets_are_found_inside_each_other() -> None:
    assert has_unknown({"a": [Secret({"b": UNKNOWN})]})
    assert has_secret({"a": [{"b": Secret(1)}]})
    assert not has_unknown({"a": [1]})
    assert not has_secret({"a": UNKNOWN})


def test_a_text_loses_the_secrets_of_the_properties_in_both_forms_and_nothing_else() -> None:
    properties = {
        "a": [Secret({"token": "glpat-1234"})],
        "b": Secret("on"),
        "c": "open",
        "__d": Secret("text"),
    }
    text = "text with glpat-1234, Z2xwYXQtMTIzNA==, on, open"
    assert without_secrets(text, properties) == "text with [secret], [secret], on, open"


def test_only_the_secret_part_of_an_object_is_hidden() -> None:
    source = {"spec": {"password": Secret("x"), "user": "u"}}
    assert with_secrets_of({"spec": {"password": "x", "user": "u"}, "status": {}}, source) == {
        "spec": {"password": Secret("x"), "user": "u"},
        "status": {},
    }


def test_a_list_with_a_secret_is_hidden_whole() -> None:
    assert with_secrets_of({"list": ["a", "b"]}, {"list": ["a", Secret("b")]}) == {"list": Secret(["a", "b"])}
