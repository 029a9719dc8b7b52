"""The `argocd` section: what it refuses, and what the messages say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.argocd.section import ArgoCDSettings
from components.settings import load_settings
from components.stackfile.problems import SettingsError
from tests.argocd.options import EVERYTHING, GITLAB, HASH, OIDC, PEM, SECRETS, argocd
from tests.site import SITE

DOMAIN = {"domain": "argocd.protobox"}
KEY = PEM.replace("CERTIFICATE", "PRIVATE KEY")


def problems(options: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(SettingsError) as caught:
        load_settings({**SITE, "argocd": options})
    assert all(problem.why and problem.fix for problem in caught.value.problems)
    assert not [secret for secret in (*SECRETS, "top secret") if secret in str(caught.value)]
    return [(problem.where, problem.what, problem.fix) for problem in caught.value.problems]


def test_every_option_can_be_set_at_once() -> None:
    section = argocd(**EVERYTHING)
    assert section.admin
    assert section.admin.password
    assert section.admin.password.get_secret_value() == "the admin's password"
    assert not [secret for secret in SECRETS if secret in repr(section)]


@pytest.mark.parametrize(
    ("options", "where", "what", "fix"),
    [
        ({"chart": {"repository": "argo"}}, "chart.repository", "'argo' is not the address", "https://"),
        (
            {"chart": {"repository": "oci://a/b"}},
            "chart.repository",
            "is not the address",
            "as oci: in place",
        ),
        (
            {"chart": {"repository": "https://b:top secret@a"}},
            "chart.repository",
            "holds a user",
            "password:",
        ),
        ({"chart": {"oci": "oci://registry.protobox"}}, "chart.oci", "is not a chart", "oci://"),
        ({"chart": {"oci": "oci://b:x@a/argo-cd"}}, "chart.oci", "holds a user", "helm registry login"),
        (
            {"chart": {"repository": "https://a", "username": "b"}},
            "chart.username",
            "without pass",
            "add pass",
        ),
        (
            {"chart": {"repository": "https://a", "password": "b"}},
            "chart.password",
            "without user",
            "add user",
        ),
        (
            {"chart": {"username": "b", "password": "top secret"}},
            "chart.username",
            "used for nothing: the chart comes from argo-helm's own repository",
            "or add repository:",
        ),
        (
            {"chart": {"path": "c", "username": "b", "password": "top secret"}},
            "chart.username",
            "the chart comes from path",
            "or add repository:",
        ),
        (
            {"admin": {"passwordMtime": "2099-13-45T99:99:99Z"}},
            "admin.passwordMtime",
            "not a time",
            "date -u",
        ),
        ({"admin": {"passwordMtime": "2023-02-29T00:00:00Z"}}, "admin.passwordMtime", "its day", "date -u"),
        (
            {"service": {"type": "NodePort", "nodePortHttp": 30443}},
            "service",
            "both on node port 30443; nodePortHttps is 30443 by default",
            "write nodePortHttps: 30444",
        ),
        (
            {"service": {"type": "NodePort", "nodePortHttps": 30080}},
            "service",
            "both on node port 30080; nodePortHttp is 30080 by default",
            "write nodePortHttp: 30081",
        ),
        (
            {"service": {"type": "NodePort", "nodePortHttp": 30001, "nodePortHttps": 30001}},
            "service",
            "HTTP and HTTPS are both on node port 30001",
            "write nodePortHttps: ",
        ),
        ({"domain": "https://argocd.protobox/x"}, "domain", "is a URL", "alone: argocd.protobox;"),
        ({"domain": "http://["}, "domain", "is a URL", "alone: argocd.protobox;"),
        ({"domain": "argo_cd"}, "domain", "is not a host name", "argocd.protobox"),
        ({"ingress": {}}, "", "an ingress, but no host name", "domain: argocd.protobox"),
        ({"ingress": {"hostname": "a b"}}, "ingress.hostname", "is not a host name", "argocd.protobox"),
        ({"service": {"type": "NodePort", "nodePortHttp": 8080}}, "service.nodePortHttp", "8080", "30080"),
        (
            {"service": {"type": "NodePort", "nodePortHttps": 32768}},
            "service.nodePortHttps",
            "32768",
            "30443",
        ),
        ({"service": {"nodePortHttp": 30080}}, "service", "a node port is set", "type: NodePort"),
        ({"service": {"type": "nodePort"}}, "service.type", "'nodePort' is not allowed", "'NodePort'"),
        (
            {"insecure": False, "values": {"configs": {"cm": {"url": "http://argocd.protobox"}}}},
            "",
            "address is http://argocd.protobox, but insecure is not true",
            "insecure: true",
        ),
        (
            {"admin": {"password": "top secret", "passwordHash": HASH}},
            "admin",
            "password and passwordHash are set together",
            "keep one",
        ),
        ({"admin": {"passwordHash": "top secret"}}, "admin.passwordHash", "not a bcrypt hash", "htpasswd"),
        ({"admin": {"passwordHash": HASH[:-1]}}, "admin.passwordHash", "not a bcrypt hash", "htpasswd"),
        ({"admin": {"password": "top secret" * 8}}, "admin.password", "more than 72 bytes", "shorter"),
        ({"admin": {"password": "top secret\0"}}, "admin.password", "a zero byte", "shorter"),
        ({"admin": {"passwordMtime": "now"}}, "admin.passwordMtime", "'now'", "2026-01-31T12:00:00Z"),
        ({"sso": {"gitlab": GITLAB}}, "", "there is sso, but no domain", "domain: argocd.protobox"),
        (
            {"sso": {"gitlab": GITLAB, "oidc": OIDC}},
            "sso",
            "gitlab and oidc are set together",
            "take gitlab out",
        ),
        ({"sso": {}}, "sso", "no provider is named", "gitlab: or oidc:"),
        (
            {**DOMAIN, "sso": {"gitlab": {**GITLAB, "url": "git.protobox"}}},
            "sso.gitlab.url",
            "not the address of a web server",
            "https://git.protobox/gitlab",
        ),
        (
            {**DOMAIN, "sso": {"oidc": {**OIDC, "issuer": "https://me:top secret@sso.protobox"}}},
            "sso.oidc.issuer",
            "'sso.protobox' is not the address of a web server",
            "without a user name",
        ),
        (
            {"resources": {"dex": {"limits": {"memory": "1GB"}}}},
            "resources.dex.limits.memory",
            "'1GB' is not an amount",
            "512Mi",
        ),
        ({"resources": {"argocd": {}}}, "resources.argocd", "there is no key 'argocd'", "repoServer"),
        (
            {"metrics": {"enabled": False, "serviceMonitor": True}},
            "metrics",
            "enabled is false",
            "enabled: true",
        ),
        (
            {"notifications": {"notifiers": {"slack": "token: x"}}},
            "notifications.notifiers.slack",
            "",
            "service.slack",
        ),
        ({"webhook": {}}, "webhook.gitlabSecret", "this key is missing", "gitlabSecret: "),
        ({"controllerShards": 0}, "controllerShards", "0 is not allowed", "controllerShards: 3"),
        (
            {"images": {"registry": "https://a/b"}},
            "images.registry",
            "not the start of an image",
            "registry.protobox",
        ),
        (
            {"images": {"registry": "a/b/"}},
            "images.registry",
            "not the start of an image",
            "registry.protobox",
        ),
        (
            {"certificates": {"https://Git.protobox:8443/x": PEM}},
            'certificates["https://Git.protobox:8443/x"]',
            "not a host name alone",
            "write git.protobox",
        ),
        (
            {"certificates": {"git.protobox:443": PEM}},
            'certificates["git.protobox:443"]',
            "not a host name alone",
            "write git.protobox",
        ),
        *(
            (
                {"certificates": {"git.protobox": text}},
                'certificates["git.protobox"]',
                "no certificate",
                "BEGIN CERT",
            )
            for text in (
                "MIIB",
                PEM.replace("MII", "%%%"),
                PEM.replace("MII", "AAA"),
                PEM + KEY,
                KEY,
                PEM[:-10],
            )
        ),
        (
            {"sshKnownHosts": ["git.protobox"]},
            "sshKnownHosts[0]",
            "'git.protobox'",
            "git.protobox ssh-ed25519",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_fix(
    options: dict[str, Any], where: str, what: str, fix: str
) -> None:
    ((told_where, told_what, told_fix),) = problems(options)
    assert told_where == f"protobox-cd:argocd.{where}".removesuffix(".")
    assert what in told_what
    assert fix in told_fix


@pytest.mark.parametrize(
    "options",
    [
        {"ingress": {"hostname": "cd.protobox"}},
        {"ingress": {}, "values": {"global": {"domain": "cd.protobox"}}},
        {
            "sso": {"gitlab": GITLAB},
            "values": {"configs": {"cm": {"url": "http://cd:30080"}}},
            "insecure": True,
        },
        {"values": {"configs": {"cm": {"url": "http://cd.protobox"}, "params": {"server.insecure": "true"}}}},
        {"highAvailability": True, "controllerShards": 3},
        {"admin": {"passwordHash": HASH.replace("$2y$", "$2a$")}},
        {"admin": {"password": "é" * 36}},
        {"rbac": {"policy": '  p, "a, b", applications, *, */*, allow\n# no rule\ng, a, role:b'}},
        {"certificates": {"192.168.1.7": PEM + "\n" + PEM}},
        {"sshKnownHosts": ["@cert-authority *.protobox ssh-ed25519 AAAA a comment"]},
        {"images": {"registry": "192.168.1.7:5000"}},
        {"resources": {"redis": {"requests": {"cpu": 0.5, "memory": "128Mi"}}}},
    ],
)
def test_what_looks_odd_and_is_right_passes(options: dict[str, Any]) -> None:
    assert isinstance(argocd(**options), ArgoCDSettings)


LEAVES = st.none() | st.booleans() | st.integers(-5, 40000) | st.text(max_size=8) | st.just(PEM)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=5,
)
TEXTS = st.dictionaries(st.text(max_size=8), LEAVES, max_size=2)
ODD = st.text('p,g "\r\n#:/[]@.\0-é', max_size=12)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "domain": ODD | ANYTHING,
            "ingress": TEXTS | st.fixed_dictionaries({"hostname": ODD}),
            "service": ANYTHING,
            "admin": st.fixed_dictionaries({}, optional={"password": ODD, "passwordHash": ODD}),
            "sso": st.fixed_dictionaries({}, optional={"gitlab": st.fixed_dictionaries({"url": ODD})}),
            "rbac": st.fixed_dictionaries({"policy": ODD}),
            "resources": ANYTHING,
            "images": st.fixed_dictionaries({"registry": ODD}),
            "certificates": st.dictionaries(ODD, ODD | LEAVES, max_size=2),
            "sshKnownHosts": st.lists(ODD, max_size=2),
            "values": ANYTHING | st.fixed_dictionaries({"configs": ANYTHING, "global": ANYTHING}),
        },
    )
)
def test_whatever_stands_in_the_section_is_read_or_told_never_a_crash(options: dict[str, Any]) -> None:
    try:
        told: ArgoCDSettings | SettingsError = argocd(**options)
    except SettingsError as error:
        told = error
    assert isinstance(told, ArgoCDSettings) or all(problem.what and problem.fix for problem in told.problems)
