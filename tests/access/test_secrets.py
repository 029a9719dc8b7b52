"""Argo CD's Secrets for repositories and clusters, as data."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from components.access.secrets import foreign_credentials, secret_manifests
from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.existing_secret import ExistingSecretSettings, read_existing_secret
from tests.api_server import ApiServer, serving
from tests.site import SITE, settings
from tests.stackfile.pem_samples import CERTIFICATE, PRIVATE_KEY


def manifests(read: dict[str, str] | None = None, **sections: Any) -> list[dict[str, Any]]:
    def reader(existing: ExistingSecretSettings, keys: Sequence[str]) -> dict[str, str]:
        assert read is not None, f"nothing says that {existing.name} is to be read"
        return read

    return secret_manifests(settings(**sections).credentials, reader)


def test_a_credential_template_becomes_a_secret_that_argo_cd_finds_by_its_label() -> None:
    gitlab = {"url": "http://git.protobox/gitlab/", "username": "deploy", "password": "s3cret"}
    assert manifests(credentialTemplates={"gitlab": gitlab}) == [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "argocd-repo-creds-gitlab",
                "namespace": "argocd",
                "labels": {"argocd.argoproj.io/secret-type": "repo-creds"},
            },
            "type": "Opaque",
            "stringData": {
                "type": "git",
                "url": "http://git.protobox/gitlab/",
                "username": "deploy",
                "password": "s3cret",
            },
        }
    ]


def test_every_key_of_a_repository_is_called_as_argo_cd_calls_it_and_is_text() -> None:
    said = {
        "url": "https://git.protobox/gitlab/a/b.git",
        "tlsClientCertData": CERTIFICATE,
        "tlsClientCertKey": PRIVATE_KEY,
        "githubAppID": 7,
        "githubAppInstallationID": 8,
        "githubAppPrivateKey": PRIVATE_KEY,
        "githubAppEnterpriseBaseUrl": "https://github.protobox/api/v3",
        "gcpServiceAccountKey": "{}",
        "useAzureWorkloadIdentity": False,
        "bearerToken": "token",
        "insecureOCIForceHttp": True,
        "forceHttpBasicAuth": True,
        "insecure": True,
        "insecureIgnoreHostKey": False,
        "enableLfs": True,
        "proxy": "http://proxy.protobox:3128",
        "noProxy": "git.protobox",
        "project": "default",
    }
    (secret,) = manifests(repositories={"b": said})
    assert secret["metadata"]["name"] == "argocd-repo-b"
    assert secret["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repository"}
    texts = {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in said.items()
    }
    assert secret["stringData"] == {"name": "b", "type": "git", **texts}


def test_a_helm_repository_in_an_oci_registry_says_so() -> None:
    charts = {"url": "registry.protobox/charts/", "type": "helm", "enableOCI": True}
    (secret,) = manifests(repositories={"charts": charts})
    assert secret["stringData"] == {
        "name": "charts",
        "url": "registry.protobox/charts",
        "type": "helm",
        "enableOCI": "true",
    }


def test_what_the_stack_file_says_wins_over_an_existing_secret_that_is_taken_as_a_whole() -> None:
    charts = {
        "url": "https://charts.protobox/stable",
        "type": "helm",
        "username": "me",
        "existingSecret": {"name": "login"},
    }
    (secret,) = manifests({"username": "somebody", "password": "x"}, repositories={"charts": charts})
    assert (secret["stringData"]["username"], secret["stringData"]["password"]) == ("me", "x")


def test_a_cluster_becomes_a_secret_with_its_connection_as_json() -> None:
    edge = {
        "server": "https://10.0.0.5:6443/",
        "bearerToken": "token",
        "caData": CERTIFICATE,
        "serverName": "kubernetes",
        "namespaces": ["shop", "shop-test"],
        "clusterResources": True,
        "project": "default",
        "shard": 0,
        "labels": {"region": "north", "argocd.argoproj.io/secret-type": "repository"},
        "annotations": {"team": "edge"},
    }
    (secret,) = manifests(clusters={"edge": edge, "legacy": {"declare": False, "server": "https://10.0.0.6"}})
    assert secret["metadata"] == {
        "name": "argocd-cluster-edge",
        "namespace": "argocd",
        "labels": {"region": "north", "argocd.argoproj.io/secret-type": "cluster"},
        "annotations": {"team": "edge"},
    }
    config = json.loads(secret["stringData"].pop("config"))
    assert secret["stringData"] == {
        "name": "edge",
        "server": "https://10.0.0.5:6443",
        "namespaces": "shop,shop-test",
        "clusterResources": "true",
        "project": "default",
        "shard": "0",
    }
    assert config == {
        "bearerToken": "token",
        "tlsClientConfig": {
            "insecure": False,
            "serverName": "kubernetes",
            "caData": base64.b64encode(CERTIFICATE.encode()).decode(),
        },
    }


@pytest.mark.parametrize(
    ("said", "config"),
    [
        ({"username": "admin", "password": "x"}, {"username": "admin", "password": "x"}),
        (
            {"awsAuth": {"clusterName": "c", "roleARN": "arn:x"}},
            {"awsAuthConfig": {"clusterName": "c", "roleARN": "arn:x"}},
        ),
        (
            {"execProvider": {"command": "login", "args": ["-v"], "env": {"A": "b"}, "apiVersion": "v1"}},
            {
                "execProviderConfig": {
                    "command": "login",
                    "args": ["-v"],
                    "env": {"A": "b"},
                    "apiVersion": "v1",
                }
            },
        ),
        (
            {"bearerToken": "t", "proxyUrl": "http://proxy:3128", "disableCompression": True},
            {"bearerToken": "t", "proxyUrl": "http://proxy:3128", "disableCompression": True},
        ),
    ],
)
def test_every_way_to_log_in_to_a_cluster_has_its_place(said: dict[str, Any], config: dict[str, Any]) -> None:
    (secret,) = manifests(clusters={"edge": {"server": "https://10.0.0.5:6443", **said}})
    assert json.loads(secret["stringData"]["config"]) == {**config, "tlsClientConfig": {"insecure": False}}


def test_a_client_certificate_is_taken_as_pem_and_as_a_kubeconfig_has_it() -> None:
    in_base64 = {"certData": _base64(CERTIFICATE), "keyData": _base64(PRIVATE_KEY)}
    as_pem = {"certData": CERTIFICATE, "keyData": PRIVATE_KEY}
    one, other = (
        manifests(clusters={"edge": {"server": "https://10.0.0.5:6443", **said}})
        for said in (in_base64, as_pem)
    )
    assert one == other
    config = json.loads(one[0]["stringData"]["config"])
    assert config["tlsClientConfig"] == {"insecure": False, **in_base64}


def test_a_service_account_token_can_stay_in_its_secret() -> None:
    existing = {"name": "edge-token", "keys": {"bearerToken": "token", "caData": "ca.crt"}}
    (secret,) = manifests(
        {"bearerToken": "token", "caData": CERTIFICATE},
        clusters={"edge": {"server": "https://10.0.0.5:6443", "existingSecret": existing}},
    )
    config = json.loads(secret["stringData"]["config"])
    assert config["bearerToken"] == "token"
    assert config["tlsClientConfig"]["caData"] == _base64(CERTIFICATE)


@dataclass
class SecretsServer(ApiServer):
    """Answers with Secrets: `namespace/name` → data in clear text."""

    secrets: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | str]:
        key = path.partition("?")[0].removeprefix("/api/v1/namespaces/").replace("/secrets/", "/")
        if key not in self.secrets or self.refuse:
            return super().answer(method, path, body)
        data = {name: base64.b64encode(value).decode() for name, value in self.secrets[key].items()}
        return 200, {"kind": "Secret", "data": data}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsServer]:
    server = SecretsServer()
    with serving(server, tmp_path) as kubeconfig:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        yield server


def read(**said: Any) -> dict[str, str]:
    with Reader("test") as reader:
        return read_existing_secret(
            reader, ExistingSecretSettings.model_validate(said), ("username", "password"), "argocd"
        )


def test_named_keys_are_taken_from_a_secret_and_nothing_else(cluster: SecretsServer) -> None:
    cluster.secrets["vault/login"] = {"user": b"deploy", "token": b"s3cret\n", "password": b"old"}
    taken = read(name="login", namespace="vault", keys={"username": "user", "password": "token"})
    assert taken == {"username": "deploy", "password": "s3cret"}


def test_without_keys_all_is_taken_that_is_called_as_argo_cd_calls_it(cluster: SecretsServer) -> None:
    cluster.secrets["argocd/login"] = {"password": b"s3cret", "note": b"mine"}
    assert read(name="login") == {"password": "s3cret"}


@pytest.mark.parametrize(
    ("said", "what", "fix"),
    [
        ({"name": "none"}, "there is no Secret argocd/none", "existingSecret.name"),
        ({"name": "login", "keys": {"password": "tokn"}}, "has no key tokn; it has bytes, token", "keys"),
        ({"name": "login"}, "has no key username, password", "<key in the Secret>"),
        ({"name": "login", "keys": {"password": "bytes"}}, "is not text", "put the text into it"),
    ],
)
def test_a_secret_that_does_not_fit_is_told_without_what_is_in_it(
    cluster: SecretsServer, said: dict[str, Any], what: str, fix: str
) -> None:
    cluster.secrets["argocd/login"] = {"token": b"s3cret", "bytes": b"\xff\xfes3cret"}
    with pytest.raises(ClusterError) as caught:
        read(**said)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert caught.value.why
    assert "s3cret" not in str(caught.value)


def test_a_cluster_that_does_not_let_secrets_be_read_says_so(cluster: SecretsServer) -> None:
    cluster.refuse = 403
    with pytest.raises(ClusterError, match="forbids it"):
        read(name="login")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_credentials_are_for_the_name_that_the_applications_use_not_for_the_address() -> None:
    sections = {
        "git": {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}},
        "credentialTemplates": {
            "gitlab": {"url": "http://192.168.1.7/gitlab/", "username": "u", "password": "p"}
        },
        "repositories": {"docs": {"url": "http://192.168.1.7/gitlab/a/docs.git"}},
    }
    urls = [
        one["stringData"]["url"] for one in secret_manifests(settings(**sections).credentials, lambda *_: {})
    ]
    assert urls == ["http://git.protobox/gitlab/", "http://git.protobox/gitlab/a/docs.git"]


def test_secrets_that_are_filled_from_an_existing_one_are_known_by_their_names() -> None:
    existing = {"existingSecret": {"name": "login"}}
    stack = settings(
        credentialTemplates={"gitlab": {"url": "https://git.protobox/gitlab/", **existing}},
        repositories={
            "docs": {
                "url": "https://git.protobox/a/docs.git",
                "existingSecret": {"name": "l", "namespace": "v"},
            },
            "open": {"url": "https://git.protobox/a/open.git"},
        },
        clusters={"edge": {"server": "https://10.0.0.5:6443", **existing}},
    )
    found = foreign_credentials(stack.credentials)
    assert list(found.values()) == ["argocd/login", "v/l", "argocd/login"]
    names = [one["metadata"]["name"] for one in secret_manifests(stack.credentials, lambda *_: {})]
    assert [name for name in names if name != "argocd-repo-open"] == list(found)
