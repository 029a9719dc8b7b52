"""The sections `repositories` and `credentialTemplates`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.access.repositories import normal_url
from components.checks.access_sections import access_problems, access_warnings
from components.settings import Settings
from components.stackfile.problems import Problem, SettingsError
from components.stackfile.secret_text import is_certificate, is_private_key, pem_base64, pem_text
from tests.site import settings
from tests.stackfile.pem_samples import CERTIFICATE, PRIVATE_KEY

GIT = "https://git.protobox/gitlab/a/b.git"
SSH = "ssh://git@git.protobox/a/b.git"


def repository(**said: Any) -> Settings:
    return settings(repositories={"b": {"url": GIT, **said}})


def mistake(sections: dict[str, Any]) -> Problem:
    with pytest.raises(SettingsError) as caught:
        settings(**sections)
    (problem,) = caught.value.problems
    assert problem.why
    assert "s3cret" not in str(caught.value)
    return problem


@pytest.mark.parametrize(
    ("said", "where", "what", "fix"),
    [
        (
            {"url": "https://me:s3cret@git.protobox/a.git"},
            "url",
            "user name or password",
            "give the login to Argo CD by",
        ),
        (
            {"url": "me:s3cret@registry.protobox/x", "type": "helm", "enableOCI": True},
            "url",
            "user name or password",
            "give the login to Argo CD by",
        ),
        ({"url": "ftp://git.protobox/a.git"}, "url", "is not a URL with a host", "http://git.protobox"),
        ({"url": "https://git.protobox/a b.git"}, "url", "is not a URL with a host", "http://git.protobox"),
        ({"url": "registry.protobox/charts"}, "url", "not the URL of a repository of type git", "https://"),
        ({"url": "registry.protobox/a", "type": "helm"}, "url", "of type helm", "https://charts"),
        ({"type": "helm", "enableOCI": True}, "url", "type helm with enableOCI", "registry.protobox/charts"),
        ({"type": "oci"}, "url", "of type oci", "oci://registry"),
        ({"password": "s3cret"}, "password", "no user name", "username: deploy"),
        (
            {"existingSecret": {"name": "x", "keys": {"password": "token"}}},
            "existingSecret.keys",
            "no user name",
            "username: deploy",
        ),
        (
            {
                "username": "u",
                "password": "s3cret",
                "existingSecret": {"name": "x", "keys": {"password": "t"}},
            },
            "existingSecret.keys.password",
            "password is given twice",
            "take out password:",
        ),
        (
            {"existingSecret": {"name": "x", "keys": {"pasword": "t"}}},
            "existingSecret.keys.pasword",
            "no key 'pasword'",
            "password",
        ),
        ({"sshPrivateKey": PRIVATE_KEY}, "sshPrivateKey", "URL is not one of SSH", "ssh://git@git.protobox/"),
        ({"url": SSH, "sshPrivateKey": "s3cret"}, "sshPrivateKey", "not a private key in PEM", "-----BEGIN"),
        (
            {"url": SSH, "sshPrivateKey": PRIVATE_KEY.replace("\n", " ")},
            "sshPrivateKey",
            "with its line breaks",
            "-----BEGIN",
        ),
        ({"githubAppPrivateKey": "s3cret"}, "githubAppPrivateKey", "not a private key", "-----BEGIN"),
        (
            {"tlsClientCertData": "x", "tlsClientCertKey": PRIVATE_KEY},
            "tlsClientCertData",
            "not a certificate",
            "END CERTIFICATE-----",
        ),
        ({"tlsClientCertData": CERTIFICATE}, "tlsClientCertData", "without tlsClientCertKey", "Key:"),
        ({"proxy": "http://me:s3cret@proxy:3128"}, "proxy", "user name or password", "keys: {proxy: …}"),
        ({"proxy": "proxy:3128"}, "proxy", "not a proxy's URL", "http://proxy.protobox:3128"),
        ({"bearerToken": ""}, "bearerToken", "the secret value is not allowed here", "write another value"),
        ({"username": "u", "password": 5}, "password", "text is expected here", "write text"),
        ({"insecured": True}, "insecured", "there is no key", "did you mean 'insecure'?"),
    ],
)
def test_a_mistake_in_a_repository_is_told_with_its_place_and_without_the_secret(
    said: dict[str, Any], where: str, what: str, fix: str
) -> None:
    problem = mistake({"repositories": {"b": {"url": GIT, **said}}})
    assert problem.where == f"protobox-cd:repositories.b.{where}"
    assert what in problem.what
    assert fix in problem.fix


@pytest.mark.parametrize(
    ("url", "what", "fix"),
    [
        ("http://git.protobox", "does not end in /", "write http://git.protobox/"),
        ("git@git.protobox:", "middle of an SSH address", "write ssh://git@git.protobox/"),
        ("git@git.protobox:group", "does not end in /", "write git@git.protobox:group/"),
    ],
)
def test_a_template_ends_in_a_slash_so_that_no_other_host_gets_the_credentials(
    url: str, what: str, fix: str
) -> None:
    problem = mistake({"credentialTemplates": {"gitlab": {"url": url}}})
    assert problem.where == "protobox-cd:credentialTemplates.gitlab.url"
    assert what in problem.what
    assert fix in problem.fix


@pytest.mark.parametrize("key", ["insecure", "enableLfs", "project"])
def test_a_template_has_no_key_that_argo_cd_ignores_in_it(key: str) -> None:
    problem = mistake({"credentialTemplates": {"gitlab": {"url": "http://git.protobox/", key: True}}})
    assert f"there is no key {key!r} here" in problem.what


def test_several_mistakes_in_one_repository_are_told_together() -> None:
    with pytest.raises(SettingsError) as caught:
        repository(**dict.fromkeys(["password", "sshPrivateKey"], "s3cret"))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("section", "name", "what"),
    [
        ("repositories", "creds-gitlab", "begins with creds-"),
        ("repositories", "My_Charts", "cannot be the name of a Kubernetes object"),
        ("credentialTemplates", "My_Charts", "cannot be the name of a Kubernetes object"),
    ],
)
def test_a_key_can_be_part_of_the_secrets_name(section: str, name: str, what: str) -> None:
    problem = mistake({section: {name: {"url": "https://git.protobox/gitlab/a.git/"}}})
    assert problem.where == f"protobox-cd:{section}.{name}"
    assert what in problem.what


def test_no_secret_is_in_anything_that_can_be_printed() -> None:
    read = settings(
        repositories={
            "a": {"url": GIT, "username": "me", "password": "s3cret", "bearerToken": "s3cret2"},
            "b": {"url": SSH, "sshPrivateKey": PRIVATE_KEY},
        },
    )
    printed = f"{read!r} {read} {read.model_dump()} {read.model_dump_json()}"
    assert "s3cret" not in printed
    assert PRIVATE_KEY.splitlines()[1] not in printed


def test_two_spellings_of_one_repository_are_told() -> None:
    read = settings(
        repositories={
            "one": {"url": "https://git.protobox/gitlab/a/B.git"},
            "two": {"url": "https://git.protobox/gitlab/a/b.git/"},
            "other-project": {"url": GIT, "project": "default"},
        }
    )
    (problem,) = access_problems(read)
    assert problem.where == "protobox-cd:repositories.two.url"
    assert "'one' and 'two' have the same url" in problem.what


def test_a_repository_on_gitlab_ends_in_dot_git_and_one_elsewhere_need_not() -> None:
    read = settings(
        repositories={
            "site": {"url": "http://git.protobox/gitlab/a/b"},
            "elsewhere": {"url": "https://git.example.org/a/b"},
            "charts": {"url": "https://git.protobox/charts", "type": "helm"},
        }
    )
    (problem,) = access_problems(read)
    assert problem.where == "protobox-cd:repositories.site.url"
    assert problem.fix == "write http://git.protobox/gitlab/a/b.git"


def test_a_repository_by_the_git_servers_address_is_the_one_by_its_name() -> None:
    git = {"baseUrl": "http://git.protobox/gitlab", "hosts": {"192.168.1.7": "git.protobox"}}
    by_address = {"url": "http://192.168.1.7/gitlab/a/b"}
    (problem,) = access_problems(settings(git=git, repositories={"b": by_address}))
    assert problem.fix == "write http://192.168.1.7/gitlab/a/b.git"
    by_name = {"url": "http://git.protobox/gitlab/a/b.git"}
    both = settings(
        git=git, repositories={"one": by_name, "two": {"url": "http://192.168.1.7/gitlab/a/b.git"}}
    )
    (problem,) = access_problems(both)
    assert "'one' and 'two' have the same url" in problem.what


def test_an_unknown_app_project_is_told() -> None:
    (problem,) = access_problems(repository(project="shop"))
    assert problem.where == "protobox-cd:repositories.b.project"
    assert "no AppProject 'shop'" in problem.what


def test_a_password_over_plain_http_is_warned_of() -> None:
    login = {"username": "deploy", "password": "s3cret"}
    read = settings(
        credentialTemplates={
            "clear": {"url": "http://git.protobox/", **login},
            "safe": {"url": "https://git.protobox/", **login},
            "none": {"url": "http://open.protobox/"},
            "read": {"url": "http://read.protobox/", "username": "u", "existingSecret": {"name": "x"}},
        }
    )
    warnings = access_warnings(read)
    assert [text.partition(":")[2].partition(":")[0] for text in warnings] == [
        "credentialTemplates.clear",
        "credentialTemplates.read",
    ]
    assert "s3cret" not in "".join(warnings)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Git.protobox/A/b.git", "https://git.protobox/a/b"),
        ("https://git.protobox/a/b/", "https://git.protobox/a/b"),
        ("git@git.protobox:a/b.git", "git@git.protobox/a/b"),
        ("ssh://git@git.protobox/a/b.git", "git@git.protobox/a/b"),
        ("ssh://git@git.protobox:2222/a/b", "git@git.protobox:2222/a/b"),
    ],
)
def test_urls_are_compared_as_argo_cd_compares_them(url: str, normal: str) -> None:
    assert normal_url(url) == normal


@given(st.from_regex(r"(https://|ssh://git@)[A-Za-z.]{1,9}(/[A-Za-z-]{1,9}){1,3}", fullmatch=True))
def test_case_and_dot_git_make_no_other_repository(url: str) -> None:
    assert normal_url(url) == normal_url(f"{url.upper()}.git".replace("HTTPS", "https").replace("SSH", "ssh"))


@given(st.text())
def test_any_text_is_base64_of_itself_at_most_once(text: str) -> None:
    assert pem_text(pem_base64(text)) in {text, pem_text(text)}


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@given(notes=st.text(alphabet="abc #=\n", max_size=20))
def test_pem_is_found_among_notes_and_in_base64(line_break: str, notes: str) -> None:
    text = f"{notes}\n{CERTIFICATE}{notes}\n{PRIVATE_KEY}".replace("\n", line_break)
    assert is_certificate(pem_text(pem_base64(text)))
    assert is_private_key(text)
    assert pem_text(pem_base64(text)) == pem_text(text) == text
    assert not is_private_key(CERTIFICATE)
    assert not is_certificate(PRIVATE_KEY)
