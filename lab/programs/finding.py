"""Find the lab's programs: in the cache, or for Pulumi the one that is installed on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lab.errors import LabError
from lab.programs.catalogue import (
    CLUSTER,
    CRDS,
    ENGINE,
    KUBECTL,
    OPTIONAL_SOURCES,
    PYTHON_HOST,
    STAGES,
    Source,
    cache_folder,
)

OLDEST_PULUMI = (3, 230)
_SECONDS_TO_ANSWER = 20
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


@dataclass(frozen=True)
class Programs:
    """Where each program is."""

    cluster: Path
    """The folder of etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok."""
    kwok_stages: tuple[Path, ...]
    """What the fake kubelet does with nodes and pods."""
    argocd_crds: tuple[Path, ...]
    """Argo CD's own CRDs, one file each."""
    coredns: Path
    kubectl: Path
    """The one on PATH, or else the one that is built for the lab."""
    plugins: Path
    """The Kubernetes plugin and the command plugin's stand-in in one file."""
    pulumi: Path
    """The engine; its Python language host is in the same folder."""
    helm: Path | None = None
    """From the optional programs: Pulumi's Kubernetes plugin has its own."""
    dnsmasq: Path | None = None
    """The one of this machine; the lab plays it with CoreDNS if there is none."""
    consul: Path | None = None
    """Likewise, from the optional programs, where it is built."""

    @property
    def folders(self) -> list[Path]:
        """The folders to put on PATH for a person or the engine."""
        return [self.pulumi.parent, self.cluster]


def find_programs() -> Programs:
    """Return where the programs are.

    Raises:
        LabError: some are missing; the text names them and the command that builds them.
    """
    if names := missing():
        raise LabError(
            f"The lab's programs are not built yet; missing: {', '.join(names)}. "
            "Run `python -m lab build` once (about 10 minutes on 2 cores, later starts take seconds)."
        )
    files = {file.name: file for source in sources() for part in source.parts for file in part.files}
    stages = tuple(part.path for part in CLUSTER.companions if part.name.startswith(f"{STAGES}/"))
    return Programs(
        cluster=files["etcd"].parent,
        kwok_stages=stages,
        argocd_crds=tuple(part.path for part in CRDS.companions),
        coredns=files["coredns"],
        plugins=files["plugins"],
        kubectl=installed_kubectl() or files["kubectl"],
        pulumi=installed_pulumi() or files["pulumi"],
        helm=find_optional("helm"),
        dnsmasq=installed_dnsmasq(),
        consul=find_optional("consul"),
    )


def find_optional(name: str) -> Path | None:
    """Return the program of the optional module called `name`, such as `coredns-1.9`, if it is built.

    Raises:
        KeyError: there is no such module.
    """
    programs = {source.name: source.binaries[0].path for source in OPTIONAL_SOURCES}
    return programs[name] if programs[name].is_file() else None


def installed_dnsmasq() -> Path | None:
    """Return this machine's dnsmasq; a user's PATH often lacks the folder that has it."""
    found = shutil.which("dnsmasq", path=os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS]))
    return Path(found) if found else None


def missing() -> list[str]:
    """Return the names of the files that have to be built, in the order in which they are."""
    return [name for source in sources() for name in source.missing()]


def sources() -> list[Source]:
    """Return our Go modules that the lab needs here; what is installed on this machine is left out."""
    cluster = CLUSTER if installed_kubectl() else replace(CLUSTER, binaries=(*CLUSTER.binaries, KUBECTL))
    pulumi = () if installed_pulumi() else (PYTHON_HOST, ENGINE)
    return [*pulumi, cluster, CRDS]


def installed_kubectl() -> Path | None:
    """Return the kubectl on PATH, which works with the lab's cluster if it is not much older or newer."""
    found = shutil.which("kubectl", path=_path_without_cache())
    return Path(found) if found else None


def installed_pulumi() -> Path | None:
    """Return the Pulumi on PATH when it can run our program: new enough, Python language host beside it."""
    pulumi = shutil.which("pulumi", path=_path_without_cache())
    if not pulumi:
        return None
    real = Path(pulumi).resolve()
    return real if _can_run_our_program(real) else None


@cache
def _can_run_our_program(pulumi: Path) -> bool:
    folder = pulumi.parent
    companions = ("pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
    if not all((folder / name).is_file() for name in companions):
        return False
    version = re.match(r"v(\d+)\.(\d+)\.", _answer(pulumi, "version"))
    if not version or (int(version[1]), int(version[2])) < OLDEST_PULUMI:
        return False
    return bool(_answer(folder / "pulumi-language-python", "-h"))


def _path_without_cache() -> str:
    cache = cache_folder().resolve()
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(one for one in folders if one and cache not in Path(one).resolve().parents)


def _answer(program: Path, argument: str) -> str:
    """Return what the program prints, or nothing if it cannot run."""
    try:
        done = subprocess.run(
            [program, argument],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS_TO_ANSWER,
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr if done.returncode == 0 else ""
