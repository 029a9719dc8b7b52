"""Whatever stands in a kubeconfig is a sentence that says what to do, never a crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.cluster.errors import ClusterError
from components.cluster.kubeconfig import api_server, contexts

CLUSTERS = [{"name": "site", "cluster": {"server": "https://127.0.0.1:1"}}]
USERS = [{"name": "admin", "user": {"token": "x"}}]
CONTEXTS = [{"name": "lab", "context": {"cluster": "site", "user": "admin"}}]


@pytest.fixture(autouse=True)
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(file))
    return file


def test_a_context_leads_to_its_cluster(kubeconfig: Path) -> None:
    kubeconfig.write_text(yaml.safe_dump({"clusters": CLUSTERS, "users": USERS, "contexts": CONTEXTS}))
    assert (contexts(), api_server("lab")) == (["lab"], "https://127.0.0.1:1")


@pytest.mark.parametrize("gone", ["clusters", "users"])
def test_a_context_whose_cluster_or_user_is_in_another_file_is_told(kubeconfig: Path, gone: str) -> None:
    whole: dict[str, Any] = {"clusters": CLUSTERS, "users": USERS, "contexts": CONTEXTS}
    kubeconfig.write_text(yaml.safe_dump({**whole, gone: []}))
    with pytest.raises(ClusterError, match="names a cluster or a user that") as raised:
        api_server("lab")
    assert "--flatten" in raised.value.fix


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"[a]", "another form"),
        (b"contexts: 5\nclusters: x\nusers: []", "another form"),
        (b"contexts: [null]\nclusters: []\nusers: []", "another form"),
        (b"contexts: [{name: lab, context: [x]}]\nclusters: []\nusers: []", "another form"),
        (b"caf\xe9", "not UTF-8"),
        (b"a: [", "while parsing"),
    ],
)
def test_what_is_no_kubeconfig_is_told_in_words(kubeconfig: Path, content: bytes, what: str) -> None:
    kubeconfig.write_bytes(content)
    for ask in (contexts, lambda: api_server("lab")):
        with pytest.raises(ClusterError, match=what):
            ask()
