"""Fixtures for all tests, and one loud line where the lab's programs are not there."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from components import sdk
from components.dns import configmaps
from lab.lab import Lab
from lab.programs import missing
from tests.api_server import ApiServer, serving
from tests.warm_python import warm_python

# Nothing here is measured against a clock: the machine may be busy with something else.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")

# Also on a build server the tests play a person at a terminal; those about a pipeline set this themselves.
BUILD_SERVER = os.environ.pop("CI", "")
# Where the tests are started in the background, this is ignored, also by all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The API servers and engines of the tests are short-lived, and a machine has more memory than time: with Go's
# default of 100 a quarter of an API server's work is looking for garbage. Without a limit it takes 1.3 GB of
# new memory for its first `up`, which costs a virtual machine more than the garbage does.
os.environ.setdefault("GOGC", "400")
os.environ.setdefault("GOMEMLIMIT", "640MiB")

# A program that runs on mocks must not read the state of a real stack on this machine.
sdk.MANY = sys.maxsize

NOT_BUILT = "the lab's programs are not built; `make lab` builds them"


FIRST = "tests/engine/first_sync/"
"""These tests take the longest: they have a site with a real Argo CD, which costs half a minute to start."""
SITES = {
    **dict.fromkeys(("test_strategies.py", "test_verification.py"), "one"),
    **dict.fromkeys(
        ("test_adoption.py", "test_checked_applications.py", "test_discovered.py", "test_verdict.py"), "two"
    ),
}
"""Which of them share one."""
APART = tuple(
    f"tests/engine/{file}"
    for file in (
        "projects/test_adoption.py",
        "projects/test_projects.py",
        "test_dns_hand_over.py",
        "test_dns_layers.py",
        "test_main_job.py",
        "test_make_up.py",
        "test_recovery.py",
    )
)
"""Files of long tests that share nothing: one process alone had the last of them for eight minutes."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a file to a process as soon as it is free: each of them has a lab for whatever file comes."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in APART:
            return nodeid
        name = file.rpartition("/")[2]
        return FIRST + SITES[name] if file == f"{FIRST}{name}" and name in SITES else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Distribute the tests of `make test` in the order of `pytest_collection_modifyitems`."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, so that the quick tests fill the processes up at the end.

    What an engine does takes four times as long where many share a machine as where nobody does.
    """
    for item in items:
        if "engine" in item.keywords:
            item.add_marker(pytest.mark.timeout(1200))
    items.sort(key=lambda item: (not item.nodeid.startswith(FIRST), "engine" not in item.keywords))


@pytest.fixture(autouse=True)
def _no_lasting_traces() -> Iterator[None]:
    """Take back what a provider leaves to its plugin: without frames the mocks of the SDK wait for ever."""
    yield
    vars(sys).pop("tracebacklimit", None)


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A scripted Kubernetes API, reached through $KUBECONFIG as the context `test`."""
    server = ApiServer()
    with serving(server, tmp_path) as kubeconfig:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        monkeypatch.setattr(configmaps, "CALM", 0.0)  # an earlier test's API server may have been shaky
        yield server


def a_lab(running: Lab) -> Iterator[Lab]:
    """Run a lab for the fixture that asks; skip where its programs are not built."""
    if missing():
        pytest.skip(NOT_BUILT)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The virtual environment whose Python has imported everything already."""
    with warm_python(tmp_path_factory.mktemp("venv")) as venv:
        yield venv


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, venv: Path) -> Iterator[Lab]:
    """The lab of this process. Every test leaves it as it found it."""
    yield from a_lab(Lab(tmp_path_factory.mktemp("lab"), venv=venv))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one loud line for each reason what did not run, and what to do."""
    if BUILD_SERVER:
        os.environ["CI"] = BUILD_SERVER  # pytest then ends with the whole message of each test that failed
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    for reason, count in reasons.items():
        terminalreporter.write_line(f"SKIPPED, {count} TESTS: {reason}", red=True, bold=True)


@pytest.fixture
def kubectl_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For programs that are run on mocks: an `up` wants kubectl to be there, and mocks never start it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "kubectl").touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{folder}")
