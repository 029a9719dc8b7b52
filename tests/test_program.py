"""The program's wiring, on a recording stand-in for the engine: what is declared, and in which order."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest
from pulumi import ResourceTransformArgs, ResourceTransformResult

from components import existing
from components import program as stack
from components.cluster.errors import ClusterError, MissingError
from components.cluster.existing_secret import ExistingSecretSettings
from components.cluster.live import Live
from components.cluster.objects import LiveObject
from components.dns import deployment
from components.dns.hosts.section import SshSettings
from components.stackfile.problems import SettingsError
from tests.api_server import ApiServer
from tests.engine_mock import Engine, declared, run_program, until_drained
from tests.site import settings

pytestmark = pytest.mark.usefixtures("kubectl_at_hand")

NAMESPACE = "kubernetes:core/v1:Namespace"
RELEASE = "kubernetes:helm.sh/v3:Release"
APPLICATION = "kubernetes:argoproj.io/v1alpha1:Application"
CHECK = "command:local:Command"
GUARD = "pulumi-python:dynamic/projects:FinalizerGuard"
COMPARISON = "pulumi-python:dynamic/projects:Comparison"
COREFILE = "pulumi-python:dynamic/coredns:CorefileZones"
HOST_ALIASES = {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}}}


@pytest.fixture(autouse=True)
def _a_cluster_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: Live("v1.32.4"))


def test_the_site_becomes_a_namespace_two_dns_layers_a_release_and_an_application() -> None:
    engine = declared()
    kinds = [r.type for r in engine.resources if not r.type.startswith(("pulumi:", "protobox-cd:"))]
    assert sorted(kinds) == sorted(
        [NAMESPACE, COREFILE, COREFILE, RELEASE, CHECK, APPLICATION, GUARD, COMPARISON]
    )


def test_every_kubernetes_object_uses_the_context_of_the_stack_and_no_other() -> None:
    engine = declared()
    provider = engine.one("pulumi:providers:kubernetes")
    assert provider.inputs == {
        "kubeconfig": "",
        "context": "kubernetes-admin@cluster.local",
        "clusterIdentifier": "kubernetes-admin@cluster.local",
        "enableSecretMutable": "true",
    }


def test_argo_cd_is_a_pinned_release_of_a_fixed_name() -> None:
    release = declared().one(RELEASE).inputs
    assert release["name"] == "argocd"
    assert release["namespace"] == "argocd"
    assert (release["chart"], release["version"]) == ("argo-cd", "10.1.1")
    assert release["resetValues"] is True
    assert release["repositoryOpts"] == {"repo": "https://argoproj.github.io/argo-helm"}


@pytest.mark.parametrize(
    "chart", [{"path": "lab/charts/argo-cd"}, {"oci": "oci://registry.protobox/argo-cd"}]
)
def test_a_site_without_the_internet_names_its_own_chart(chart: dict[str, str]) -> None:
    release = declared(argocd={"chart": chart}).one(RELEASE).inputs
    assert release["chart"] == next(iter(chart.values()))
    assert "repositoryOpts" not in release


def test_both_dns_layers_forward_the_zone_before_argo_cd_is_there() -> None:
    engine = declared()
    assert [(layer.name, layer.inputs["required"]) for layer in engine.of_type(COREFILE)] == [
        ("coredns", True),
        ("nodelocaldns", False),
    ]
    zone = {"zone": "protobox", "servers": ["192.168.1.7"], "cacheSeconds": 30, "rewrite": {}, "policy": ""}
    assert all(layer.inputs["zones"] == [zone] for layer in engine.of_type(COREFILE))
    assert engine.depends_on("protobox-cd:dns:ClusterDNS", "dns") == {"argocd"}
    assert engine.depends_on("protobox-cd:argocd:ArgoCD", "argocd") == {"argocd", "dns"}


def test_the_proof_comes_after_argo_cd_and_before_the_applications() -> None:
    engine = declared()
    check = engine.one(CHECK)
    assert engine.depends_on(CHECK, check.name) == {"argocd", "dns"}
    assert check.inputs["triggers"] == [check.inputs["stdin"]]
    assert json.loads(check.inputs["stdin"])["hosts"][0]["name"] == "git.protobox"
    assert check.inputs["create"].startswith(".venv/bin/python ")  # the same on every machine


def test_a_stack_may_do_without_the_proof() -> None:
    dns = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"], "verify": False}
    assert declared(dns=dns).of_type(CHECK) == []


def test_applications_come_last() -> None:
    engine = declared()
    assert engine.depends_on("protobox-cd:projects:Applications", "projects") == {
        "access",
        "argocd",
        "dns",
        "name-resolution",
    }
    assert engine.depends_on("protobox-cd:projects:Access", "access") == {"argocd", "dns"}
    assert engine.one(APPLICATION).name == "argo-docserver"


@pytest.mark.parametrize(("choice", "layers"), [("auto", ["coredns", "nodelocaldns"]), ("skip", ["coredns"])])
def test_the_node_local_cache_can_be_left_alone(choice: str, layers: list[str]) -> None:
    dns = {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"], "nodelocaldns": choice}
    assert [layer.name for layer in declared(dns=dns).of_type(COREFILE)] == layers


def test_host_aliases_reach_the_release_by_a_transform_and_touch_no_dns() -> None:
    engine = declared(dns=HOST_ALIASES)
    assert engine.of_type(COREFILE) == []
    assert len(engine.options["protobox-cd:argocd:ArgoCD", "argocd"].transforms or []) == 1


def release_values_after_the_transform(engine: Engine, kind: str, values: Any) -> Any:
    """Apply the transform of the Argo CD component to a resource of `kind`; None if it lets it be."""
    (transform,) = engine.options["protobox-cd:argocd:ArgoCD", "argocd"].transforms or []
    args = ResourceTransformArgs(
        custom=True, type_=kind, name="argocd", props={"values": values}, opts=pulumi.ResourceOptions()
    )
    result = cast("ResourceTransformResult | None", transform(args))
    seen: list[Any] = []
    if result is not None:
        merged = pulumi.Output.from_input(cast("dict[str, Any]", result.props)["values"])
        until_drained(lambda: merged.apply(seen.append))()
    return seen[0] if seen else None


def test_the_transform_adds_host_aliases_to_the_values_of_a_release_only() -> None:
    engine = declared(dns=HOST_ALIASES)
    aliases = [{"ip": "192.168.1.7", "hostnames": ["git.protobox"]}]
    values = {"a": 1}
    merged = release_values_after_the_transform(engine, RELEASE, values)
    assert merged == {"a": 1, "global": {"hostAliases": aliases}}
    assert values == {"a": 1}
    assert release_values_after_the_transform(engine, NAMESPACE, values) is None


def test_the_transform_reads_values_that_are_known_only_later() -> None:
    engine = declared(dns=HOST_ALIASES)
    own = [{"ip": pulumi.Output.from_input("::ffff:192.168.1.7"), "hostnames": ["registry.protobox"]}]
    values = pulumi.Output.from_input({"global": pulumi.Output.from_input({"hostAliases": own})})
    names = ["registry.protobox", "git.protobox"]
    merged = {"global": {"hostAliases": [{"ip": "192.168.1.7", "hostnames": names}]}}
    assert release_values_after_the_transform(engine, RELEASE, values) == merged
    assert release_values_after_the_transform(engine, RELEASE, {"global": values["global"]}) == merged


SUPERVISOR = {"host": "supervisor-1", "user": "supervisor"}


def run_with_hosts_of_the_supervisor(engine: Engine, content: bytes) -> None:
    def read(settings: SshSettings) -> tuple[str, bytes]:
        assert settings == SshSettings.model_validate(SUPERVISOR)
        return "supervisor-1", content

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "read_over_ssh", read)
        run_program(engine, dns={"strategy": "hostAliases", "hosts": {"ssh": SUPERVISOR}})


def test_another_machines_hosts_file_is_read_at_once_and_reaches_the_release() -> None:
    engine = Engine()
    content = b"192.168.1.7 git.protobox\n10.0.0.1 node1\n"
    until_drained(lambda: run_with_hosts_of_the_supervisor(engine, content))()
    aliases = [{"ip": "192.168.1.7", "hostnames": ["git.protobox"]}]
    assert release_values_after_the_transform(engine, RELEASE, {}) == {"global": {"hostAliases": aliases}}


def test_a_host_that_another_machine_has_on_loopback_only_ends_the_program_with_file_line_and_override(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_with_hosts_of_the_supervisor(engine := Engine(), b"\n127.0.1.1 git.protobox\n")
    told = " ".join(said[0].split())
    assert "supervisor-1:/etc/hosts has it in line 2 as 127.0.1.1, which in a pod is the pod itself" in told
    assert "entries: 192.168.1.7: [git.protobox]" in told
    assert [resource.type for resource in engine.resources if resource.type != "pulumi:pulumi:Stack"] == []


def test_mistakes_in_a_hosts_file_are_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    content = b"192.168.1.7 git.protobox\n192.168.1.8 git.protobox\n"
    until_drained(lambda: run_with_hosts_of_the_supervisor(Engine(), content))()
    (warning,) = said
    assert "git.protobox has several addresses" in warning


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"dns": {"strategy": "dnsmask"}}, "did you mean 'dnsmasq'?"),
        ({"git": {}}, "protobox-cd:git"),
        (
            {"dns": {"strategy": "dnsmasq", "zones": ["dnsmasq"], "servers": ["10.0.0.1"]}},
            "add the zone git.protobox",
        ),
    ],
)
def test_a_mistake_ends_the_program_with_a_message_and_declares_nothing(
    sections: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit) as caught:
        run_program(engine := Engine(), **sections)
    assert caught.value.code == 32
    assert told in said[0]
    assert [resource.type for resource in engine.resources if resource.type != "pulumi:pulumi:Stack"] == []


def refused(monkeypatch: pytest.MonkeyPatch, **sections: Any) -> str:
    """Return the message with which the program ends."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_program(Engine(), **sections)
    return " ".join(said[0].split())


def raise_it(error: Exception) -> Callable[..., None]:
    def look(*_args: object, **_options: object) -> None:
        raise error

    return look


def test_a_cluster_that_does_not_answer_is_not_called_a_mistake_of_the_stack_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        existing, "read_cluster", raise_it(ClusterError("it is away", "nothing can be read", "start it"))
    )
    assert refused(monkeypatch) == "it is away why: nothing can be read fix: start it"


def test_a_context_that_does_not_exist_is_told_under_the_key_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        existing, "read_cluster", raise_it(MissingError("there is no such context", "why", "fix"))
    )
    told = refused(monkeypatch)
    assert "has a mistake" in told
    assert "protobox-cd:cluster.context there is no such context" in told


def test_a_cluster_that_forgets_to_answer_for_a_secret_is_no_mistake_either(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.refuse = 500
    existing = {"url": "https://git.protobox/", "existingSecret": {"name": "login"}}
    told = refused(monkeypatch, cluster={"context": "test"}, credentialTemplates={"gitlab": existing})
    assert told.startswith("the API server of the kube-context 'test' answers 500: scripted")


def test_an_application_may_be_protected_from_deletion() -> None:
    engine = declared(projects={"a": {"protect": True}, "b": {}})
    assert engine.options[APPLICATION, "argo-a"].protect is True
    assert not engine.options[APPLICATION, "argo-b"].protect


def test_the_last_look_before_a_deletion_goes_first() -> None:
    assert declared().depends_on(GUARD, "finalizers") == {"projects"}


def test_argo_cds_word_comes_last_and_not_at_all_where_nobody_waits_for_it() -> None:
    assert declared().depends_on(COMPARISON, "comparison") == {"projects", "finalizers"}
    assert COMPARISON not in [kind for kind, _ in declared(defaults={"wait": "none"}).options]


def test_credentials_come_before_the_applications_and_are_secret() -> None:
    engine = declared(
        credentialTemplates={
            "gitlab": {"url": "http://git.protobox/gitlab/", "username": "u", "password": "p"}
        },
        appProjects={"shop": {}},
    )
    (secret,) = engine.of_type("kubernetes:core/v1:Secret")
    assert secret.name == "argocd-repo-creds-gitlab"
    assert engine.one("kubernetes:argoproj.io/v1alpha1:AppProject").name == "shop"


def test_mistakes_of_all_kinds_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_program(
            Engine(),
            projects={"a": {"revison": "x"}, "b": {"appProject": "nobody"}, "My_App": {}},
            dns={"strategy": "dnsmask"},
        )
    assert "has 5 mistakes" in said[0]
    for told in ("no key 'revison'", "no AppProject 'nobody'", "'argo-My_App'", "no strategy 'dnsmask'"):
        assert told in said[0]


def test_what_does_not_fit_the_cluster_is_told_before_anything_is_declared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "Chart.yaml").write_text('name: argo-cd\nkubeVersion: ">=1.25.0-0"\n', encoding="utf-8")
    node = {
        "metadata": {"name": "gateway-1"},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }
    found = Live("v1.22.0", LiveObject("argocd", kind="Namespace"), nodes=(node,))
    monkeypatch.setattr(existing, "read_cluster", lambda *_args, **_options: found)
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", said.append)
    with pytest.raises(SystemExit):
        run_program(engine := Engine(), argocd={"highAvailability": True, "chart": {"path": str(tmp_path)}})
    assert "has 3 mistakes" in said[0]
    for told in ("needs Kubernetes >=1.25.0-0", "needs 3 nodes that take pods", "exists already"):
        assert told in " ".join(said[0].split())
    assert [resource.type for resource in engine.resources if resource.type != "pulumi:pulumi:Stack"] == []


def test_existing_secrets_that_are_missing_are_told_together_with_their_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(_reader: object, existing: ExistingSecretSettings, *_args: object) -> dict[str, str]:
        raise MissingError(f"there is no Secret {existing.name}", "why", "fix")

    monkeypatch.setattr(stack, "Reader", contextlib.nullcontext)
    monkeypatch.setattr(stack, "read_existing_secret", read)
    templates = {"git.protobox": {"url": "https://git.protobox/", "existingSecret": {"name": "login"}}}
    clusters = {"edge": {"server": "https://10.0.0.5:6443", "existingSecret": {"name": "token"}}}
    read_settings = settings(credentialTemplates=templates, clusters=clusters)
    with pytest.raises(SettingsError) as caught:
        stack.access(read_settings)
    assert [(problem.where, problem.what) for problem in caught.value.problems] == [
        ('protobox-cd:credentialTemplates["git.protobox"].existingSecret', "there is no Secret login"),
        ("protobox-cd:clusters.edge.existingSecret", "there is no Secret token"),
    ]


@pytest.mark.parametrize(
    "module", ["dns.provider", "marks", "projects.comparison", "projects.guard"]
)  # those that a state names
def test_the_python_of_the_dynamic_resources_imports_no_models_and_no_library_of_schemas(module: str) -> None:
    # Each `pulumi` command starts one, and waits for it: a third less processor time than with them.
    seen = f"import sys, components.{module}; print({{'pydantic', 'jsonschema'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
