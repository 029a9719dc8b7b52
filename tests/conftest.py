"""Fixtures for all tests, and one loud line where the lab's programs are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from lab.programs import missing
from tests.api_server import ApiServer, serving

NOT_BUILT = "the lab's programs are not built; `make lab` builds them"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A scripted Kubernetes API, reached through $KUBECONFIG as the context `test`."""
    server = ApiServer()
    with serving(server, tmp_path) as kubeconfig:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        yield server


def a_lab(directory: Path) -> Iterator[Lab]:
    """Run a lab in `directory` for the fixture that asks; skip where its programs are not built."""
    if missing():
        pytest.skip(NOT_BUILT)
    running = Lab(directory)
    running.start()
    yield running
    running.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one loud line that the engine tests did not run, and what to do."""
    if names := missing():
        terminalreporter.write_sep("!", "ENGINE TESTS SKIPPED", red=True, bold=True)
        terminalreporter.write_line(
            f"The lab's programs are not built ({', '.join(names)}), so nothing ran on the real engine. "
            "Run `make lab` once (it needs Go), then `make test`."
        )
