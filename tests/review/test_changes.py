from __future__ import annotations

import pytest

from review.changes import Change, Operation
from tests.review.built import preview


def test_the_projects_are_known_by_their_applications() -> None:
    projects = {"a": {}, "b": {"application": "bee"}, "c": {"destinations": {"north": {}, "south": {}}}}
    assert preview(config={"projects": projects}).projects == {
        "argo-a": "a",
        "bee": "b",
        "argo-c-north": "c",
        "argo-c-south": "c",
    }


@pytest.mark.parametrize(
    ("urn", "kind", "name"),
    [
        ("urn:pulumi:dev::cd::a:b:C$kubernetes:core/v1:Secret::x", "kubernetes:core/v1:Secret", "x"),
        ("urn:pulumi:dev::cd::pulumi:pulumi:Stack::cd-dev", "pulumi:pulumi:Stack", "cd-dev"),
        ("urn:pulumi:dev::cd::pulumi:providers:kubernetes::c", "pulumi:providers:kubernetes", "c"),
        ("urn:pulumi:dev::cd::protobox-cd:dns:ClusterDNS::dns", "protobox-cd:dns:ClusterDNS", "dns"),
        ("urn:pulumi:dev::cd::pulumi-python:dynamic/a:B::x", "pulumi-python:dynamic/a:B", "x"),
        ("no urn at all", "", "no urn at all"),
    ],
)
def test_a_urn_says_what_a_resource_is(urn: str, kind: str, name: str) -> None:
    change = Change(Operation.ADD, urn)
    assert (change.type, change.name) == (kind, name)
