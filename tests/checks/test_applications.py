"""What Applications say that cannot be is told with file and line, all of it together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.checks.applications import application_problems, application_warnings
from components.settings import load_settings
from components.stackfile.places import read_stack_file
from components.stackfile.problems import Problem, SettingsError
from tests.site import SITE, settings

EDGE = {"clusters": {"edge": {"server": "https://10.0.0.5:6443", "bearerToken": "t", "insecure": True}}}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: argo-billing
spec:
  project: default
  source:
    repoURL: http://192.168.1.7/gitlab/protobox1/billing.git
    path: factory/CD/base
    targetRevision: CD
  destination:
    server: https://kubernetes.default.svc
"""


def problems(**sections: Any) -> list[Problem]:
    found = application_problems(settings(**sections))
    assert all(problem.why and problem.fix for problem in found)
    return found


def warnings(**sections: Any) -> list[str]:
    read = settings(**sections)
    return application_warnings(read)


def of_file(path: Path, text: str, **sections: Any) -> list[Problem]:
    """Return the problems of a stack whose one Application is in a file with `text`."""
    path.write_text(text, encoding="utf-8")
    return problems(projects={}, manifests=[str(path)], **sections)


@pytest.mark.parametrize(
    ("projects", "where", "what", "fix"),
    [
        ({"My_App": {}}, "My_App.application", "'argo-My_App' is no name", "argo-my-app"),
        ({"a": {"application": "x" * 64}}, "a.application", "has 64 characters", "x" * 63),
        ({"a": {"application": "-x"}}, "a.application", "'-x' is no name", ": x"),
        (
            {"a": {}, "b": {"application": "argo-a"}},
            "b.application",
            "projects.a",
            "write application: argo-a-2",
        ),
        ({"a": {"appProject": "shop"}}, "a.appProject", "no AppProject 'shop'", "appProjects:\n    shop: {}"),
        (
            {"a": {"destination": {"name": "edgy"}}},
            "a.destination",
            "no cluster 'edgy'",
            "clusters:\n    edg",
        ),
        (
            {"a": {"destination": {"server": "https://x"}}},
            "a.destination.server",
            "'https://x'",
            "clusters:\n    edg",
        ),
        (
            {"a": {"destinations": {"edge": {"server": "https://x"}}}},
            "a.destinations.edge.server",
            "'https://x'",
            "clusters:\n    edg",
        ),
        (
            {"a": {"destinations": {"edgy": {}}}},
            "a.destinations.edgy",
            "no cluster 'edgy'",
            "clusters:\n    edg",
        ),
        (
            {"a": {"repository": "http://git.protobox/gitlab/a"}},
            "a.repository",
            "does not end in .git",
            "http://git.protobox/gitlab/a.git",
        ),
        (
            {"a": {"spec": {"source": {"repoURL": "http://bob:pw@git.protobox/a.git"}}}},
            "a.spec.source.repoURL",
            "holds a user name or password",
            "credentialTemplates",
        ),
        (
            {"a": {"spec": {"source": {"repoURL": "ftp://git.protobox/a.git"}}}},
            "a.spec.source.repoURL",
            "'ftp://git.protobox/a.git' is not a URL",
            "in full",
        ),
        ({"a": {"repository": "git.protobox/a"}}, "a.repository", "is not a URL with a host", "in full"),
        ({"a": {"repository": "git.protobox:8080/a"}}, "a.repository", "is not a URL with a host", "in full"),
        (
            {"a": {"spec": {"source": {"repoURL": "http://git.protobox/a b.git"}}}},
            "a.spec.source.repoURL",
            "is not a URL",
            "in full",
        ),
        (
            {"a": {"sources": [{}, {"repository": "http://git.protobox/gitlab/b/"}]}},
            "a.sources[1].repository",
            "does not end in .git",
            "write http://git.protobox/gitlab/b.git",
        ),
        (
            {"a": {"spec": {"project": "shop"}}},
            "a.spec.project",
            "no AppProject 'shop'",
            "appProjects:\n    shop: {}",
        ),
        ({"a": {"spec": {"project": None}}}, "a.spec.project", "spec.project is missing", "project: default"),
        (
            {"a": {"spec": {"source": {"path": "/deploy"}}}},
            "a.spec.source.path",
            "'/deploy' is not a folder in the repository",
            "write deploy",
        ),
        (
            {"a": {"spec": {"syncPolicy": {"retry": {"backoff": {"duration": "5 seconds"}}}}}},
            "a.spec.syncPolicy.retry.backoff.duration",
            "'5 seconds' is not a duration",
            "for example 1m30s",
        ),
    ],
)
def test_a_mistake_of_a_project_is_told_at_its_key(
    projects: dict[str, Any], where: str, what: str, fix: str
) -> None:
    (problem,) = problems(projects=projects, **EDGE)
    assert problem.where == f"protobox-cd:projects.{where}"
    assert what in problem.what
    assert fix in problem.fix


@pytest.mark.parametrize(
    "projects",
    [
        {"a": {"destination": {"name": "edge"}}},
        {"a": {"destination": {"server": "https://10.0.0.5:6443"}}},
        {"a": {"destinations": {"edge": {}, "here": {"name": "in-cluster"}}}},
        {"a": {"repository": "https://github.com/argoproj/argocd-example-apps"}},
        {"a": {"repository": "git@git.protobox:protobox1/a"}},
        {"a": {"repository": "http://git.protobox/charts", "chart": "a", "revision": "1.0.0"}},
        {"a": {"repository": "registry.protobox/charts", "chart": "a", "revision": "1.0.0"}},
        {"a": {"repository": "registry.protobox:5000/charts", "chart": "a", "revision": "1.0.0"}},
        {"a": {"repository": "192.168.1.7:5000/charts", "chart": "a", "revision": "1.0.0"}},
        {"a": {"repository": "localhost:5000/charts", "chart": "a", "revision": "1.0.0"}},
        {"a": {"spec": {"source": {"repoURL": "Registry.protobox", "chart": "a", "targetRevision": "1"}}}},
        {"a": {"repository": "http://git.protobox/gitlab/a.git/"}},
        {"a": {"application": "x" * 63}},
        {"a": {"application": "billing.eu"}},
    ],
)
def test_what_argo_cd_takes_is_no_problem(projects: dict[str, Any]) -> None:
    assert problems(projects=projects, **EDGE) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("name: argo-billing", "name: Argo", 4, "'Argo' is no name"),
        ("  name: argo-billing", "  labels: {}", 3, "has no name"),
        ("name: argo-billing", "name: a\n  namespace: elsewhere", 5, "in the namespace 'elsewhere'"),
        ("project: default", "project: shop", 6, "no AppProject 'shop'"),
        ("billing.git", "billing", 8, "does not end in .git"),
        ("http://", "ftp://", 8, "is not a URL"),
        ("http://", "http://bob:pw@", 8, "holds a user name or password"),
        ("server: https://kubernetes.default.svc", "name: edgy", 12, "no cluster 'edgy'"),
        (
            "  destination:\n    server: https://kubernetes.default.svc\n",
            "",
            5,
            "spec.destination is missing",
        ),
        ("server: https://kubernetes.default.svc", "namespace: a", 11, "the destination names no cluster"),
        ("repoURL", "repoUrl", 8, "there is no field 'repoUrl' in spec.source"),
        ("  project: default\n", "", 5, "spec.project is missing"),
        ("path: factory", "path: /factory", 9, "is not a folder in the repository"),
        ("path: factory/CD/base\n    targetRevision: CD", "chart: a", 7, "the chart 'a' has no version"),
    ],
)
def test_a_mistake_in_a_manifest_is_told_with_its_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, what: str
) -> None:
    file = tmp_path / "application.yml"
    git = {**SITE["git"], "hosts": {"192.168.1.7": "git.protobox"}}
    (problem,) = of_file(file, APPLICATION.replace(old, new), git=git)
    assert (problem.where, problem.file, problem.line) == ("protobox-cd:manifests[0]", str(file), line)
    assert what in problem.what
    assert f"({file}, line {line})" in problem.render("Pulumi.dev.yaml")


def test_a_manifest_and_a_project_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "application.yml"
    file.write_text(APPLICATION, encoding="utf-8")
    (problem,) = problems(projects={"billing": {}}, manifests=[str(file)])
    assert "declared already, by protobox-cd:projects.billing" in problem.what
    assert (problem.file, problem.line) == (str(file), 4)
    assert problem.why == "one would overwrite the other"


def test_two_of_one_name_in_different_namespaces_are_refused_with_the_true_reason(tmp_path: Path) -> None:
    text = APPLICATION.replace("name: argo-billing", "name: argo-billing\n  namespace: elsewhere")
    values = {"configs": {"params": {"application.namespaces": "elsewhere"}}}
    allowed = {"argocd": {"values": values}, "defaults": {"appProject": "shop"}}
    shop = {"shop": {"sourceNamespaces": ["elsewhere"]}}
    text = text.replace("project: default", "project: shop")
    file = tmp_path / "application.yml"
    file.write_text(text, encoding="utf-8")
    (problem,) = problems(projects={"billing": {}}, manifests=[str(file)], appProjects=shop, **allowed)
    assert problem.why == "in Pulumi's state an Application goes by its name alone, whatever its namespace is"


def test_applications_elsewhere_are_fine_where_argo_cd_is_told_to_look(tmp_path: Path) -> None:
    text = APPLICATION.replace("name: argo-billing", "name: a\n  namespace: elsewhere")
    text = text.replace("project: default", "project: shop")
    values = {"configs": {"params": {"application.namespaces": "team-*, else*"}}}
    allowed = {"argocd": {"values": values}, "appProjects": {"shop": {"sourceNamespaces": ["elsewhere"]}}}
    assert of_file(tmp_path / "a.yml", text, **allowed) == []
    (problem,) = of_file(tmp_path / "a.yml", text, **allowed | {"appProjects": {"shop": {}}})
    assert "allows no Application in the namespace 'elsewhere'" in problem.what


def test_creating_a_namespace_without_a_name_is_warned_about_where_somebody_wrote_it(tmp_path: Path) -> None:
    assert warnings() == []
    policy = {"syncPolicy": {"syncOptions": ["CreateNamespace=true"]}}
    (warning,) = warnings(projects={"a": policy})
    assert "CreateNamespace=true does nothing here" in warning
    assert "destination.namespace" in warning
    named = {**policy, "destination": {"namespace": "a"}}
    assert warnings(projects={"a": named}) == []
    file = tmp_path / "application.yml"
    file.write_text(
        f"{APPLICATION}  syncPolicy:\n    syncOptions: [CreateNamespace=true]\n", encoding="utf-8"
    )
    (warning,) = warnings(projects={}, manifests=[str(file)])
    assert warning.startswith(f"argo-billing ({file}): ")


@pytest.mark.parametrize(
    ("hosts", "base_url"),
    [
        ({"192.168.1.7": "git.protobox"}, "http://192.168.1.7/gitlab"),
        ({"192.168.1.7": "git.protobox"}, "http://git.protobox/gitlab"),
        ({"fd00::7": "git.protobox"}, "http://[fd00::7]/gitlab"),
    ],
)
def test_the_git_server_is_known_by_its_address_and_by_its_name(hosts: dict[str, str], base_url: str) -> None:
    git = {"baseUrl": base_url, "hosts": hosts}
    projects = {"a": {"repository": f"{base_url}/x/a"}, "b": {"repository": "http://git.protobox/gitlab/x/b"}}
    assert [problem.fix for problem in problems(git=git, projects=projects)] == [
        "write http://git.protobox/gitlab/x/a.git",
        "write http://git.protobox/gitlab/x/b.git",
    ]


def test_a_manifest_may_end_its_url_in_a_slash(tmp_path: Path) -> None:
    assert of_file(tmp_path / "a.yml", APPLICATION.replace("billing.git", "billing.git/")) == []


def test_metadata_for_a_namespace_that_nobody_creates_is_warned_about() -> None:
    metadata = {"managedNamespaceMetadata": {"labels": {"team": "docs"}}}
    assert warnings(projects={"a": {"syncPolicy": metadata}}) == []
    (warning,) = warnings(projects={"a": {"syncPolicy": {**metadata, "syncOptions": []}}})
    assert warning.startswith("argo-a: managedNamespaceMetadata does nothing here")


def test_mistakes_of_both_kinds_are_told_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    config = {
        "protobox-cd:cluster": {"contxt": "lab"},
        "protobox-cd:git": SITE["git"],
        "protobox-cd:dns": {"strategy": "dnsmask"},
        "protobox-cd:projects": {
            "a": {"revison": "x"},
            "b": {"appProject": "shop"},
            "c": {"repository": "http://git.protobox/c"},
        },
    }
    path.write_text(yaml.safe_dump({"config": config}, sort_keys=False), encoding="utf-8")
    values = {key.removeprefix("protobox-cd:"): value for key, value in config.items()}
    with pytest.raises(SettingsError) as caught:
        load_settings(values, read_stack_file(path), [application_problems])
    assert [problem.where for problem in caught.value.problems] == [
        "protobox-cd:cluster.context",
        "protobox-cd:cluster.contxt",
        "protobox-cd:dns.zones",
        "protobox-cd:dns.strategy",
        "protobox-cd:projects.a.revison",
        "protobox-cd:projects.b.appProject",
        "protobox-cd:projects.c.repository",
    ]
    assert all(problem.line for problem in caught.value.problems)


def test_a_thousand_wrong_projects_are_told_once_each() -> None:
    projects = {f"p{number}": {"appProject": "shop"} for number in range(1000)}
    assert len(problems(projects=projects)) == 1000


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("user:SECRETPW@registry.protobox/charts", "holds a user name or password"),
        ("SECRETPW@registry.protobox:5000/charts", "holds a user name or password"),
        ("registry.protobox/charts@SECRETPW@x", "holds a user name or password"),
        ("registry[x/charts", "is not the address of a registry"),
        ("registry.protobox/a b", "is not the address of a registry"),
        ("registry.protobox:port/charts", "is not the address of a registry"),
        ("/charts", "is not the address of a registry"),
    ],
)
def test_the_address_of_a_registry_is_a_host_and_a_path_without_a_login(
    tmp_path: Path, address: str, what: str
) -> None:
    source = {"repoURL": address, "chart": "a", "targetRevision": "1.0.0"}
    content = yaml.safe_load(APPLICATION)
    content["spec"]["source"] = source
    (of_manifest,) = of_file(tmp_path / "a.yml", yaml.safe_dump(content))
    spec = {"source": source}
    (of_spec,) = problems(projects={"a": {"spec": spec}})
    for problem in (of_manifest, of_spec):
        assert what in problem.what
        assert "SECRETPW" not in problem.render("Pulumi.dev.yaml")
