"""What `make check` calls fine the preview does not refuse, as far as it asks no cluster, and vice versa."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from components.argocd.requirements import chart_problem
from components.dns.deployment import dns_strategy
from components.dns.strategies.hosts_entries import HostAliasesSettings
from components.projects.application import hosts_in_use
from components.settings import Settings
from components.stackfile.problems import SettingsError
from tests.settings.random_stack_files import edited
from tests.site import SITE
from tools.check import check

HOSTS = {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["git.protobox"]}}}
SITES: list[dict[str, Any]] = [
    {"config": {f"protobox-cd:{key}": value for key, value in {**SITE, "dns": dns}.items()}}
    for dns in (SITE["dns"], {**SITE["dns"], "strategy": "consul"}, HOSTS, {"strategy": "none"})
]


def refused_by_the_preview(settings: Settings) -> list[str]:
    """Return what the program refuses before it asks the cluster, beyond what reading the file refuses."""
    if isinstance(settings.dns, HostAliasesSettings) and settings.dns.hosts.ssh:
        return []
    found = [chart_problem(settings.argocd.chart)]
    hosts = hosts_in_use(settings.applications)
    try:
        dns_strategy(settings.dns, hosts).require_coverage(hosts, settings.git.public_hosts)
    except SettingsError as error:
        found += error.problems
    return [problem.what for problem in found if problem]


@hypothesis_settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(edited(SITES))
def test_what_the_check_calls_fine_the_preview_does_not_refuse(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    file = tmp_path_factory.getbasetemp() / "Pulumi.made.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    if settings := check(file).settings:
        assert refused_by_the_preview(settings) == []


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("dns", {**SITE["dns"], "zones": ["dnsmasq"]}),
        ("dns", {"strategy": "hostAliases", "hosts": {"entries": {"192.168.1.7": ["registry.protobox"]}}}),
        ("dns", {"strategy": "hosts", "hosts": {"entries": {"192.168.1.7": ["protobox"]}}}),
        ("dns", {"strategy": "hostAliases", "hosts": {"file": "nowhere/hosts"}}),
        ("git", {**SITE["git"], "baseUrl": "http://git.example/gitlab"}),
        ("argocd", {"chart": {"path": "nowhere.tgz"}}),
    ],
)
def test_what_the_preview_refuses_the_check_tells_in_the_same_words(
    section: str, value: Any, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.site.yaml"
    content = {f"protobox-cd:{key}": said for key, said in {**SITE, section: value}.items()}
    file.write_text(yaml.safe_dump({"config": content}), encoding="utf-8")
    told = [problem.what for problem in check(file).problems]
    assert told
    read = Settings.model_validate({**SITE, section: value})
    assert refused_by_the_preview(read) == told
