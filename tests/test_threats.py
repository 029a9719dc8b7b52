"""What the threat model promises about text of others: each test is named after its promise.

`docs/threat-model.md` has the promises in their order, and who could break them.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from components.dns.hosts.section import SshSettings
from components.dns.hosts.ssh import ssh_arguments
from components.dns.proof.observing import list_refs
from components.dns.proof.pod import Result
from components.dns.proof.question import Host
from components.dns.zones import ForwardedZone
from components.stackfile.printable import printable
from review.markdown import code, fence
from tools.check import as_text, check
from tools.try_corefile import files_beside, in_words, tried

ROOT = Path(__file__).parents[1]
HOSTILE = (
    "\x1b[2J\x1b[1;1Hfine",  # clears the screen and writes over it
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "a\rb",
    "\x9b31m",  # the same as ESC [ in one character
    "\u202egnp.exe",
    "\u2066a\u2069",
    "a\u200bb",
    "\u2028b",
    "\x00",
    "\x7f\x08\x08",
)
FORWARDED = [ForwardedZone("protobox", ("192.168.1.7",))]
COREFILE = ".:53 {\n    errors\n    forward . /etc/resolv.conf\n}\n"
MANIFEST: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "argo-docserver", "namespace": "argocd", "labels": {"team": "docs"}},
    "spec": {
        "project": "default",
        "source": {"repoURL": "http://git.protobox/a.git", "targetRevision": "CD", "path": "factory"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "docs"},
    },
}
STACK = {
    "config": {
        "protobox-cd:cluster": {"context": "site"},
        "protobox-cd:git": {"baseUrl": "http://git.protobox/gitlab"},
        "protobox-cd:dns": {"strategy": "dnsmasq", "zones": ["protobox"], "servers": ["192.168.1.7"]},
        "protobox-cd:manifests": ["application.yml"],
    }
}
LONGEST_SECONDS = 10
"""For what must not hang. It takes a moment; a machine under load may need longer."""


def shown_of_manifest(folder: Path, text: str) -> str:
    (folder / "application.yml").write_text(text, encoding="utf-8", errors="surrogatepass")
    return checked(folder)


def checked(folder: Path) -> str:
    stack = folder / "Pulumi.prod.yaml"
    stack.write_text(yaml.safe_dump(STACK), encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        return as_text(stack, check(stack), colour=False)
    finally:
        os.chdir(before)


def is_shown(text: str) -> bool:
    return printable(text) == text


def with_text(value: Any, place: int, text: str) -> tuple[Any, int]:
    """Return `value` with `text` in place of its key or text number `place`, and what is left of `place`."""
    if isinstance(value, dict):
        found = {}
        for key, below in value.items():
            place -= 1
            new, place = with_text(below, place, text)
            found[text if place == -1 and new is below else key] = new
        return found, place
    place -= 1
    return (text if place == -1 else value), place


@given(st.sampled_from(HOSTILE), st.integers(0, 22), st.booleans())
@settings(max_examples=60, deadline=None)
def test_an_application_yml_cannot_move_the_cursor_or_hide_anything_in_a_terminal(
    tmp_path_factory: pytest.TempPathFactory, text: str, place: int, quoted: bool
) -> None:
    manifest, _ = with_text(MANIFEST, place, text)
    written = yaml.safe_dump(manifest) if quoted else yaml.safe_dump(MANIFEST) + text
    assert is_shown(shown_of_manifest(tmp_path_factory.mktemp("hostile"), written))


@given(st.sampled_from(HOSTILE), st.integers(0, len(COREFILE)))
@settings(max_examples=100, deadline=None)
def test_a_corefile_cannot_move_the_cursor_or_hide_anything_in_a_terminal(text: str, at: int) -> None:
    corefile = COREFILE[:at] + text + COREFILE[at:]
    assert is_shown(in_words(tried(corefile, FORWARDED), corefile, Path("Corefile"), (), colour=False))


@pytest.mark.parametrize("text", [*HOSTILE, "`x` <img src=x> [a](http://evil) @all #1 |", "/close\n/merge"])
def test_text_of_others_cannot_act_in_a_note_on_a_merge_request(text: str) -> None:
    for written in (code(text), fence(text)):
        assert is_shown(written)
        outside = re.sub(r"(`+)[^`].*?\1|<code>.*?</code>|```.*?```", "", written, flags=re.DOTALL)
        assert not re.search(r"<|\]\(|@all|#1|\||^/", outside, re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(9)),
        "\n".join(
            ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))]
        ),
        "[" * 50_000,
        "{a: " * 5_000,
        "a: &a\n  b: *a\n",
        "a: !!python/object/apply:os.system ['exit 1']\n",
        "kind: Application\nspec: " + "9" * 100_000 + "\n",
        "---\n" * 100_000,
        "x" * 2_000_000,
    ],
    ids=["aliases", "bomb", "deep list", "deep map", "itself", "python", "number", "documents", "2 MB"],
)  # fmt: skip
def test_an_application_yml_cannot_run_hang_or_fill_memory(tmp_path: Path, text: str) -> None:
    began = time.monotonic()
    assert ("mistake" in shown_of_manifest(tmp_path, text)) == (not text.startswith("---"))
    assert time.monotonic() - began < LONGEST_SECONDS


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/tty", "/proc/self/mem", "."])
def test_an_application_yml_that_is_a_link_is_not_read_without_an_end(tmp_path: Path, target: str) -> None:
    (tmp_path / "application.yml").symlink_to(target)
    assert "mistake" in checked(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "(a) {\n" * 5_000,
        "{" * 100_000,
        "(a) {\n    import a\n    import a\n}\n.:53 {\n    import a\n}\n",
        "".join(f"(s{n}) {{\n    import s{n + 1}\n    import s{n + 1}\n}}\n" for n in range(30)),
        ".:53 {\n    rewrite name regex (a+)+$ b\n    forward . 10.0.0.1\n}\n",
        ".:53 {\n    rewrite name regex " + "(" * 5_000 + " b\n}\n",
        '.:53 {\n    errors "' + "x" * 900_000,
    ],
    ids=["blocks", "braces", "itself", "doubling", "regex", "brackets", "quote"],
)
def test_a_corefile_cannot_hang_or_fill_memory(text: str) -> None:
    began = time.monotonic()
    assert tried(text, FORWARDED).outcome in {"refused", "edited", "unchanged"}
    assert time.monotonic() - began < LONGEST_SECONDS


def test_a_corefile_makes_make_try_read_nothing_but_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim", encoding="utf-8")
    beside = tmp_path / "coredns"
    beside.mkdir()
    for path in (
        "/etc/coredns/../secret",
        "../secret",
        "/etc/passwd",
        str(tmp_path / "secret"),
        "/etc/coredns/*/../../secret",
    ):
        assert files_beside(beside / "Corefile", f".:53 {{\n    import {path}\n}}\n") == {}


def in_a_shell(*words: str, folder: Path) -> Result:
    """Run it as the pod would, on this machine."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "link",
    ["ext::sh -c touch% {0}", "--upload-pack=touch {0};", "-c core.sshCommand=touch", "file://{1}", "{1}"],
)
def test_a_repositorys_link_makes_git_in_the_pod_run_nothing(tmp_path: Path, link: str) -> None:
    made, repository = tmp_path / "made", tmp_path / "repository"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    host = Host("git.protobox", repository=link.format(made, repository))
    done = list_refs(host, lambda *words: in_a_shell(*words, folder=tmp_path))
    assert done.code
    assert not made.exists()


@pytest.mark.parametrize(
    "file", ["$(touch made)", "`touch made`", "a; touch made", "a' ; touch made '", "-n/etc"]
)
def test_the_hosts_file_of_another_machine_cannot_be_a_command(tmp_path: Path, file: str) -> None:
    command = ssh_arguments(SshSettings(host="supervisor", file=file))
    assert command[-3:-1] == ["--", "supervisor"]
    in_a_shell("sh", "-c", command[-1], folder=tmp_path)
    assert not (tmp_path / "made").exists()
    assert shlex.split(command[-1])[-1] == file


def test_every_promise_of_the_page_has_its_test() -> None:
    page = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    assert len(named) >= 20
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), (file, test)
    here = re.findall(r"^def (test_\w+)\(", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    assert {test for file, test in named if file == "tests/test_threats.py"} == set(here[:-1])
