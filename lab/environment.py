"""The environment in which the engine works on the lab and on nothing else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lab.programs import Programs


def engine_environment(directory: Path, kubeconfig: Path, programs: Programs) -> dict[str, str]:
    """Return the variables for Pulumi, Helm and kubectl; makes the folder for Pulumi's state."""
    state = directory / "state"
    state.mkdir(parents=True, exist_ok=True)
    # The Python language host does not read the `virtualenv` option, it takes `python` from PATH.
    folders = [*programs.folders, Path(sys.executable).parent]
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    # Settings of the user's own stacks, such as a token or a passphrase file, do not count here.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    return own | {
        "PATH": path,
        "KUBECONFIG": str(kubeconfig),
        "PULUMI_HOME": str(directory / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "",  # nothing in the lab is secret
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
