"""Which programs the lab needs or can use, where each comes from and where it is kept.

The versions stand in the `go.mod` files beside this one and nowhere else: a new version there gives a
new folder in the cache, and so a new build. So does every change of our own Go code.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lab.errors import LabError

SOURCES = Path(__file__).parent


@dataclass(frozen=True)
class Release:
    """One upstream project at the version that our `go.mod` names; its files share one cache folder."""

    name: str
    module: str
    """The Go module whose version counts."""
    source: str
    """The folder beside this file whose `go.mod` holds that version."""

    @property
    def version(self) -> str:
        """The version without its `v`, such as `1.37.2`."""
        text = (SOURCES / self.source / "go.mod").read_text(encoding="utf-8")
        return required_version(text, self.module)

    @property
    def date(self) -> dt.date:
        """The day of a version that is not a release: `4.0.0-20260115033456-f47bc2d6f199`."""
        return dt.date.fromisoformat(self.version.split("-")[1][:8])

    @property
    def folder(self) -> Path:
        """Where the files of this version are kept."""
        return cache_folder() / f"{self.name}-{self.version}"


KUBERNETES = Release("kubernetes", "k8s.io/kubernetes", "go")
OLD_COREDNS = Release("coredns", "github.com/coredns/coredns", "coredns-1.9")
FULL_COREDNS = Release("coredns", "github.com/coredns/coredns", "coredns-1.15")
CONSUL = Release("consul", "github.com/hashicorp/consul", "consul")
ARGOCD = Release("argocd", "github.com/argoproj/argo-cd/v3", "argocd")


class _Own(Release):
    """What our own Go code makes of several projects; its folder is named after the content of its module."""

    @property
    def folder(self) -> Path:
        return cache_folder() / f"{self.name}-{_digest(SOURCES / self.source)}"


PULUMI = _Own("pulumi", "github.com/pulumi/pulumi/pkg/v3", "engine")
LAB = _Own("lab", KUBERNETES.module, "go")
HELM = _Own("lab", "helm.sh/helm/v3", "go")
KUBERNETES_PLUGIN = _Own("lab", "github.com/pulumi/pulumi-kubernetes/provider/v4", "go")
KUBERNETES_SDK = _Own("lab", "github.com/pulumi/pulumi-kubernetes/sdk/v4", "go")
"""The SDK that belongs to it."""


@cache
def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    content = b"".join(str(path.relative_to(folder)).encode() + path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()[:12]


@dataclass(frozen=True)
class Binary:
    """One program that the Go client builds."""

    name: str
    release: Release
    package: str
    links: tuple[str, ...] = ()
    """The names of links to it, if it is several programs: it goes by the name by which it is called."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self.release.folder / self.name

    @property
    def files(self) -> list[Path]:
        """The program and the links to it."""
        return [self.path, *(self.path.with_name(link) for link in self.links)]

    @property
    def built_name(self) -> str:
        """The name that the Go client gives to it: the last part of the package, not counting `/v3`."""
        return re.sub(r"/v\d+$", "", self.package).rpartition("/")[2]


@dataclass(frozen=True)
class Companion:
    """A file that a Go module ships ready for use: a script, or the stages of the fake kubelet."""

    name: str
    release: Release
    module: str
    path_in_module: str
    executable: bool = False

    @property
    def path(self) -> Path:
        """Where the copy is kept."""
        return self.release.folder / self.name

    @property
    def files(self) -> list[Path]:
        """The copy."""
        return [self.path]


@dataclass(frozen=True)
class Source:
    """One Go module of ours, or a part of it: programs that share most of their code, and files to copy."""

    name: str
    title: str
    binaries: tuple[Binary, ...]
    companions: tuple[Companion, ...] = ()
    linker_flags: tuple[str, ...] = ()
    """Flags for the linker; `{pulumi}` and the like stand for the versions."""
    go_mod: str = ""
    """The folder of the `go.mod`, where it is another one's."""

    @property
    def folder(self) -> Path:
        """Where its `go.mod` is."""
        return SOURCES / (self.go_mod or self.name)

    @property
    def version_flags(self) -> str:
        """The linker flags, most of which tell a program its own version."""
        return " ".join(flag.format(**_versions()) for flag in self.linker_flags)

    @property
    def parts(self) -> tuple[Binary | Companion, ...]:
        """All that comes from it."""
        return (*self.binaries, *self.companions)

    def missing(self) -> list[str]:
        """Return the names of its files that are not in the cache."""
        return [file.name for part in self.parts for file in part.files if not file.is_file()]


_PULUMI_SDK = "github.com/pulumi/pulumi/sdk/v3"
STAGES = "stages"

PYTHON_HOST = Source(
    "python-host",
    "Pulumi's Python language host",
    (Binary("pulumi-language-python", PULUMI, f"{_PULUMI_SDK}/python/cmd/pulumi-language-python"),),
)
ENGINE = Source(
    "engine",
    "Pulumi",
    (Binary("pulumi", PULUMI, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),),
    (
        Companion(
            "pulumi-language-python-exec",
            PULUMI,
            _PULUMI_SDK,
            "python/cmd/pulumi-language-python-exec",
            executable=True,
        ),
        Companion(
            "pulumi-resource-pulumi-python",
            PULUMI,
            _PULUMI_SDK,
            "python/dist/pulumi-resource-pulumi-python",
            executable=True,
        ),
    ),
    ("-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{pulumi}",),
)
CLUSTER = Source(
    "cluster",
    "Kubernetes, etcd, CoreDNS, kwok and the Kubernetes plugin",
    (
        Binary(
            "cluster",
            LAB,
            "./cluster",
            ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"),
        ),
        Binary("coredns", LAB, "./coredns"),
        Binary("plugins", LAB, "./plugins"),
    ),
    (
        *(
            Companion(f"{STAGES}/{Path(stage).name}", LAB, "sigs.k8s.io/kwok", f"kustomize/stage/{stage}")
            for stage in (
                "node/fast/node-initialize.yaml",
                "node/heartbeat/node-heartbeat.yaml",
                "pod/fast/pod-ready.yaml",
                "pod/fast/pod-complete.yaml",
                "pod/fast/pod-delete.yaml",
            )
        ),
        Companion(
            "schema.json",
            LAB,
            KUBERNETES_PLUGIN.module,
            "cmd/pulumi-resource-kubernetes/schema.json",
        ),
    ),
    (
        # Without these the Kubernetes plugin refuses the server's version.
        "-X k8s.io/component-base/version.gitVersion=v{kubernetes}",
        "-X k8s.io/component-base/version.gitMajor={kubernetes_major}",
        "-X k8s.io/component-base/version.gitMinor={kubernetes_minor}",
    ),
    go_mod="go",
)
KUBECTL = Binary("kubectl", LAB, "k8s.io/kubernetes/cmd/kubectl")
"""Part of the cluster where PATH has none."""
CRDS = Source(
    "argocd-crds",
    "Argo CD's CRDs",
    (),
    tuple(
        Companion(f"crds/{kind}-crd.yaml", ARGOCD, ARGOCD.module, f"manifests/crds/{kind}-crd.yaml")
        for kind in ("application", "applicationset", "appproject")
    ),
    go_mod="argocd",
)
ARGOCD_MANIFEST = Companion("install.yaml", ARGOCD, ARGOCD.module, "manifests/install.yaml")

OPTIONAL_SOURCES = (
    Source(
        "helm",
        "Helm",
        (Binary("helm", HELM, "helm.sh/helm/v3/cmd/helm"),),
        (),
        (
            "-X helm.sh/helm/v3/internal/version.version=v{helm}",
            # Without these Helm takes every cluster for Kubernetes 1.20 when it renders a chart offline.
            "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor={kubernetes_major}",
            "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor={kubernetes_minor}",
        ),
        go_mod="go",
    ),
    Source(
        "coredns-1.15",
        "CoreDNS with all of its plugins",
        (Binary("coredns", FULL_COREDNS, "github.com/coredns/coredns"),),
    ),
    Source(
        "coredns-1.9",
        "CoreDNS as old as the site's",
        (Binary("coredns", OLD_COREDNS, "github.com/coredns/coredns"),),
        # Its x/net is older than the linker's rule about names of the standard library.
        linker_flags=("-checklinkname=0",),
    ),
    Source("consul", "Consul", (Binary("consul", CONSUL, "github.com/hashicorp/consul"),)),
    Source(
        "argocd",
        "Argo CD",
        (Binary("argocd", ARGOCD, f"{ARGOCD.module}/cmd"),),
        (ARGOCD_MANIFEST,),
        (f"-X {ARGOCD.module}/common.version={{argocd}}",),
    ),
)
"""What `make up` works without, and `make demo` and tests use: one program each."""


def cache_folder() -> Path:
    """Return the folder for what is built: `protobox-cd` in the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "protobox-cd"


def required_version(go_mod: str, module: str) -> str:
    """Return the version, without its `v`, of `module` in the text of a `go.mod`.

    Raises:
        LabError: the text does not require that module.
    """
    found = re.search(rf"^\s*(?:require\s+)?{re.escape(module)} v(\S+)", go_mod, re.MULTILINE)
    if not found:
        raise LabError(f"The go.mod of the lab does not name a version of {module}; restore it with git.")
    return found.group(1)


def _versions() -> dict[str, str]:
    major, minor, *_ = KUBERNETES.version.split(".")
    return {
        "pulumi": PULUMI.version,
        "helm": HELM.version,
        "argocd": ARGOCD.version,
        "kubernetes": KUBERNETES.version,
        "kubernetes_major": major,
        "kubernetes_minor": minor,
    }
