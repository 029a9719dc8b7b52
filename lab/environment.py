"""The environment of what the lab runs: the engine works on the lab and on nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from lab.programs import Programs

STACK = "local"
"""The stack on the lab."""


def engine_environment(directory: Path, kubeconfig: Path, programs: Programs, venv: Path) -> dict[str, str]:
    """Return the variables for Pulumi, Helm and kubectl; makes the folder for Pulumi's state."""
    state = directory / "state"
    state.mkdir(parents=True, exist_ok=True)
    # The Python language host does not read the `virtualenv` option, it takes `python` from PATH.
    folders = [*programs.folders, venv / "bin"]
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    # Settings of the user's own stacks, such as a token or a passphrase file, do not count here.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    return own | {
        "PATH": path,
        "KUBECONFIG": str(kubeconfig),
        # What kubectl and Helm keep about a cluster goes by its port, and each lab has another one: in the
        # user's own folders it would only pile up.
        "KUBECACHEDIR": str(directory / "kubernetes-cache"),
        "HELM_CACHE_HOME": str(directory / "helm-cache"),
        "PULUMI_HOME": str(directory / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{state}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "",  # nothing in the lab is secret
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def on_the_site() -> dict[str, str]:
    """Return this process's variables for a program that uses Git, or the network, of the lab's own site.

    Left out are Git's own, of which one names the repository that the user works on (hooks and `git rebase`
    set it), and the proxies: nobody in the world outside knows the site. Git and libcurl read both ways of
    writing a proxy's name.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") and not name.lower().endswith("_proxy")
    }
