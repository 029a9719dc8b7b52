from __future__ import annotations

from typing import Any

import pytest

from components.beforehand import not_known_offline
from components.cluster.errors import ClusterError
from components.cluster.offline import HEADLINE, VARIABLE, is_offline, refuse_changes
from tests.site import settings


@pytest.fixture(autouse=True)
def _no_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/dev/null")


def lines(**sections: Any) -> list[str]:
    return not_known_offline(settings(**sections), [], {}).splitlines()


@pytest.mark.parametrize(
    ("value", "offline"), [("1", True), ("true", True), (" Yes ", True), ("", False), ("0", False)]
)
def test_the_variable_is_on_or_off(value: str, offline: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert is_offline() is offline


def test_without_the_variable_the_cluster_is_asked_and_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert not is_offline()
    refuse_changes()


def test_another_value_is_not_guessed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "maybe")
    with pytest.raises(ClusterError, match=r"is 'maybe' in the environment"):
        is_offline()


def test_changes_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(ClusterError, match=r"nothing was changed") as caught:
        refuse_changes()
    assert f"unset {VARIABLE}" in " ".join(str(caught.value).split())


def test_the_warning_begins_as_the_note_looks_for_it_and_has_one_line_for_each_thing() -> None:
    first, *others = lines()
    assert first.startswith(HEADLINE)
    assert all(line.startswith("- ") for line in others)
    text = "\n".join(others)
    for part in ("somebody else", "Kubernetes version", "kube-system/coredns", "kube-system/nodelocaldns"):
        assert part in text


@pytest.mark.parametrize(
    ("sections", "part"),
    [
        ({"argocd": {"highAvailability": True}}, "three of them take pods"),
        ({"argocd": {"adopt": True}}, "the release argocd"),
    ],
)
def test_what_only_some_stacks_ask_the_cluster_is_named_only_there(
    sections: dict[str, Any], part: str
) -> None:
    assert part not in "\n".join(lines())
    assert part in "\n".join(lines(**sections))


def test_a_stack_that_edits_no_corefile_does_not_speak_of_one() -> None:
    assert "coredns" not in "\n".join(lines(dns={"strategy": "none"}))


def test_applications_and_credentials_that_were_not_looked_at_are_named() -> None:
    text = not_known_offline(settings(), ["argo-docserver"], {"argocd-repo-shop": "vault/login"})
    assert "the Application argo-docserver" in text
    assert "the Secret argocd-repo-shop: they come from the Secret vault/login" in text


def test_a_kubeconfig_that_has_the_context_is_pointed_out(
    api: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = "KUBECONFIG=/dev/null"
    assert hint in not_known_offline(settings(cluster={"context": "test"}), [], {})
    monkeypatch.setenv("KUBECONFIG", "/dev/null")
    assert hint not in not_known_offline(settings(cluster={"context": "test"}), [], {})
