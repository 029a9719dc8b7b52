"""Reading the stack file: every mistake gets its message, all of them together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.checks.applications import application_problems
from components.settings import Check, load_settings
from components.stackfile.places import read_stack_file
from components.stackfile.problems import SettingsError
from tests.site import SITE, with_value


def problems(values: dict[str, Any], checks: Sequence[Check] = ()) -> list[tuple[str, str, str]]:
    with pytest.raises(SettingsError) as caught:
        load_settings(values, checks=checks)
    assert all(problem.why and problem.fix for problem in caught.value.problems)
    return [(problem.where, problem.what, problem.fix) for problem in caught.value.problems]


def test_the_site_of_the_page_is_read_with_its_defaults() -> None:
    settings = load_settings(SITE)
    assert settings.argocd.chart.version == "10.1.1"
    assert settings.argocd.namespace == "argocd"
    assert settings.dns.strategy == "dnsmasq"
    assert settings.projects["docserver"].app_project == "default"


@pytest.mark.parametrize("stack", ["dev", "local"])
def test_the_stack_files_of_the_repository_are_valid(stack: str) -> None:
    path = Path(__file__).parents[2] / f"Pulumi.{stack}.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))["config"]
    values = {key.removeprefix("protobox-cd:"): value for key, value in config.items()}
    assert load_settings(values, read_stack_file(path)).projects.keys() == {"docserver"}


@pytest.mark.parametrize(
    ("path", "value", "where", "what", "fix"),
    [
        ("dns.server", [], "dns.server", "there is no key 'server' here", "did you mean 'servers'?"),
        ("dns.rewrite", {}, "dns.rewrite", "there is no key 'rewrite' here", "Known here"),
        (
            "dns.strategy",
            "dnsmask",
            "dns.strategy",
            "there is no strategy 'dnsmask'",
            "did you mean 'dnsmasq'?",
        ),
        (
            "dns",
            {"zones": ["a"], "servers": ["10.0.0.1"]},
            "dns.strategy",
            "the strategy is missing",
            "consul, dnsmasq, hosts, hostAliases, none",
        ),
        ("dns.servers", ["supervisor"], "dns.servers[0]", "'supervisor' is not an IP address", "192.168.1.7"),
        ("dns.servers", ["1.2.3.4:99999"], "dns.servers[0]", "is not an IP address", "192.168.1.7"),
        ("dns.servers", ["127.0.0.53"], "dns.servers[0]", "no server of its own", "192.168.1.7"),
        ("dns.servers", ["169.254.25.10"], "dns.servers[0]", "no server of its own", "192.168.1.7"),
        ("dns.servers", ["[::1]:53"], "dns.servers[0]", "no server of its own", "192.168.1.7"),
        ("dns.servers", [], "dns", "no servers for the zone protobox", "servers: [192.168.1.7]"),
        ("dns.zones", ["a", "A."], "dns.zones[1]", "the zone 'a' stands twice", "take one out"),
        ("dns.zones", [{"zone": "a", "server": []}], "dns.zones[0].server", "no key 'server'", "'servers'"),
        ("dns.policy", "first", "dns.policy", "the text 'first' is not allowed", "'sequential'"),
        (
            "dns.servers",
            ["10.0.0.1"] * 16,
            "dns.servers",
            "a list is not allowed here",
            "servers: [192.168.1.7]",
        ),
        (
            "dns.servers",
            "10.0.0.1",
            "dns.servers",
            "a list is expected here, not the text",
            "write [10.0.0.1]",
        ),
        ("dns.zones", ["protobox:53"], "dns.zones[0]", "is not a DNS zone", "write protobox"),
        ("dns.zones", ["svc.cluster.local"], "dns.zones[0]", "belongs to the cluster itself", "protobox"),
        (
            "dns.nodelocaldns",
            "maybe",
            "dns.nodelocaldns",
            "the text 'maybe' is not allowed",
            "'auto', 'require'",
        ),
        ("git.revision", 5, "git.revision", "text is expected here, not the number 5", "put it in quotes"),
        (
            "git.baseUrl",
            "git.protobox",
            "git.baseUrl",
            "is not a URL with a host",
            "http://git.protobox",
        ),
        (
            "git.baseUrl",
            "http://bob:pw@git.protobox",
            "git.baseUrl",
            "holds a user name",
            "credentialTemplates",
        ),
        ("git.group", "a/", "git.group", "'a/' is not the path of a group", "for example a"),
        ("git.path", "../x", "git.path", "'../x' is not a folder in the repository", "write x"),
        ("git.path", "/", "git.path", "'/' is not a folder in the repository", "write ., which is the root"),
        ("git.path", "", "git.path", "'' is not a folder in the repository", "write ."),
        (
            "git.hosts",
            {"[fd00::7]": "git.protobox"},
            'git.hosts["[fd00::7]"]',
            "is not an IP address or a host name alone",
            "write fd00::7",
        ),
        (
            "git.hosts",
            {"192.168.1.7:8080": "git.protobox"},
            'git.hosts["192.168.1.7:8080"]',
            "is not an IP address or a host name alone",
            "write 192.168.1.7",
        ),
        (
            "git.hosts",
            {"192.168.1.7": "http://git.protobox"},
            'git.hosts["192.168.1.7"]',
            "is not a host name",
            "git.protobox",
        ),
        (
            "projects.docserver",
            {"chart": "a", "revision": "1.0.0"},
            "projects.docserver.chart",
            "the chart 'a' has no repository",
            "repository: https://charts.protobox",
        ),
        (
            "projects.docserver",
            {"chart": "a", "repository": "registry.protobox/charts"},
            "projects.docserver.chart",
            "the chart 'a' has no version",
            "revision: 1.2.3",
        ),
        (
            "projects.docserver",
            {
                "chart": "a",
                "repository": "registry.protobox/charts",
                "destinations": {
                    "edge": {"name": "in-cluster", "revision": "1.0.0"},
                    "here": {"name": "in-cluster"},
                },
            },
            "projects.docserver.chart",
            "the chart 'a' has no version for the destination 'here'",
            "revision: 1.2.3",
        ),
        (
            "projects.docserver.notifications",
            {"on sync.email": "a"},
            'projects.docserver.notifications["on sync.email"]',
            "'on sync.email' is not <trigger>.<service>",
            "on-sync-failed.email",
        ),
        (
            "projects.docserver.syncPolicy",
            {"retry": {"backoff": {"maxDuration": "3 minutes"}}},
            "projects.docserver.syncPolicy.retry.backoff.maxDuration",
            "'3 minutes' is not a duration",
            "for example 1m30s",
        ),
        ("cluster", {}, "cluster.context", "this key is missing", "context: kubernetes-admin@cluster.local"),
        (
            "argocd.chart",
            {"oci": "oci://a/b", "path": "c"},
            "argocd.chart",
            "oci and path are set",
            "take path out",
        ),
        (
            "argocd.chart.version",
            "latest",
            "argocd.chart.version",
            "'latest' is not allowed",
            "version: 10.1.1",
        ),
        (
            "projects.docserver",
            "CD",
            "projects.docserver",
            "a mapping (key: value) is expected",
            "docserver: {}",
        ),
        ("projects.docserver.revison", "x", "projects.docserver.revison", "no key 'revison'", "'revision'"),
        (
            "projects.docserver",
            {"kustomize": {}, "helm": {}},
            "projects.docserver.helm",
            "kustomize and helm are set together",
            "take helm out",
        ),
        (
            "projects.docserver",
            {"path": "a", "sources": [{}]},
            "projects.docserver",
            "sources and path are set together",
            "take path out, or move it into one of the sources",
        ),
        (
            "projects.docserver.sources",
            [{"repository": "https://charts.protobox", "chart": "a"}],
            "projects.docserver.sources[0].chart",
            "the chart 'a' has no version",
            "revision: 1.2.3",
        ),
        (
            "projects.docserver.sources",
            [{"chart": "a", "revision": "1.2.3"}],
            "projects.docserver.sources[0].chart",
            "the chart 'a' has no repository",
            "repository: https://charts.protobox",
        ),
        (
            "projects.docserver",
            {"destination": {"name": "a"}, "destinations": {"b": {}}},
            "projects.docserver",
            "names a cluster beside destinations",
            "one more key of destinations",
        ),
        ("defaults.revison", "x", "defaults.revison", "no key 'revison'", "'revision'"),
        (
            "projects.docserver.cascade",
            "yes",
            "projects.docserver.cascade",
            "'yes' is not allowed",
            "'foreground'",
        ),
        (
            "projects.docserver.destination",
            {"server": "https://a", "name": "b"},
            "projects.docserver.destination.name",
            "name and server are set together",
            "take name out",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_fix(
    path: str, value: object, where: str, what: str, fix: str
) -> None:
    ((told_where, told_what, told_fix),) = problems(
        with_value(SITE, [*path.split(".")], value), [application_problems]
    )
    assert told_where == f"protobox-cd:{where}".removesuffix(":")
    assert what in told_what
    assert fix in told_fix


@pytest.mark.parametrize(
    "values",
    [
        {"projects": {"a": {"chart": "c", "repository": "registry.protobox/c", "revision": "1.0.0"}}},
        {
            "defaults": {"revision": "1.0.0"},
            "projects": {"a": {"chart": "c", "repository": "registry.protobox/c"}},
        },
        {
            "projects": {
                "a": {
                    "chart": "c",
                    "repository": "registry.protobox/c",
                    "destinations": {"x": {"revision": "1.0.0"}, "y": {"revision": "2.0.0"}},
                }
            }
        },
        {"projects": {"a": {"notifications": {"slack": "docs", "on-sync-failed.email": "docs"}}}},
        {
            "projects": {
                "a": {"syncPolicy": {"retry": {"backoff": {"duration": "5", "maxDuration": "1m30s"}}}}
            }
        },
        {
            "git": {
                "baseUrl": "http://192.168.1.7",
                "hosts": {"192.168.1.7": "a", "FD00:0::7": "a", "old": "a"},
            }
        },
        {"git": {"baseUrl": "http://git.protobox", "group": "a.b/c_d", "path": "..a/b"}},
    ],
)
def test_what_means_something_is_taken(values: dict[str, Any]) -> None:
    assert load_settings({**SITE, **values})


def test_all_mistakes_are_told_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(
        "config:\n"
        "  protobox-cd:cluster: {contxt: lab}\n"
        "  protobox-cd:git: {baseUrl: http://git.protobox}\n"
        "  protobox-cd:dns:\n"
        "    strategy: dnsmasq\n"
        "    zones: [protobox]\n"
        "    servers:\n"
        "      - 192.168.1.7\n"
        "      - nobody\n"
        "  protobox-cd:projekts: {}\n",
        encoding="utf-8",
    )
    config = yaml.safe_load(path.read_text(encoding="utf-8"))["config"]
    values = {key.removeprefix("protobox-cd:"): value for key, value in config.items()}
    with pytest.raises(SettingsError) as caught:
        load_settings(values, read_stack_file(path))
    assert [(problem.where, problem.line) for problem in caught.value.problems] == [
        ("protobox-cd:cluster.context", 2),
        ("protobox-cd:cluster.contxt", 2),
        ("protobox-cd:dns.servers[1]", 9),
        ("protobox-cd:projekts", 10),
    ]
    text = str(caught.value)
    assert text.startswith("Pulumi.dev.yaml has 4 mistakes; nothing was changed.")
    assert "protobox-cd:dns.servers[1] (Pulumi.dev.yaml, line 9)" in text


def test_a_project_with_nothing_behind_its_name_takes_all_defaults() -> None:
    assert load_settings(with_value(SITE, ["projects", "docserver"], None)) == load_settings(SITE)


def test_a_section_that_only_the_file_has_is_an_unknown_key(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config:\n  protobox-cd:projcts: {}\n  other:key: 1\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(SITE, read_stack_file(path))
    (problem,) = caught.value.problems
    assert (problem.where, problem.line) == ("protobox-cd:projcts", 2)


def test_a_key_that_stands_twice_is_refused_at_any_depth(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config:\n  protobox-cd:projects:\n    a: {path: x, path: y}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(SITE, read_stack_file(path))
    (problem,) = caught.value.problems
    assert (problem.where, problem.line) == ("protobox-cd:projects.a.path", 3)


def test_a_stack_file_that_cannot_be_read_costs_the_line_numbers_only(tmp_path: Path) -> None:
    assert read_stack_file(tmp_path / "absent.yaml").name == ""
    broken = tmp_path / "Pulumi.dev.yaml"
    broken.write_bytes(b"config: [\xff")
    assert load_settings(SITE, read_stack_file(broken)) == load_settings(SITE)


SPLIT = st.text(alphabet="/@:?#%[].a", max_size=3)
ADDRESSES = [
    ["git", "baseUrl"],
    ["git", "hosts", "192.168.1.7"],
    ["projects", "docserver", "repository"],
    ["projects", "docserver", "destination", "server"],
    ["credentialTemplates", "a", "url"],
    ["repositories", "a", "url"],
    ["clusters", "a", "server"],
    ["clusters", "a", "proxyUrl"],
    ["argocd", "chart", "repository"],
    ["argocd", "chart", "oci"],
    ["argocd", "sso", "gitlab", "url"],
]


@pytest.mark.parametrize("path", ADDRESSES, ids=".".join)
@given(split=SPLIT, form=st.sampled_from(["{scheme}://bob:{login}@10.0.0.5/a", "bob:{login}@10.0.0.5:a"]))
def test_no_part_of_a_password_in_an_address_is_shown(path: list[str], split: str, form: str) -> None:
    scheme = "oci" if path[-1] == "oci" else "https"
    if "{scheme}" not in form:  # `bob:a/b@c` is the path a/b@c on the machine bob
        split = split.replace("/", "")
    address = form.format(scheme=scheme, login=f"hunter{split}hunter")
    with pytest.raises(SettingsError) as caught:
        load_settings(with_value(SITE, [*path], address), checks=[application_problems])
    assert "hunter" not in str(caught.value)
