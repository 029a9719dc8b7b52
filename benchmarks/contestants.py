"""Who declares the same Applications, each in a namespace of its own on one cluster, each by its own means.

This program and a bare Pulumi program have Argo CD in their state, too; `kubectl` and Helm have only the
Applications. Nobody waits for Argo CD, which is not at work here.
"""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Secret

from benchmarks.measuring import Cost, cost
from lab.engine import Engine, stack_environment
from lab.lab import Lab
from lab.local_stack import ROOT, Application, LocalStack
from tools.checkpoints import VARIABLES, without

FIRST, NO_OP, UP = MEASURES = ("first preview", "no-op preview", "up")
OURS, BARE, ONCE, KUBECTL, HELM = (
    "this program",
    "bare Pulumi",
    "bare Pulumi, state written once",
    "kubectl, server-side",
    "Helm",
)
"""The second one is the baseline."""
_PULUMI = ("--non-interactive", "--color=never", "--suppress-progress")
_UP = ("up", "--yes", "--skip-preview", "--suppress-outputs", *_PULUMI)
_HOST = {"server": "https://kubernetes.default.svc"}

BARE_PROGRAM = """\
from pulumi import ResourceOptions
from pulumi_kubernetes import Provider
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release

cluster = Provider("cluster", kubeconfig="", context="lab", cluster_identifier="lab")
namespace = Namespace("argocd", metadata={{"name": "bare"}}, opts=ResourceOptions(provider=cluster))
argocd = Release(
    "argocd",
    name="bare",
    namespace="bare",
    chart="{chart}",
    values={{"crds": {{"install": False}}}},
    reset_values=True,
    timeout=300,
    opts=ResourceOptions(provider=cluster, depends_on=[namespace]),
)
for number in range({projects}):
    CustomResource(
        f"argo-project{{number}}",
        api_version="argoproj.io/v1alpha1",
        kind="Application",
        metadata={{"name": f"argo-project{{number}}", "namespace": "bare"}},
        spec={{
            "project": "default",
            "source": {{
                "repoURL": f"http://git.protobox/gitlab/protobox1/project{{number}}.git",
                "targetRevision": "CD",
                "path": "factory/CD/base",
            }},
            "destination": {{"server": "https://kubernetes.default.svc"}},
            "syncPolicy": {{"syncOptions": ["CreateNamespace=true"]}},
        }},
        opts=ResourceOptions(provider=cluster, depends_on=[argocd]),
    )
"""


def application(name: str, namespace: str) -> dict[str, Any]:
    """Return the manifest of the Application of one project."""
    source = {
        "repoURL": f"http://git.protobox/gitlab/protobox1/{name}.git",
        "targetRevision": "CD",
        "path": "factory/CD/base",
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": f"argo-{name}", "namespace": namespace},
        "spec": {
            "project": "default",
            "source": source,
            "destination": _HOST,
            "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
        },
    }


def projects(number: int) -> list[str]:
    """Return the names of so many projects."""
    return [f"project{n}" for n in range(number)]


class Contestant(ABC):
    """One of those who declare Applications.

    Args:
        lab: a lab that runs.
        folder: an empty folder.
        namespace: where its Applications are.
    """

    def __init__(self, lab: Lab, folder: Path, namespace: str) -> None:
        self.lab = lab
        self.folder = folder
        self.namespace = namespace
        # Where that variable is set, each start compiles all that is imported; see the Makefile.
        self.environment = stack_environment(lab) | {"PYTHONDONTWRITEBYTECODE": ""}

    @abstractmethod
    def declare(self, number: int) -> None:
        """Write down so many projects."""

    @abstractmethod
    def run(self, measure: str) -> Cost:
        """Do what is measured, and return what it cost."""

    def take_away(self) -> None:
        """Let the cluster have no Application of it, whatever it remembers."""
        with self.lab.client() as client:
            client.deletecollection(Application, namespace=self.namespace)


class Pulumi(Contestant):
    """A Pulumi program, this one or a bare one; its Argo CD is there before anything is measured."""

    def __init__(self, lab: Lab, folder: Path, namespace: str) -> None:
        super().__init__(lab, folder, namespace)
        self._engine = Engine(lab, folder)
        self._engine.prepare()
        self.declare(0)
        self.run(UP)
        self._without = folder / "without-applications.json"
        self._without.write_text(self._engine.run("stack", "export"), encoding="utf-8")

    def run(self, measure: str) -> Cost:
        """Run `pulumi preview` or `pulumi up`."""
        return self._pulumi(measure, {})

    def _pulumi(self, measure: str, variables: Mapping[str, str]) -> Cost:
        command = _UP if measure == UP else ("preview", *_PULUMI)
        environment = {**self.environment, **variables}
        return cost([self.lab.programs.pulumi, *command], self.folder, environment)

    def take_away(self) -> None:
        """Let cluster and state have no Application."""
        super().take_away()
        self._engine.run("stack", "import", "--force", "--file", str(self._without))


class ThisProgram(Pulumi):
    """This program as `make up` runs it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._stack = LocalStack(lab, folder)
        self._stack.edit("dns", {"strategy": "none"})
        self._number = 0
        super().__init__(lab, folder, "argocd")

    def declare(self, number: int) -> None:
        """Write the section `projects`."""
        self._number = number
        self._stack.edit("projects", {name: {} for name in projects(number)})

    def run(self, measure: str) -> Cost:
        """Run it; `up` writes its state as `make up` has it."""
        variables = without(self._number, self.environment["PULUMI_BACKEND_URL"], {})
        return self._pulumi(measure, variables if measure == UP else {})


class Bare(Pulumi):
    """The few lines of Python that declare the same, without a check and without a question."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
        about = {"name": "bare", "runtime": project["runtime"]}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
        (folder / ".venv").symlink_to(sys.prefix)
        super().__init__(lab, folder, "bare")

    def declare(self, number: int) -> None:
        """Write the program."""
        text = BARE_PROGRAM.format(chart=ROOT / "lab" / "charts" / "argo-cd", projects=number)
        (self.folder / "__main__.py").write_text(text, encoding="utf-8")


class BareOnce(Contestant):
    """The same bare program and stack, where `up` writes the state once, too."""

    def __init__(self, bare: Bare) -> None:
        super().__init__(bare.lab, bare.folder, bare.namespace)
        self._bare = bare
        self.environment |= dict.fromkeys(VARIABLES, "true")

    def declare(self, number: int) -> None:
        """Leave that to the other one."""

    def run(self, measure: str) -> Cost:  # noqa: ARG002 - only `up` writes a state
        """Run `pulumi up`."""
        return cost([self.lab.programs.pulumi, *_UP], self.folder, self.environment)

    def take_away(self) -> None:
        """Let cluster and state have no Application."""
        self._bare.take_away()


class Kubectl(Contestant):
    """`kubectl diff` and `kubectl apply`, both on the server's side, of one file."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        super().__init__(lab, folder, "kubectl")
        make_namespace(lab, self.namespace)

    def declare(self, number: int) -> None:
        """Write the file."""
        items = [application(name, self.namespace) for name in projects(number)]
        listed = {"apiVersion": "v1", "kind": "List", "items": items}
        (self.folder / "applications.json").write_text(json.dumps(listed), encoding="utf-8")

    def run(self, measure: str) -> Cost:
        """Run kubectl, which ends with 1 where it has shown a difference."""
        what, fine = ("apply", [0]) if measure == UP else ("diff", [0, 1])
        command: list[str | Path] = [
            self.lab.programs.kubectl,
            what,
            "--server-side",
            "-f",
            "applications.json",
        ]
        return cost(command, self.folder, self.environment, fine)


class Helm(Contestant):
    """A chart of Applications: `helm upgrade --install`, and the same with `--dry-run=server`."""

    RELEASE = "applications"

    def __init__(self, lab: Lab, folder: Path, helm: Path) -> None:
        super().__init__(lab, folder, "helm")
        self._helm = helm
        make_namespace(lab, self.namespace)
        write_chart(folder / "chart", self.namespace)

    def declare(self, number: int) -> None:
        """Write the values."""
        (self.folder / "values.yaml").write_text(json.dumps({"projects": projects(number)}), encoding="utf-8")

    def run(self, measure: str) -> Cost:
        """Run Helm."""
        dry = () if measure == UP else ("--dry-run=server",)
        place = ("--namespace", self.namespace, "--values", "values.yaml")
        command: list[str | Path] = [self._helm, "upgrade", "--install", self.RELEASE, "chart", *place, *dry]
        return cost(command, self.folder, self.environment)

    def take_away(self) -> None:
        """Take away the Applications, and what Helm remembers of them."""
        super().take_away()
        with self.lab.client() as client:
            client.deletecollection(Secret, namespace=self.namespace)


def write_chart(folder: Path, namespace: str) -> None:
    """Write a chart that makes an Application of each of the value `projects`."""
    (folder / "templates").mkdir(parents=True)
    about = {"apiVersion": "v2", "name": "applications", "version": "0.1.0"}
    (folder / "Chart.yaml").write_text(yaml.safe_dump(about), encoding="utf-8")
    manifest = yaml.safe_dump(application("NAME", namespace)).replace("NAME", "{{ $name }}")
    template = "{{- range $name := .Values.projects }}\n---\n" + manifest + "{{- end }}\n"
    (folder / "templates" / "applications.yaml").write_text(template, encoding="utf-8")


def make_namespace(lab: Lab, name: str) -> None:
    """Make a namespace that may be there already."""
    with lab.client() as client:
        try:
            client.create(Namespace(metadata=ObjectMeta(name=name)))
        except ApiError as error:
            if error.status.reason != "AlreadyExists":
                raise


def contestants(lab: Lab, folder: Path) -> dict[str, Contestant]:
    """Return all of them, with Argo CD installed; without Helm where the lab has none."""
    places = {name: folder / name for name in ("ours", "bare", "kubectl", "helm")}
    for place in places.values():
        place.mkdir()
    found: dict[str, Contestant] = {OURS: ThisProgram(lab, places["ours"])}
    bare = Bare(lab, places["bare"])
    found |= {BARE: bare, ONCE: BareOnce(bare), KUBECTL: Kubectl(lab, places["kubectl"])}
    if lab.programs.helm:
        found[HELM] = Helm(lab, places["helm"], lab.programs.helm)
    return found


def who_can(measure: str, everybody: Mapping[str, Contestant]) -> Sequence[str]:
    """Return the names of those who do what is measured."""
    left_out: Collection[str] = () if measure == UP else (ONCE,)
    return [name for name in everybody if name not in left_out]
