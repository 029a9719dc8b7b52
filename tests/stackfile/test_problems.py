"""Paths of keys, as messages print them and as `pulumi config set --path` reads them."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.stackfile.problems import Key, Problem, SettingsError, for_stack, key_path, set_secret

_STEP = re.compile(r'\.(?P<name>[^.\[]+)|\[(?P<number>\d+)\]|\["(?P<quoted>(?:\\"|[^"])*)"\]')


def as_pulumi_reads(path: str) -> tuple[Key, ...]:
    """Return the keys in `path`, by the rules of pulumi's `resource.ParsePropertyPath`."""
    assert path.startswith("protobox-cd:")
    rest = path.removeprefix("protobox-cd:")
    section = re.split(r"[.\[]", rest, maxsplit=1)[0]
    rest = rest.removeprefix(section)
    keys: list[Key] = [section]
    while rest:
        step = _STEP.match(rest)
        assert step, rest
        quoted = step["quoted"]
        text = step["name"] if quoted is None else quoted.replace('\\"', '"')
        keys.append(int(step["number"]) if step["number"] else text)
        rest = rest[step.end() :]
    return tuple(keys)


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), "protobox-cd"),
        (("dns",), "protobox-cd:dns"),
        (("dns", "servers", 0), "protobox-cd:dns.servers[0]"),
        (("projects", "a-b_c", "012"), "protobox-cd:projects.a-b_c.012"),
        (
            ("credentialTemplates", "git.protobox", "password"),
            'protobox-cd:credentialTemplates["git.protobox"].password',
        ),
        (
            ("argocd", "values", "configs", "params", "application.namespaces"),
            'protobox-cd:argocd.values.configs.params["application.namespaces"]',
        ),
        (("clusters", 'the "edge"'), r'protobox-cd:clusters["the \"edge\""]'),
        (("clusters", r"a\b"), r'protobox-cd:clusters["a\b"]'),
        (("clusters", ""), 'protobox-cd:clusters[""]'),
    ],
)
def test_a_key_with_a_dot_stands_in_brackets(path: tuple[Key, ...], written: str) -> None:
    assert key_path(path) == written


# A backslash as the last sign cannot be said: Pulumi takes it for that of the closing quote.
KEYS = st.text(max_size=6).filter(lambda key: not key.endswith("\\")) | st.integers(0, 99)


@given(st.lists(KEYS, max_size=4))
def test_pulumi_reads_every_path_as_it_was_meant(below: list[Key]) -> None:
    path = ("argocd", *below)
    assert as_pulumi_reads(key_path(path)) == path


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6))
def test_a_shell_hands_the_printed_path_on_as_it_is(key: str) -> None:
    path = ("clusters", key, "password")
    assert shlex.split(set_secret(path))[-1] == key_path(path)


@pytest.mark.parametrize(
    ("file", "stack"),
    [
        ("Pulumi.prod.yaml", ["--stack", "prod"]),
        ("Pulumi.prod.eu.yaml", ["--stack", "prod.eu"]),
        ("", []),
        ("site.yaml", []),
        ("Pulumi.a b.yaml", []),
    ],
)
def test_a_command_goes_to_the_stack_whose_file_has_the_mistake(file: str, stack: list[str]) -> None:
    fix = f"run this:{set_secret(('argocd', 'admin', 'password'))}"
    told = for_stack(for_stack(fix, file), file)  # the engine's program asks twice
    assert shlex.split(told.splitlines()[-1]) == [
        *("pulumi", "config", "set", "--secret"),
        *stack,
        *("--path", "protobox-cd:argocd.admin.password"),
    ]


def test_a_command_is_printed_on_one_line_however_long_it_is() -> None:
    path = ("credentialTemplates", "a-name-that-goes-on." * 8, "githubAppPrivateKey")
    problem = Problem(path, "what", "why", f"run this command, which asks for the value:{set_secret(path)}")
    command = str(SettingsError([problem])).splitlines()[-1]
    assert shlex.split(command)[-2:] == ["--path", key_path(path)]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("http://u:hunter2@192.168.1.7:80", '["…@192.168.1.7:80"]'),
        ("u:hunter@2@git.protobox", '["…@git.protobox"]'),
        ("192.168.1.7", '["192.168.1.7"]'),
    ],
)
def test_a_password_in_a_key_is_not_printed_with_its_place(key: str, shown: str) -> None:
    problem = Problem(("git", "hosts", key), "what", "why", "fix")
    assert problem.where == f"protobox-cd:git.hosts{shown}"
