"""What Pulumi takes for an encrypted value, where one may stand, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.stackfile.places import read_stack_file
from components.stackfile.problems import Problem
from tools.check import check

SITE = """\
config:
  protobox-cd:cluster: {context: lab}
  protobox-cd:git: {baseUrl: http://git.protobox/gitlab, group: protobox1}
  protobox-cd:dns: {strategy: dnsmasq, zones: [protobox], servers: [192.168.1.7]}
"""
TEMPLATE = "protobox-cd:credentialTemplates: {t: {url: http://git.protobox/, username: u, %s}}"
VALUES = "protobox-cd:projects: {a: {helm: {valuesObject: %s}}}"


def problems(tmp_path: Path, *sections: str, before: str = "") -> list[Problem]:
    file = tmp_path / "Pulumi.prod.yaml"
    lines = [f"  {section}\n" for section in sections]
    file.write_text("".join([before, SITE, *lines]), encoding="utf-8")
    return list(check(file).problems)


@pytest.mark.parametrize(
    "section",
    [
        VALUES % "{persistence: {s3: {bucket: b, secure: true}}}",
        VALUES % "{cookie: {secure: false}}",
        VALUES % "{cookie: {secure: 1}}",
        VALUES % "{cookie: {secure: }}",
        VALUES % "{cookie: {secure: {always: true}}}",
        VALUES % "{smtp: {secure: starttls, port: 587}}",
        "protobox-cd:argocd: {values: {server: {ingress: {secure: true}}}}",
        "protobox-cd:projects: {secure: {path: a}}",
        "protobox-cd:projects: {a: {labels: {secure: 'yes', team: docs}}}",
        TEMPLATE % "password: {secure: v1:abc}",
    ],
)
def test_a_key_named_secure_is_no_secret_unless_pulumi_takes_it_for_one(tmp_path: Path, section: str) -> None:
    assert problems(tmp_path, section) == []


@pytest.mark.parametrize(
    ("section", "where"),
    [
        (VALUES % "{s3: {key: {secure: v1:abc}}}", "projects.a.helm.valuesObject.s3.key"),
        (VALUES % "{cookie: {secure: {secure: v1:abc}}}", "projects.a.helm.valuesObject.cookie.secure"),
        (VALUES % "{cookie: {secure: ''}}", "projects.a.helm.valuesObject.cookie"),
        ("protobox-cd:projects: {a: {labels: {secure: 'yes'}}}", "projects.a.labels"),
        ("protobox-cd:projects: {a: {labels: {<<: *s}}}", "projects.a.labels"),
    ],
)
def test_what_pulumi_would_decrypt_stands_in_no_place_for_none(
    tmp_path: Path, section: str, where: str
) -> None:
    told = problems(
        tmp_path, section, before="encryptionsalt: &s {secure: v1:abc}\n" if "*s" in section else ""
    )
    assert [(one.where, one.what) for one in told] == [(f"protobox-cd:{where}", "no secret may stand here")]


@pytest.mark.parametrize("nothing", ["5", "true", "", "''", "[a]", "{a: b}"])
def test_a_secret_without_a_text_is_told_with_the_command_that_sets_it(tmp_path: Path, nothing: str) -> None:
    (problem,) = problems(tmp_path, TEMPLATE % f"password: {{secure: {nothing}}}")
    assert problem.what == "there is no encrypted text behind secure:"
    assert problem.fix.splitlines() == [
        "run this command, which asks for the value:",
        " pulumi config set --secret --stack prod --path 'protobox-cd:credentialTemplates.t.password'",
    ]


@pytest.mark.parametrize(
    ("section", "where", "meant"),
    [
        (TEMPLATE % "passwrd: {secure: v1:abc}", "credentialTemplates.t.passwrd", "password"),
        (TEMPLATE % "passwrd: {secure: 5}", "credentialTemplates.t.passwrd", "password"),
        ("protobox-cd:argocd: {admin: {pasword: {secure: v1:abc}}}", "argocd.admin.pasword", "password"),
        ("protobox-cd:argocd: {admn: {password: {secure: v1:abc}}}", "argocd.admn", "admin"),
        ("protobox-cd:argcd: {admin: {password: {secure: v1:abc}}}", "argcd", "protobox-cd:argocd"),
        ("protobox-cd:argocd: {insecur: yes}", "argocd.insecur", "insecure"),
    ],
)
def test_a_misspelt_key_is_told_as_that_whatever_stands_behind_it(
    tmp_path: Path, section: str, where: str, meant: str
) -> None:
    (problem,) = problems(tmp_path, section)
    assert problem.where == f"protobox-cd:{where}"
    assert problem.fix.startswith(f"did you mean {meant!r}?")


@pytest.mark.parametrize(
    ("section", "advice"),
    [
        ("protobox-cd:projects: {a: {revision: {secure: v1:abc}}}", "use the key made for the secret"),
        ("protobox-cd:argocd: {values: {a: {secure: v1:abc}}}", "use the key made for the secret"),
        (VALUES % "{a: {secure: v1:abc}}", "make a Secret in the cluster"),
        ("protobox-cd:projects: {a: {helm: {values: {secure: v1:abc}}}}", "make a Secret in the cluster"),
        (
            "protobox-cd:projects: {a: {sources: [{helm: {parameters: [{name: a, value: {secure: a}}]}}]}}",
            "make a Secret in the cluster",
        ),
        (
            "protobox-cd:projects: {a: {spec: {source: {helm: {valuesObject: {a: {secure: v1:abc}}}}}}}",
            "make a Secret in the cluster",
        ),
    ],
)
def test_nobody_is_told_to_write_a_secret_in_clear_text(tmp_path: Path, section: str, advice: str) -> None:
    (problem,) = problems(tmp_path, section)
    assert problem.fix.startswith(advice)
    assert "write it in clear text" not in problem.fix


def test_a_password_in_a_section_that_a_merge_key_takes_over_is_found(tmp_path: Path) -> None:
    before = "common: &common\n  protobox-cd:argocd: {admin: {password: hunter2}}\n"
    _, problem = problems(tmp_path, "<<: *common", before=before)
    assert (problem.where, problem.line) == ("protobox-cd:argocd.admin.password", 2)
    assert problem.what == "this secret stands in clear text"


def test_the_engines_reading_of_the_file_agrees(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(f"{SITE}  {VALUES % '{a: {secure: true}, b: {secure: v1:abc}}'}\n", encoding="utf-8")
    read = read_stack_file(file)
    values = ("projects", "a", "helm", "valuesObject")
    assert list(read.encrypted()) == [(*values, "b")]
    assert [read.is_encrypted((*values, key)) for key in ("a", "b")] == [False, True]
