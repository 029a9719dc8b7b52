"""The engine with the stand-ins, on the lab of the lab's own tests."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from lab.plugins.install import OFFLINE, install_plugins
from tests.lab.plugins.engine_stack import PROGRAM, Stack, kubectl


@pytest.fixture(scope="session")
def stack_environment(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    # A home of its own, so that these are the stand-ins wherever the tests run.
    folder = tmp_path_factory.mktemp("engine")
    environment = lab.environment() | {
        OFFLINE: "1",
        "HOME": str(folder),
        "PULUMI_HOME": str(folder / "pulumi"),
    }
    (folder / "state").mkdir()
    pulumi = shutil.which("pulumi", path=environment["PATH"])
    assert pulumi is not None
    plugins = install_plugins(Path(pulumi), environment, folder / "pulumi")
    assert not any(plugin.is_real for plugin in plugins)
    return environment | {"PULUMI_BACKEND_URL": f"file://{folder / 'state'}"}


@pytest.fixture
def stack(lab: Lab, stack_environment: dict[str, str], tmp_path: Path) -> Iterator[Stack]:
    project = {"name": tmp_path.name.replace("_", "-")[:40], "runtime": "python"}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
    shutil.copy(PROGRAM, tmp_path / "__main__.py")
    made = Stack(tmp_path, stack_environment, lab.kubeconfig)
    subprocess.run(
        ["pulumi", "stack", "init", "test"],
        cwd=tmp_path,
        env=stack_environment,
        capture_output=True,
        check=True,
    )
    yield made
    made.run("destroy", "--yes", "--skip-preview")


@pytest.fixture
def crds(lab: Lab) -> None:
    """Argo CD's CRDs and its namespace, as an uninstalled release leaves them behind."""
    lab.install_crds()
    if "namespace/argocd" not in kubectl(lab, "get", "namespaces", "-o", "name").split():
        kubectl(lab, "create", "namespace", "argocd")
