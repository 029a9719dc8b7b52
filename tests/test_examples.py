"""The examples: each is a stack file that the program takes as it is; together they show all keys."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import runpy
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from components import existing
from components import program as stack
from components.access.app_projects import AppProjectSettings
from components.access.clusters import ClusterEntrySettings
from components.access.repositories import CredentialTemplateSettings, RepositorySettings
from components.argocd.section import ArgoCDSettings
from components.checks.access_sections import access_problems, access_warnings
from components.checks.applications import application_problems, application_warnings
from components.cluster.live import Live
from components.dns import deployment
from components.dns.hosts.section import SshSettings
from components.dns.strategies.dns_strategy import NoneSettings
from components.dns.strategies.forwarding import ConsulSettings, DnsmasqSettings
from components.dns.strategies.hosts_entries import HostAliasesSettings, HostsStrategySettings
from components.projects.git import GitSettings
from components.projects.section import ProjectSettings
from components.settings import ClusterSettings, Settings, load_settings
from components.stackfile.places import read_stack_file
from tests.engine_mock import PROGRAM, Engine, until_drained

EXAMPLES = PROGRAM.parent / "examples"
NAMES = ["air-gapped", "consul", "ha-multi-cluster-sso", "host-aliases", "hosts", "page"]
LONGEST_COMMENT = 110

INTENDED_WARNINGS = {
    "page": ["CreateNamespace=true does nothing here"],  # the page's own application.yml is as it is
    "consul": ["the password goes to http://git.protobox/gitlab/ unencrypted"],  # so is that site's GitLab
}

WITHOUT_EXAMPLE = {
    "only in a cloud, or with its Git server": {
        "credentials.bearerToken",
        "credentials.githubAppID",
        "credentials.githubAppInstallationID",
        "credentials.githubAppPrivateKey",
        "credentials.githubAppEnterpriseBaseUrl",
        "credentials.gcpServiceAccountKey",
        "credentials.useAzureWorkloadIdentity",
        "clusters.awsAuth",
        "clusters.execProvider",
    },
    "an example must not teach to leave out the check of a certificate or host key": {
        "credentials.insecure",
        "credentials.insecureIgnoreHostKey",
        "credentials.insecureOCIForceHttp",
        "clusters.insecure",
    },
    "Kubernetes has had no basic authentication since 1.19": {"clusters.username", "clusters.password"},
    "of use only where somebody answers such names, and a mistake elsewhere": {"dns.takesOver"},
    "asks a GitLab, which nobody runs for an example": {"discover"},
    "of use only where an earlier stack or somebody else has been": {
        "cluster.stackIdentity",
        "credentials.adopt",
        "credentials.drop",
        "clusters.drop",
        "appProjects.drop",
        "clusters.adopt",
        "appProjects.adopt",
        "argocd.drop",
        "projects.drop",
    },
    "of use only after measuring": {"clusters.disableCompression"},
    "raw fields, for what newer versions of Argo CD bring": {"projects.spec", "appProjects.spec"},
}


def content(name: str) -> dict[str, Any]:
    """Return an example as YAML reads it."""
    loaded: dict[str, Any] = yaml.safe_load(_path(name).read_text(encoding="utf-8"))
    return loaded


def _path(name: str) -> Path:
    return EXAMPLES / f"Pulumi.{name}.yaml"


def sections(name: str) -> dict[str, Any]:
    """Return the sections of an example as the engine hands them over: in clear.

    The form of the ciphertexts is that of Pulumi's passphrase provider (pulumi, `sdk/go/common/resource/
    config/crypt.go` and `secrets/passphrase/manager.go`).
    """
    read = content(name)
    decrypt = _decrypter(read["encryptionsalt"]) if "encryptionsalt" in read else _nothing_to_decrypt
    return {
        key.removeprefix("protobox-cd:"): _in_clear(value, decrypt) for key, value in read["config"].items()
    }


def _decrypter(salt: str) -> Callable[[str], str]:
    _, encoded, proof = salt.split(":", 2)
    key = hashlib.pbkdf2_hmac("sha256", b"", base64.b64decode(encoded), 1_000_000, 32)

    def decrypt(text: str) -> str:
        _, nonce, ciphertext = text.split(":")
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(ciphertext), None).decode()

    assert decrypt(proof) == "pulumi"  # the passphrase is the empty one
    return decrypt


def _nothing_to_decrypt(text: str) -> str:
    raise AssertionError(f"there is a secret, but no encryptionsalt: {text}")


def _in_clear(value: Any, decrypt: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"secure"}:
            return decrypt(value["secure"])
        return {key: _in_clear(item, decrypt) for key, item in value.items()}
    return [_in_clear(item, decrypt) for item in value] if isinstance(value, list) else value


@pytest.fixture
def project_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder with what the examples name: the manifest files, and the chart that was fetched."""
    (tmp_path / "examples").symlink_to(EXAMPLES)
    (tmp_path / "charts").mkdir()
    chart = tmp_path / "Chart.yaml"
    chart.write_text("name: argo-cd\nversion: 10.1.1\nkubeVersion: '>=1.25.0-0'\n", encoding="utf-8")
    with tarfile.open(tmp_path / "charts" / "argo-cd-10.1.1.tgz", "w:gz") as archive:
        archive.add(chart, "argo-cd/Chart.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def _three_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    nodes = tuple({"metadata": {"name": f"node{n}"}, "status": ready} for n in range(3))
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: Live("v1.32.4", nodes=nodes))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that the program warns of, or ends with."""
    messages: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", messages.append)
    monkeypatch.setattr(pulumi.log, "error", messages.append)
    return messages


def are_intended(warnings: list[str], name: str) -> None:
    """Make sure that there are the intended warnings, in their order, and no others."""
    intended = INTENDED_WARNINGS.get(name, [])
    assert len(warnings) == len(intended), warnings
    assert all(part in " ".join(told.split()) for part, told in zip(intended, warnings, strict=True))


def test_all_examples_are_tested() -> None:
    assert sorted(path.name for path in EXAMPLES.glob("Pulumi.*.yaml")) == [f"Pulumi.{n}.yaml" for n in NAMES]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("project_root")
def test_an_example_has_no_mistake_and_only_intended_warnings(name: str) -> None:
    checks = [application_problems, access_problems]
    settings = load_settings(sections(name), read_stack_file(_path(name)), checks)
    are_intended([*application_warnings(settings), *access_warnings(settings)], name)


@pytest.mark.usefixtures("kubectl_at_hand")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("_three_nodes")
def test_the_program_declares_an_example_as_it_is(
    name: str, project_root: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project_root / f"Pulumi.{name}.yaml").symlink_to(_path(name))
    existing = dict.fromkeys(("token", "ca.crt", "user", "username", "password"), "in the cluster")
    monkeypatch.setattr(stack, "Reader", contextlib.nullcontext)
    monkeypatch.setattr(stack, "read_existing_secret", _reading(existing))
    asked: list[str] = []

    def read(settings: SshSettings) -> tuple[str, bytes]:
        asked.append(settings.host)
        return "supervisor-1", b"192.168.1.7 git.protobox\n10.0.0.1 node1\n"

    monkeypatch.setattr(deployment, "read_over_ssh", read)
    engine = Engine()
    until_drained(lambda: _run(engine, name))()
    are_intended(said, name)
    applications = {one.name for one in engine.of_type("kubernetes:argoproj.io/v1alpha1:Application")}
    assert applications == EXPECTED_APPLICATIONS[name]
    assert (len(asked) == 1) == (name == "host-aliases")


EXPECTED_APPLICATIONS = {
    "page": {"argo-website", "argo-docserver"},
    "host-aliases": {"argo-docserver", "argo-billing"},
    "hosts": {"argo-docserver"},
    "consul": {
        "argo-docserver",
        "argo-billing",
        "argo-website",
        "search-engine",
        "argo-policies",
        "argo-secrets",
    },
    "ha-multi-cluster-sso": {
        "argo-storefront-edge-north",
        "argo-storefront-edge-south",
        "argo-catalogue",
        "argo-warehouse",
        "argo-monitoring",
    },
    "air-gapped": {"argo-docserver", "argo-website", "prometheus", "dashboards"},
}


def _reading(secret: Mapping[str, str]) -> Callable[..., dict[str, str]]:
    """Return a stand-in for `read_existing_secret` to which every Secret has the keys of `secret`."""

    def read(_reader: object, settings: Any, keys: list[str], _namespace: str) -> dict[str, str]:
        wanted = settings.keys or {key: key for key in keys if key in secret}
        return {own: secret[key] for own, key in wanted.items()}

    return read


def _run(engine: Engine, name: str) -> None:
    """Run the program on an example and on nothing else, as the stack of the example's name."""
    pulumi.runtime.set_mocks(engine, project="protobox-cd", stack=name, preview=False)
    values = {f"protobox-cd:{section}": json.dumps(value) for section, value in sections(name).items()}
    pulumi.runtime.set_all_config(values)
    runpy.run_path(str(PROGRAM), run_name="__main__")


@pytest.mark.parametrize("name", NAMES)
def test_comments_fit_on_a_screen(name: str) -> None:
    lines = _path(name).read_text(encoding="utf-8").splitlines()
    too_long = [line for line in lines if "#" in line and len(line) > LONGEST_COMMENT]
    assert too_long == []


@pytest.mark.parametrize("name", NAMES)
def test_an_editor_finds_the_schema_here_and_in_a_copy_that_was_edited_as_the_example_says(name: str) -> None:
    first, *others = _path(name).read_text(encoding="utf-8").splitlines()
    schema = first.removeprefix("# yaml-language-server: $schema=")
    told = " ".join(line.removeprefix("# ") for line in others[:8])
    assert "take the `../` out of the first line" in told
    assert (EXAMPLES / schema).is_file()
    assert (EXAMPLES.parent / schema.removeprefix("../")).is_file()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_says_where_its_secrets_come_from(name: str) -> None:
    text = _path(name).read_text(encoding="utf-8")
    assert ("secure: v1:" in text) == ("made with an empty passphrase; yours is not" in text)


def test_every_key_is_shown_in_an_example_or_has_a_reason_not_to_be() -> None:
    excused = set().union(*WITHOUT_EXAMPLE.values())
    known, shown = set(_known_keys()), {key for name in NAMES for key in _keys_in(content(name)["config"])}
    assert known - shown - excused == set()
    assert excused <= known
    assert excused & shown == set()


MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "cluster": (ClusterSettings,),
    "argocd": (ArgoCDSettings,),
    "git": (GitSettings,),
    "dns": (ConsulSettings, DnsmasqSettings, HostsStrategySettings, HostAliasesSettings, NoneSettings),
    "projects": (ProjectSettings,),
    "credentials": (CredentialTemplateSettings, RepositorySettings),
    "clusters": (ClusterEntrySettings,),
    "appProjects": (AppProjectSettings,),
}
"""Section → its models. A project may say what `defaults` says; a repository, what a template says."""

ALSO = {"defaults": "projects", "credentialTemplates": "credentials", "repositories": "credentials"}
ONE_MAPPING = ("cluster", "argocd", "git", "dns", "defaults")
"""Sections whose keys are those of the model; in the others each entry has them."""


def _known_keys() -> Iterator[str]:
    yield from _keys(Settings)
    for section, models in MODELS.items():
        for model in models:
            yield from (f"{section}.{key}" for key in _keys(model))
    for model in MODELS["dns"]:
        (strategy,) = model.model_json_schema()["properties"]["strategy"]["const"].split()
        yield f"dns.strategy={strategy}"


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _keys_in(config: Mapping[str, Any]) -> Iterator[str]:
    for name, value in config.items():
        section = name.removeprefix("protobox-cd:")
        yield section
        if isinstance(value, dict):
            entries = [value] if section in ONE_MAPPING else value.values()
            yield from (f"{ALSO.get(section, section)}.{key}" for entry in entries for key in entry)
        if section == "dns":
            yield f"dns.strategy={value['strategy']}"
