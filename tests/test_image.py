"""The image of the pipeline's jobs: read, since no container engine is at hand. It is built by GitLab."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab.programs.catalogue import PULUMI
from tools.plugins import PLUGINS, sdk_version

ROOT = Path(__file__).parents[1]
PYTHON = "3.11"
"""The image's Python."""
PUBLIC_IMAGE = re.compile(
    r"\$\{IMAGE_MIRROR\}(?P<name>[\w/-]+):v?\d+\.\d+\.\d+(-[a-z-]+)?(@sha256:[0-9a-f]{64})?"
)
"""An exact version, and what it has to hold where a site has pinned that."""


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, each with its arguments on one line."""
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    lines = re.sub(r"\s*\\\n\s*", " ", code).splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
RUNS = [arguments for word, arguments in DOCKERFILE if word == "RUN"]


def pinned(file: str) -> dict[str, str]:
    """Return package → version of a file of requirements, by the names that indexes use, for this machine."""
    found: dict[str, str] = {}
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-", " ")):
            one = Requirement(line.removesuffix("\\"))
            if not one.marker or one.marker.evaluate():
                found[canonicalize_name(one.name)] = str(one.specifier).removeprefix("==")
    return found


LOCKED = pinned("requirements.lock")


def test_every_base_is_one_exact_release() -> None:
    bases = [arguments.split(" ")[0] for word, arguments in DOCKERFILE if word == "FROM"]
    assert bases
    assert all(PUBLIC_IMAGE.fullmatch(base) for base in bases)


@pytest.mark.parametrize(
    ("end", "is_one"), [("", True), ("@sha256:" + "0a" * 32, True), ("@sha256:0a", False), ("@latest", False)]
)
def test_a_site_may_name_a_public_image_by_its_digest_besides(end: str, is_one: bool) -> None:
    assert bool(PUBLIC_IMAGE.fullmatch("${IMAGE_MIRROR}python:3.11.14-slim-trixie" + end)) == is_one


def test_the_engine_is_the_one_that_the_tests_run_on() -> None:
    assert any(
        word == "FROM" and re.match(rf"\S+pulumi/pulumi-base:{re.escape(PULUMI.version)}[@ ]", arguments)
        for word, arguments in DOCKERFILE
    )


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_is_of_the_version_that_its_package_asks_for(plugin: str) -> None:
    asked = pinned("requirements.txt")[f"pulumi-{plugin}"]
    assert asked == sdk_version(plugin)
    assert any(f"pulumi plugin install resource {plugin} {asked} --exact" in run for run in RUNS)


def test_python_is_the_one_that_the_lock_was_made_for() -> None:
    last = [arguments for word, arguments in DOCKERFILE if word == "FROM"][-1]
    assert f"python:{PYTHON}." in last
    assert f"--python-version {PYTHON} " in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_packages_are_installed_from_the_lock_and_only_as_their_hashes_say() -> None:
    (install,) = [run for run in RUNS if "pip install" in run]
    assert "--require-hashes" in install
    assert install.endswith("--requirement /opt/requirements.lock")


def test_the_programs_that_an_up_starts_are_there() -> None:
    (install,) = [run for run in RUNS if "apt-get install" in run]
    assert {"kubectl", "openssh-client"} <= set(install.split(" "))


def test_nothing_is_fetched_without_a_version() -> None:
    assert "ADD" not in dict(DOCKERFILE)
    assert not any(re.search(r"\bcurl\b|\bwget\b|latest", arguments) for _, arguments in DOCKERFILE)


def test_the_jobs_do_not_run_as_root() -> None:
    words = [word for word, _ in DOCKERFILE]
    user = len(words) - 1 - words[::-1].index("USER")
    assert DOCKERFILE[user] == ("USER", "pulumi")
    assert "FROM" not in words[user:]
    assert any("useradd --uid 1000 --create-home pulumi" in run for run in RUNS)


LOCKS = ("requirements", "requirements-lab", "requirements-dev", "requirements-audit")


@pytest.mark.parametrize("file", LOCKS)
def test_every_package_is_locked_at_its_version_and_by_its_hashes(file: str) -> None:
    wanted, locked = pinned(f"{file}.txt"), pinned(f"{file}.lock")
    assert {name: locked.get(name) for name in wanted} == wanted
    text = (ROOT / f"{file}.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[\w.-]+==.*(?:\n    .*)*", text, re.MULTILINE)
    assert len(packages) >= len(locked)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", package) for package in packages)


def test_a_package_has_the_same_version_in_every_lock() -> None:
    of_image, of_lab, of_tests, _ = (pinned(f"{file}.lock") for file in LOCKS)
    assert of_image.items() <= of_lab.items() <= of_tests.items()


def test_the_makefile_installs_only_what_a_hash_names() -> None:
    installs = re.findall(r"pip install .*", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert installs
    assert all("--require-hashes" in install for install in installs)


@pytest.mark.skipif(
    not platform.python_version().startswith(f"{PYTHON}."), reason=f"the lock is for Python {PYTHON}"
)
def test_the_lock_is_what_the_tests_run_with() -> None:
    waiting = [Requirement(name) for name in pinned("requirements.txt")]
    seen: dict[str, str] = {}
    asked: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        found = importlib.metadata.distribution(name)
        seen[name] = found.version
        for extra in {"", *wanted.extras} - {extra for known, extra in asked if known == name}:
            asked.add((name, extra))
            further = [Requirement(text) for text in found.requires or []]
            waiting += [one for one in further if not one.marker or one.marker.evaluate({"extra": extra})]
    assert seen == LOCKED
