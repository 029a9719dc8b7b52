"""A bundle of the lab's stack, installed and deployed on a machine without a route."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.chart import complete_chart
from lab.environment import engine_environment
from lab.errors import LabError
from lab.first_sync.namespace import unshare_command
from lab.plugins import OFFLINE, install_plugins
from lab.programs import find_programs, missing
from tests.conftest import NOT_BUILT
from tests.engine.site import LAYERS, ROOT
from tests.lab.helm import helm
from tests.tools.bundle.programs import program

pytestmark = pytest.mark.engine
NOT_SHOWN = "NOT SHOWN: that an `up` from a bundle needs no internet;"


@pytest.fixture(scope="module")
def unshare() -> list[str]:
    """The command before a command that runs it without a route."""
    if missing():
        pytest.skip(NOT_BUILT)
    helm()
    try:
        return unshare_command()
    except LabError as error:
        pytest.skip(f"{NOT_SHOWN} {error}")


@pytest.fixture(scope="module")
def bundle(unshare: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The bundle, made where the index of Python packages answers."""
    folder = tmp_path_factory.mktemp("bundle")
    programs = find_programs()
    complete_chart(programs)
    environment = engine_environment(folder, folder / "kubeconfig", programs, Path(sys.prefix)) | {
        OFFLINE: "1"
    }
    install_plugins(programs, environment, Path(environment["PULUMI_HOME"]))
    asking = folder / "asking"
    asking.mkdir()
    for name in ("crane", "skopeo"):  # the internet's registries are not asked
        program(asking, name, "exit 1")
    environment["PATH"] = f"{asking}:{environment['PATH']}"
    command = [sys.executable, "-m", "tools.bundle", "local", "--to", str(folder / "made")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if "pip has failed" in done.stdout:
        pytest.skip(f"{NOT_SHOWN} no index of Python packages answers")
    assert done.returncode == 0, done.stdout + done.stderr
    yield folder / "made"
    shutil.rmtree(folder)  # 300 MB


def test_an_up_from_a_bundle_works_where_there_is_no_route(
    bundle: Path, unshare: list[str], tmp_path: Path
) -> None:
    inside = [*unshare, sys.executable, "-m", "tests.engine.bundle.inside", str(bundle), str(tmp_path)]
    done = subprocess.run(inside, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    assert (seen["links"], seen["default routes"]) == (["lo"], 0)
    assert seen["install"][0] == 0, seen["install"][1]
    code, said = seen["deploy"]
    assert code == 0, said
    site = tmp_path / "protobox-cd"
    assert said.splitlines()[:2] == [str(site / ".pulumi/bin/pulumi"), str(site / ".venv/bin/python")]
    assert "fine: Pulumi.local.yaml" in said
    assert seen["applications"] == ["argo-docserver"]
    shutil.rmtree(site)
    assert seen["answers"] == {layer: ["192.168.1.7"] for layer in LAYERS}
