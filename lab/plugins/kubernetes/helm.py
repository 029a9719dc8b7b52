"""The Helm CLI: run it, and read charts that lie on this machine without it."""

import base64
import contextlib
import json
import os
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.plugins.kubernetes.release_values import choice_options, repository_options
from lab.plugins.kubernetes.settings import Settings
from lab.plugins.serve import Refusal, debug

_REPOSITORY = "release"
"""What a repository with a password is called, while Helm works with it."""


class HelmError(Exception):
    """Helm said no."""

    @property
    def is_missing(self) -> bool:
        """Tell whether there is no such release."""
        return "release: not found" in str(self)


def _loader() -> Any:
    import yaml  # noqa: PLC0415 - not needed before the engine has the port

    # The parser in C: a chart's CRDs are megabytes, and the one in Python needs seconds for each.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read_yaml(text: str | bytes) -> dict[str, Any]:
    import yaml  # noqa: PLC0415

    try:
        content = yaml.load(text, Loader=_loader())  # noqa: S506 - a safe loader, whichever it is
    except yaml.YAMLError as error:
        raise HelmError(f"Chart.yaml is not YAML: {error}") from error
    return content if isinstance(content, dict) else {}


def local_chart(path: Path) -> dict[str, Any] | None:
    """Return the Chart.yaml of a chart folder or archive; None if `path` is neither.

    Raises:
        HelmError: it is there, but no chart.
    """
    if path.is_dir():
        if not (path / "Chart.yaml").is_file():
            raise HelmError(f"{path} has no Chart.yaml")
        return _read_yaml((path / "Chart.yaml").read_text())
    if not path.is_file():
        return None
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                # Only the chart's own, not those of the charts inside it.
                if member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                    content = archive.extractfile(member)
                    return _read_yaml(content.read()) if content else None
    except (tarfile.TarError, OSError) as error:
        raise HelmError(f"{path} is not a chart archive: {error}") from error
    raise HelmError(f"{path} has no Chart.yaml")


def resource_names(manifest: str) -> dict[str, list[str]]:
    """Return what a release has rendered: `Deployment.apps/apps/v1` → `["argocd/argocd-server", …]`."""
    import yaml  # noqa: PLC0415

    names: dict[str, set[str]] = {}
    for item in yaml.load_all(manifest, Loader=_loader()):
        if not isinstance(item, dict) or "kind" not in item:
            continue
        group = str(item["apiVersion"]).rpartition("/")[0]
        kind = f"{item['kind']}.{group}" if group else item["kind"]
        metadata = item["metadata"]
        namespace = metadata.get("namespace")
        name = f"{namespace}/{metadata['name']}" if namespace else metadata["name"]
        names.setdefault(f"{kind}/{item['apiVersion']}", set()).add(name)
    return {kind: sorted(found) for kind, found in names.items()}


def _run(arguments: Sequence[str], text: str | None = None) -> str:
    debug(f"$ helm {' '.join(arguments[:3])}")
    try:
        done = subprocess.run(
            ["helm", *arguments],
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Refusal(
            "the program `helm` is not on PATH. The lab builds it and puts it there; outside of the "
            "lab install Helm 3"
        ) from None
    if done.returncode != 0:
        raise HelmError(done.stderr.strip().removeprefix("Error: ") or f"helm ended with {done.returncode}")
    return done.stdout


def _registry_login(chart: str, user: str, password: str) -> str:
    """Return the file in which Helm, as Docker, looks for the password of an `oci://` chart's registry."""
    host = chart.removeprefix("oci://").partition("/")[0]
    return json.dumps({"auths": {host: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}}})


class Helm:
    """The Helm CLI, pointed at the provider's cluster."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._charts: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def run(self, *arguments: str, namespace: str = "", values: Mapping[str, Any] | None = None) -> str:
        """Run a Helm command and return what it prints.

        The values go through a pipe: neither a file nor the list of processes ever has them.

        Raises:
            HelmError: with Helm's own words.
        """
        with self._kubeconfig() as connection:
            command = [*arguments, *connection]
            if namespace:
                command += ["--namespace", namespace]
            if values is None:
                return _run(command)
            return _run([*command, "--values", "-"], json.dumps(values))

    def release(self, name: str, namespace: str) -> dict[str, Any] | None:
        """Return a release with its chart's metadata under `chart`; None if there is none."""
        where = ("--output", "json")
        try:
            found: dict[str, Any] = json.loads(self.run("status", name, *where, namespace=namespace))
            found["chart"] = json.loads(self.run("get", "metadata", name, *where, namespace=namespace))
        except HelmError as error:
            if error.is_missing:
                return None
            raise
        found["chart"]["name"] = found["chart"].pop("chart")
        return found

    def chart(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the Chart.yaml of a release's chart.

        Raises:
            HelmError: there is no such chart.
        """
        local = local_chart(Path(inputs["chart"]))
        if local is not None:
            return local
        key = json.dumps([inputs.get(part) for part in ("chart", "version", "devel", "repositoryOpts")])
        with self._lock:
            if key not in self._charts:
                with self.located(inputs) as chart:
                    self._charts[key] = _read_yaml(self.run("show", "chart", *chart))
            return self._charts[key]

    @contextlib.contextmanager
    def located(self, inputs: Mapping[str, Any]) -> Iterator[list[str]]:
        """Yield Helm's words for a release's chart: its name, and the options that say where it comes from.

        The list of processes would show a password among them, so Helm reads it from a file that only this
        user can read, and that is gone afterwards.

        Raises:
            HelmError: the repository does not let us in.
        """
        chart, repository = inputs["chart"], inputs.get("repositoryOpts") or {}
        url, user, password = (repository.get(key) or "" for key in ("repo", "username", "password"))
        connection = repository_options(inputs)
        is_local = Path(chart).exists()
        options = choice_options(inputs, is_local=is_local)
        if is_local or not (user and password):
            yield [chart, *options, *(["--repo", url] if url else []), *connection]
            return
        with tempfile.TemporaryDirectory(prefix="helm-login-") as folder:
            if url:
                home = ["--repository-config", f"{folder}/repositories.yaml", "--repository-cache", folder]
                login = ["--username", user, "--password-stdin"]
                _run(["repo", "add", _REPOSITORY, url, *login, *connection, *home], password)
                yield [f"{_REPOSITORY}/{chart}", *options, *home]
            else:
                login_file = Path(folder) / "registry.json"
                login_file.touch(mode=0o600)
                login_file.write_text(_registry_login(chart, user, password))
                yield [chart, *options, *connection, "--registry-config", str(login_file)]

    @contextlib.contextmanager
    def _kubeconfig(self) -> Iterator[list[str]]:
        """Yield Helm's options for the cluster. A kubeconfig given as text lies in a file only meanwhile."""
        context = ["--kube-context", self._settings.context] if self._settings.context else []
        setting = self._settings.kubeconfig
        if not setting:
            yield context  # Helm finds it as the provider did: $KUBECONFIG, then ~/.kube/config
            return
        path = Path(setting).expanduser()
        if "\n" not in setting and path.is_file():
            yield ["--kubeconfig", str(path), *context]
            return
        descriptor, name = tempfile.mkstemp(prefix="kubeconfig-")  # readable for this user only
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(setting)
            yield ["--kubeconfig", name, *context]
        finally:
            Path(name).unlink()
