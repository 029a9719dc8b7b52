"""Finding out what a place in the stack file stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.settings import Settings
from components.stackfile.fields import is_secret_at
from components.stackfile.problems import Key
from tests.argocd.options import EVERYTHING, OIDC


def leaves(value: Any, path: tuple[Key, ...] = ()) -> Iterator[tuple[Key, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, (dict, list)):
        yield path
    for key, item in items:
        yield from leaves(item, (*path, key))


def test_the_places_of_all_secrets_are_known() -> None:
    sections = {
        "argocd": EVERYTHING | {"chart": {"repository": "https://a", "username": "a", "password": "p"}},
        "repositories": {"a": {"url": "https://a", "password": "p"}, "password": {"url": "https://b"}},
        "credentialTemplates": {"b.c": {"sshPrivateKey": "p", "tlsClientCertData": "c"}},
        "clusters": {"edge": {"bearerToken": "p", "caData": "c", "execProvider": {"env": {"password": "x"}}}},
        "projects": {"password": {"labels": {"password": "x"}}},
    }
    sections["argocd"]["sso"] = {**sections["argocd"]["sso"], "oidc": OIDC}
    assert {path for path in leaves(sections) if is_secret_at(Settings, path)} == {
        ("argocd", "admin", "password"),
        ("argocd", "chart", "password"),
        ("argocd", "sso", "gitlab", "clientSecret"),
        ("argocd", "sso", "oidc", "clientSecret"),
        ("argocd", "notifications", "secrets", "slack-token"),
        ("argocd", "webhook", "gitlabSecret"),
        ("repositories", "a", "password"),
        ("credentialTemplates", "b.c", "sshPrivateKey"),
        ("clusters", "edge", "bearerToken"),
    }
