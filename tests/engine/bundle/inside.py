"""The process in the private namespaces: a machine without a route, on which a bundle is installed.

`python -m tests.engine.bundle.inside BUNDLE FOLDER` starts a lab, does what the bundle's README says, and
prints what was seen as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pyroute2 import IPRoute

from lab.lab import Lab
from lab.local_stack import Application

_OF_THE_SITE = ("KUBECONFIG", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
_DEPLOY = """\
. .pulumi/env
command -v pulumi
command -v python
make check STACK=local
pulumi stack select --create local
pulumi up --stack local --yes --skip-preview --non-interactive --color never --suppress-outputs
"""


def main(bundle: Path, folder: Path) -> None:
    """Install and deploy, and print what came of it."""
    with IPRoute() as network:
        (loopback,) = network.link_lookup(ifname="lo")
        network.link("set", index=loopback, state="up")
        links = [str(link.get_attr("IFLA_IFNAME")) for link in network.get_links()]
        routes = len(network.get_default_routes())
    lab = Lab(folder / "lab")
    lab.start()
    try:
        seen = _seen(lab, bundle, folder)
    finally:
        lab.stop()
    sys.stdout.write(json.dumps({"links": links, "default routes": routes, **seen}))


def _seen(lab: Lab, bundle: Path, folder: Path) -> dict[str, Any]:
    home, project = folder / "home", folder / "protobox-cd"
    home.mkdir()
    of_lab = lab.environment()
    path = os.pathsep.join([str(lab.programs.kubectl.parent), os.defpath])
    environment = {name: of_lab[name] for name in _OF_THE_SITE} | {"HOME": str(home), "PATH": path}
    python = {"PYTHON": os.path.realpath(sys.executable)}
    install = _run(["sh", str(bundle / "install.sh"), str(project)], folder, environment | python)
    deploy = _run(["sh", "-ec", _DEPLOY], project, environment) if not install[0] else (1, "")
    with lab.client() as client:
        there = deploy[0] == 0
        applications = [
            one.metadata.name
            for one in (client.list(Application, namespace="argocd") if there else ())
            if one.metadata
        ]
    answers = {layer: list(lab.ask(layer, "git.protobox").addresses) for layer in ("coredns", "nodelocaldns")}
    return {"install": install, "deploy": deploy, "applications": applications, "answers": answers}


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
