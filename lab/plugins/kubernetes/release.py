"""`kubernetes:helm.sh/v3:Release`: a Helm release, through the Helm CLI."""

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.plugins.diff import compare, mark_replacements, without_ignored
from lab.plugins.kubernetes.helm import Helm, HelmError, local_chart, resource_names
from lab.plugins.kubernetes.manifest import split_id
from lab.plugins.kubernetes.release_values import (
    complete,
    install_options,
    refused,
    to_state,
    uninstall_options,
    upgrade_options,
)
from lab.plugins.properties import Properties, Secret, has_unknown, plain, without_secrets
from lab.plugins.serve import Checked, Difference, Engine, Found, NotFinished, Old, Refusal, Resource


class Releases:
    """The Helm releases of one cluster."""

    def __init__(self, helm: Helm, default_namespace: str, engine: Engine) -> None:
        self._helm = helm
        self._default_namespace = default_namespace
        self._engine = engine

    def check(self, resource: Resource, olds: Properties, news: Properties, proposed_name: str) -> Checked:
        """Fill in defaults and find out which version of the chart it is; needs no cluster."""
        inputs = complete(news, self._default_namespace)
        if not plain(inputs["name"]):
            inputs["name"] = (
                plain(olds.get("name")) or proposed_name or f"{resource.name}-{secrets.token_hex(4)}"
            )
        failures = refused(news)
        if not has_unknown(news):
            try:
                inputs["version"] = self._helm.chart(plain(inputs)).get("version", "")
            except HelmError as error:
                failures.append(("chart", f"{error}; check the chart's name and repository, or its path"))
        return Checked(inputs, failures)

    def diff(self, resource: Resource, old: Old, news: Properties, ignored: Sequence[str]) -> Difference:
        """Compare the program with the release as it was last seen."""
        del resource
        current = plain(old.properties)
        old_inputs = {
            key: value
            for key, value in (current.pop("__inputs", None) or plain(old.inputs)).items()
            if key not in ("checksum", "compat", "resourceNames", "status")
        }
        wanted = plain(news)
        changes = mark_replacements(compare(old_inputs, current, wanted), [("name",), ("namespace",)], wanted)
        return Difference(without_ignored(changes, ignored))

    def create(
        self, resource: Resource, news: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]:
        """Install. A release that Helm could not finish stays, and the next `up` upgrades it."""
        del timeout  # Helm has its own, `timeout` of the release
        if preview:
            return "", to_state(news, None, {})
        inputs = plain(news)
        name, namespace = inputs["name"], inputs["namespace"]
        release_id = f"{namespace}/{name}"
        options = [*install_options(inputs), "--output", "json"]
        try:
            with self._helm.located(inputs) as chart:
                printed = self._helm.run(
                    "install", name, *chart, *options, namespace=namespace, values=inputs["values"]
                )
        except HelmError as error:
            unfinished = None if "cannot re-use a name" in str(error) else self._helm.release(name, namespace)
            if unfinished is None:
                raise Refusal(_install_failed(release_id, error)) from error
            warning = f"Helm has created {release_id}, but it is not complete: {error}"
            self._engine.warn(without_secrets(warning, news), resource.urn)
            raise NotFinished(
                f"the Helm release {release_id} is installed but not complete: {error}",
                release_id,
                _state(news, unfinished),
            ) from error
        return release_id, _state(news, _with_chart_metadata(json.loads(printed)))

    def read(self, resource: Resource, old: Old) -> Found | None:
        """Read the release, for a refresh or an import."""
        del resource
        known = plain(old.properties)
        if known.get("name"):
            name, namespace = known["name"], known["namespace"]
        else:
            wanted, name = split_id(old.resource_id)
            namespace = wanted or self._default_namespace
        try:
            release = self._helm.release(name, namespace)
        except HelmError as error:
            raise Refusal(f"the Helm release {namespace}/{name} cannot be read: {error}") from error
        if release is None:
            return None
        inputs = _remembered_inputs(old) or self._imported_inputs(release)
        # What the state knows of the values stays, so that a later diff shows what has changed outside.
        values = old.properties.get("values", inputs["values"])
        state = _state({**inputs, "values": values}, release) | {"__inputs": Secret(inputs)}
        return Found(old.resource_id or f"{namespace}/{name}", inputs, state)

    def _imported_inputs(self, release: Mapping[str, Any]) -> Properties:
        chart, version = release["chart"]["name"], release["chart"].get("version", "")
        # As the real plugin: the chart may lie beside the program.
        places = (f"{chart}-{version}", f"{chart}-{version}.tgz", chart, f"{chart}.tgz")
        found = next((place for place in places if _is_chart(Path(place))), chart)
        program = {
            "chart": found,
            "name": release["name"],
            "namespace": release["namespace"],
            "values": release.get("config") or {},
            "version": version,
        }
        return complete(program, self._default_namespace)

    def update(  # noqa: PLR0913 - as the protocol
        self,
        resource: Resource,
        old: Old,
        news: Properties,
        ignored: Sequence[str],
        timeout: float,
        *,
        preview: bool,
    ) -> Properties:
        """Upgrade."""
        del resource, ignored, timeout
        if preview:
            return to_state(news, None, {})
        inputs = plain(news)
        name, namespace = inputs["name"], plain(old.properties).get("namespace") or inputs["namespace"]
        release_id = f"{namespace}/{name}"
        options = [*upgrade_options(inputs), "--output", "json"]
        try:
            with self._helm.located(inputs) as chart:
                printed = self._helm.run(
                    "upgrade", name, *chart, *options, namespace=namespace, values=inputs["values"]
                )
        except HelmError as error:
            unfinished = (
                None if "has no deployed releases" in str(error) else self._helm.release(name, namespace)
            )
            if unfinished is None:
                raise Refusal(f"the Helm release {release_id} was not upgraded: {error}") from error
            raise NotFinished(
                f"the Helm release {release_id} was not upgraded completely: {error}",
                release_id,
                _state(news, unfinished),
            ) from error
        return _state(news, _with_chart_metadata(json.loads(printed)))

    def delete(self, resource: Resource, old: Old, timeout: float) -> None:
        """Uninstall."""
        del resource, timeout
        known = plain(old.properties)
        try:
            self._helm.run(
                "uninstall", known["name"], *uninstall_options(known), namespace=known["namespace"]
            )
        except HelmError as error:
            hint = ". `pulumi refresh` makes the state forget it" if error.is_missing else ""
            raise Refusal(
                f"the Helm release {known['namespace']}/{known['name']} was not uninstalled: {error}{hint}"
            ) from error


def _is_chart(path: Path) -> bool:
    try:
        return local_chart(path) is not None
    except HelmError:
        return False


def _with_chart_metadata(release: dict[str, Any]) -> dict[str, Any]:
    return {**release, "chart": release["chart"]["metadata"]}


def _state(inputs: Properties, release: Mapping[str, Any] | None) -> Properties:
    return to_state(inputs, release, resource_names(release["manifest"]) if release else {})


def _remembered_inputs(old: Old) -> Properties | None:
    inputs = old.properties.get("__inputs")
    if isinstance(inputs, Secret):
        inputs = inputs.value
    return dict(inputs) if inputs else None


def _install_failed(release_id: str, error: HelmError) -> str:
    text = f"the Helm release {release_id} was not installed: {error}"
    if "cannot re-use a name" in str(error):
        text += f'. To manage the existing release, declare it once with the option import_="{release_id}"'
    return text
