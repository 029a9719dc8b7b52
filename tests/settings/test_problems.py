"""Paths of keys, as messages print them and as `pulumi config set --path` reads them."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.problems import Key, key_path, set_secret

_STEP = re.compile(r'\.(?P<name>[^.\[]+)|\[(?P<number>\d+)\]|\["(?P<quoted>(?:\\"|[^"])*)"\]')


def as_pulumi_reads(path: str) -> tuple[Key, ...]:
    """Return the keys in `path`, by the rules of pulumi's `resource.ParsePropertyPath`."""
    section, _, rest = re.fullmatch(r"protobox-cd:([^.\[]*)((.*))", path, re.DOTALL).groups()  # type: ignore[union-attr]
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
    assert shlex.split(set_secret(path).partition(" (")[0])[-1] == key_path(path)
