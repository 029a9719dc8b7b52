"""What the engine keeps secret stands nowhere in clear: no line, no state, no file, no command line."""

import base64
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from lab.lab import Lab
from tests.lab.plugins.engine_stack import Stack, application, kubectl
from tests.lab.plugins.helm_calls import write_shim

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

TOKEN = "glpat-Zm9yLXRoZS1sYWI"  # noqa: S105 - it opens nothing
NEXT_TOKEN = "glpat-b2YtbmV4dC13ZWVr"  # noqa: S105 - as above


def forms(token: str) -> list[bytes]:
    """Return how the token may be written: as it is, and in base64 as Kubernetes and Helm write it."""
    return [token.encode(), base64.b64encode(token.encode())]


class Watched:
    """A stack of which everything is kept that it prints, leaves in a folder, or calls Helm with."""

    def __init__(self, stack: Stack, helm: Path, folder: Path) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        (folder / "bin").mkdir()
        self.calls = write_shim(folder / "bin", helm)
        own = {variable: str(folder / variable) for variable in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME")}
        path = f"{folder / 'bin'}{os.pathsep}{stack.environment['PATH']}"
        self.stack = dataclasses.replace(
            stack, environment=stack.environment | own | {"PATH": path, "TMPDIR": str(self.temporary)}
        )
        self._folders = [folder, stack.folder, Path(stack.environment["HOME"])]
        self._printed: list[str] = []

    def run(self, *arguments: str, ok: bool = True, **declared: Any) -> str:
        printed = self.stack.run(*arguments, ok=ok, **declared)
        self._printed.append(printed)
        return printed

    def places_of(self, token: str) -> list[str]:
        """Return where the token stands in clear."""
        files = [path for folder in self._folders for path in folder.rglob("*") if path.is_file()]
        found = {f"printed: {text}": text.encode() for text in self._printed}
        found |= {str(file): file.read_bytes() for file in files}
        return [place for place, content in found.items() if any(form in content for form in forms(token))]


@pytest.fixture
def watched(stack: Stack, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return Watched(stack, lab.programs.helm, tmp_path_factory.mktemp("watched"))


def declared(token: str) -> dict[str, Any]:
    """Return a program with a repository's Secret and a Release with one secret value."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "gitlab", "namespace": "argocd"},
        "stringData": {"url": "http://git.protobox/gitlab/", "password": {"$secret": token}},
    }
    return {
        "release": {"global": {"domain": "a.b"}, "configs": {"secret": {"gitlabSecret": {"$secret": token}}}},
        "objects": [secret],
        "provider": {"enable_secret_mutable": True},
    }


def test_a_token_reaches_the_cluster_and_stands_nowhere_else(watched: Watched, lab: Lab) -> None:
    def in_the_cluster(name: str, key: str) -> bytes:
        path = f"jsonpath={{.data.{key}}}"
        return base64.b64decode(kubectl(lab, "get", "secret", "-n", "argocd", name, "-o", path))

    for token in (TOKEN, NEXT_TOKEN):
        watched.run("preview", "--diff", **declared(token))
        watched.run("up", "--yes", "--skip-preview", "--diff", **declared(token))
        assert in_the_cluster("gitlab", "password") == token.encode()
        assert in_the_cluster("argocd-secret", r"webhook\.gitlab\.secret") == token.encode()

    watched.run("refresh", "--yes", "--diff", **declared(NEXT_TOKEN))
    assert "unchanged" in watched.run("preview", "--diff", "--expect-no-changes", **declared(NEXT_TOKEN))
    exported = json.loads(watched.run("stack", "export"))["deployment"]["resources"]
    assert {"Secret", "Release"} <= {resource["type"].rpartition(":")[2] for resource in exported}
    watched.run("stack", "output")
    assert [watched.places_of(token) for token in (TOKEN, NEXT_TOKEN)] == [[], []]
    assert '"upgrade"' in watched.calls.read_text()
    assert list(watched.temporary.rglob("kubeconfig-*")) + list(watched.temporary.rglob("helm-*")) == []


def test_a_secret_that_is_refused_is_not_repeated_in_the_message(watched: Watched) -> None:
    wrong_label = {"global": {"additionalLabels": {"token": {"$secret": f"{TOKEN} "}}}}
    refused = watched.run("up", "--yes", "--skip-preview", ok=False, release=wrong_label)
    assert "metadata.labels: Invalid value" in refused
    assert "[secret]" in refused
    assert watched.places_of(TOKEN) == []


@pytest.mark.usefixtures("crds")
def test_a_custom_resources_secret_is_not_repeated_either(watched: Watched) -> None:
    wrong = application("argo-secret")
    wrong["spec"]["revisionHistoryLimit"] = {"$secret": TOKEN}
    refused = watched.run("up", "--yes", "--skip-preview", ok=False, objects=[wrong])
    assert "spec.revisionHistoryLimit" in refused
    assert watched.places_of(TOKEN) == []
