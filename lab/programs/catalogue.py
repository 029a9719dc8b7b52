"""Which programs the lab needs or can use, where each comes from and where it is kept.

The versions stand in the `go.mod` files beside this one and nowhere else: a new version there gives a
new folder in the cache, and so a new build.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
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
    def folder(self) -> Path:
        """Where the files of this version are kept."""
        return cache_folder() / f"{self.name}-{self.version}"


ETCD = Release("etcd", "go.etcd.io/etcd/server/v3", "cluster")
KUBERNETES = Release("kubernetes", "k8s.io/kubernetes", "cluster")
KWOK = Release("kwok", "sigs.k8s.io/kwok", "cluster")
COREDNS = Release("coredns", "github.com/coredns/coredns", "cluster")
OLD_COREDNS = Release("coredns", "github.com/coredns/coredns", "coredns-1.9")
CONSUL = Release("consul", "github.com/hashicorp/consul", "consul")
ARGOCD = Release("argocd", "github.com/argoproj/argo-cd/v3", "argocd")
HELM = Release("helm", "helm.sh/helm/v3", "cluster")
PULUMI = Release("pulumi", "github.com/pulumi/pulumi/pkg/v3", "engine")


@dataclass(frozen=True)
class Binary:
    """One program that the Go client builds."""

    name: str
    release: Release
    package: str

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self.release.folder / self.name

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

    def missing(self) -> list[str]:
        """Return the names of its files that are not in the cache."""
        parts: list[Binary | Companion] = [*self.binaries, *self.companions]
        return [part.name for part in parts if not part.path.is_file()]


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
    "Kubernetes, etcd, CoreDNS, Helm and kwok",
    (
        Binary("etcd", ETCD, "go.etcd.io/etcd/server/v3"),
        Binary("kube-apiserver", KUBERNETES, "k8s.io/kubernetes/cmd/kube-apiserver"),
        Binary("kube-controller-manager", KUBERNETES, "k8s.io/kubernetes/cmd/kube-controller-manager"),
        Binary("kube-scheduler", KUBERNETES, "k8s.io/kubernetes/cmd/kube-scheduler"),
        Binary("kubectl", KUBERNETES, "k8s.io/kubernetes/cmd/kubectl"),
        Binary("kwok", KWOK, "sigs.k8s.io/kwok/cmd/kwok"),
        Binary("coredns", COREDNS, "github.com/coredns/coredns"),
        Binary("helm", HELM, "helm.sh/helm/v3/cmd/helm"),
    ),
    tuple(
        Companion(f"{STAGES}/{Path(stage).name}", KWOK, KWOK.module, f"kustomize/stage/{stage}")
        for stage in (
            "node/fast/node-initialize.yaml",
            "node/heartbeat/node-heartbeat.yaml",
            "pod/fast/pod-ready.yaml",
            "pod/fast/pod-complete.yaml",
            "pod/fast/pod-delete.yaml",
        )
    ),
    (
        # Without these the Kubernetes plugin refuses the server's version.
        "-X k8s.io/component-base/version.gitVersion=v{kubernetes}",
        "-X k8s.io/component-base/version.gitMajor={kubernetes_major}",
        "-X k8s.io/component-base/version.gitMinor={kubernetes_minor}",
        "-X helm.sh/helm/v3/internal/version.version=v{helm}",
        # And without these Helm takes every cluster for Kubernetes 1.20 when it renders a chart offline.
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor={kubernetes_major}",
        "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor={kubernetes_minor}",
    ),
)
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
SOURCES_TO_BUILD = (PYTHON_HOST, ENGINE, CLUSTER, CRDS)

OPTIONAL_SOURCES = (
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
