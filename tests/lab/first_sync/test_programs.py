"""What the site with the real Argo CD needs, and what is said where it is not there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from lab.errors import LabError
from lab.first_sync.namespace import unshare_command
from lab.first_sync.programs import FirstSyncPrograms
from lab.first_sync.story import demo


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a cache nor a program on PATH."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("empty_machine")
def test_everything_that_is_missing_is_named_at_once_with_its_remedy() -> None:
    assert FirstSyncPrograms.missing() == [
        "Argo CD is not built, `make lab-full` builds it",
        "there is no redis-server, install the package `redis-server`",
        "there is no git, install the package `git`",
        "there is no perl, install the package `perl`",
        "there is no getent, install the package `libc-bin`",
        "there is no timeout, install the package `coreutils`",
    ]
    with pytest.raises(
        LabError, match=r"^The site with the real Argo CD cannot run here: Argo CD is not built"
    ):
        FirstSyncPrograms.find()


@pytest.mark.usefixtures("empty_machine")
def test_without_a_private_network_the_message_says_what_to_allow() -> None:
    with pytest.raises(
        LabError, match=r"needs a network namespace of its own.*run as root, or allow user namespaces"
    ):
        unshare_command()


@pytest.mark.parametrize("strategy", ["dnsmask", "none", ""])
def test_a_strategy_that_is_none_to_show_is_refused_before_anything_starts(strategy: str) -> None:
    with pytest.raises(LabError, match=r"choose STRATEGY=dnsmasq, consul, hosts, hostAliases\."):
        demo(strategy, Console())


def test_a_private_network_has_nothing_of_this_machine_in_it() -> None:
    try:
        command = unshare_command()
    except LabError as error:
        pytest.skip(str(error))
    seen = subprocess.run(
        [*command, "cat", "/proc/net/dev"], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split(":")[0].strip() for line in seen.splitlines()[2:]] == ["lo"]
