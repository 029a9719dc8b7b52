"""`make check` of what is unusual and right: nothing is refused without reason, what is left out is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.site import SITE
from tools.check import Result, check

APPLICATION: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "argo-docserver"},
    "spec": {
        "project": "default",
        "source": {"repoURL": "http://git.protobox/gitlab/protobox1/docserver.git", "path": "deploy"},
        "destination": {"server": "https://kubernetes.default.svc"},
    },
}
APP_PROJECT = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "docs"}}


def checked(folder: Path, **sections: Any) -> Result:
    content = {f"protobox-cd:{key}": value for key, value in {**SITE, **sections}.items()}
    file = folder / "Pulumi.site.yaml"
    file.write_text(yaml.safe_dump({"config": content}), encoding="utf-8")
    return check(file)


def with_file(folder: Path, *documents: Any, **sections: Any) -> Result:
    """Check a stack with one file under `manifests`; a document may be a text as it stands there."""
    texts = [one if isinstance(one, str) else yaml.safe_dump(one) for one in documents]
    (folder / "application.yml").write_text("---\n".join(texts), encoding="utf-8")
    return checked(folder, projects={}, manifests=[str(folder / "application.yml")], **sections)


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("git", {**SITE["git"], "baseUrl": "http://git.protobox./gitlab"}),
        ("git", {**SITE["git"], "baseUrl": "ssh://git@git.protobox:2222"}),
        ("dns", {**SITE["dns"], "servers": ["169.254.25.10:5353"]}),
        ("dns", {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox."]}}}),
        ("projects", {"a": {"repository": "registry.protobox", "chart": "charts/web", "revision": "1.0.0"}}),
        ("projects", {"a": {"labels": {"docs.protobox/Part_of": "", "team": "A.b-c_d"}}}),
        ("projects", {"a": {"sources": [{"path": "a", "helm": {"valueFiles": ["$v/a"]}}, {"ref": "v"}]}}),
        ("projects", {"a": {"helm": {"values": "a: [22:22, yes]\n"}}}),
    ],
)
def test_what_works_is_not_refused(tmp_path: Path, section: str, value: Any) -> None:
    assert checked(tmp_path, **{section: value}).problems == []


def test_a_registry_of_an_organisation_with_capitals_is_fine(tmp_path: Path) -> None:
    project = {"repository": "ghcr.io/MyOrg/charts", "chart": "web", "revision": "1.0.0"}
    git = {**SITE["git"], "publicHosts": ["ghcr.io"]}
    assert checked(tmp_path, git=git, projects={"a": project}).problems == []


def test_the_resolvers_own_address_and_port_are_refused_still(tmp_path: Path) -> None:
    for server in ("169.254.25.10", "169.254.25.10:53", "127.0.0.1:5353"):
        (problem,) = checked(tmp_path, dns={**SITE["dns"], "servers": [server]}).problems
        assert problem.path == ("dns", "servers", 0)


def test_what_stands_beside_an_application_is_left_out_and_told(tmp_path: Path) -> None:
    result = with_file(tmp_path, APPLICATION, APP_PROJECT)
    assert (result.problems, result.applications) == ([], 1)
    (warning,) = result.warnings
    assert "the Applications beside it are declared, but not AppProject docs" in warning
    assert "protobox-cd:appProjects" in warning


def test_json_with_tabs_is_read_as_kubectl_reads_it(tmp_path: Path) -> None:
    text = '{\n\t"apiVersion": "argoproj.io/v1alpha1",\n\t"kind": "Application",\n'
    text += '\t"metadata": {"name": "a"},\n\t"spec": {"project": "default", "source":\n'
    text += '\t\t{"repoURL": "http://git.protobox/a.git", "path": "."},\n'
    text += '\t\t"destination": {"server": "https://kubernetes.default.svc"}}\n}\n'
    assert with_file(tmp_path, text).problems == []


def test_a_field_that_only_a_newer_argo_cd_may_have_is_a_warning_there(tmp_path: Path) -> None:
    application = {**APPLICATION, "spec": {**APPLICATION["spec"], "quiteNew": True}}
    (problem,) = with_file(tmp_path, application).problems
    assert "there is no field 'quiteNew' in spec" in problem.what
    result = with_file(tmp_path, application, argocd={"chart": {"version": "99.0.0"}})
    assert result.problems == []
    assert any("spec.quiteNew is no field" in warning for warning in result.warnings)


def test_a_template_of_another_program_in_a_charts_values_is_no_helm_template(tmp_path: Path) -> None:
    source = {
        **APPLICATION["spec"]["source"],
        "helm": {"valuesObject": {"summary": "{{ $labels.pod }} is down"}},
    }
    application = {**APPLICATION, "spec": {**APPLICATION["spec"], "source": source}}
    assert with_file(tmp_path, application).problems == []


def test_another_machines_hosts_file_is_not_asked_and_that_is_told(tmp_path: Path) -> None:
    result = checked(tmp_path, dns={"strategy": "hostAliases", "hosts": {"ssh": {"host": "supervisor-1"}}})
    assert result.problems == []
    assert any("whether the hosts file of supervisor-1 has git.protobox" in one for one in result.warnings)
