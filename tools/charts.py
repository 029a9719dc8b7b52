"""What two charts differ in, as far as a stack has to know it before it goes from one to the other. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from components.argocd.chart import ChartFileError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTES = "https://argo-cd.readthedocs.io/en/stable/operator-manual/upgrading"
_CHANGES = "artifacthub.io/changes"


@dataclass(frozen=True)
class Chart:
    """One chart, read."""

    about: Mapping[str, Any]
    """Its Chart.yaml."""
    values: Mapping[str, Any]
    """Its values.yaml."""
    crds: Mapping[str, frozenset[str]]
    """CRD → the fields of its objects, as `v1alpha1 spec.source.repoURL`."""

    @property
    def version(self) -> str:
        """The chart's version."""
        return str(self.about.get("version", ""))

    @property
    def argocd(self) -> tuple[int, int]:
        """Argo CD's version, first two numbers; zeros where the chart names none."""
        found = re.match(r"v?(\d+)\.(\d+)", str(self.about.get("appVersion", "")))
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @property
    def changes(self) -> list[str]:
        """What the chart itself says is new in it."""
        listed = yaml.load(str((self.about.get("annotations") or {}).get(_CHANGES, "")), Loader=_LOADER)  # noqa: S506 - a safe one
        return [
            str(item.get("description", item) if isinstance(item, dict) else item) for item in listed or ()
        ]


def chart_of(files: Mapping[str, str]) -> Chart:
    """Return the chart that has these files.

    Raises:
        ChartFileError: they are none of a chart.
    """
    try:
        about, values = (yaml.load(files[name], Loader=_LOADER) for name in ("Chart.yaml", "values.yaml"))  # noqa: S506
    except (KeyError, yaml.YAMLError) as error:
        raise ChartFileError(f"is no chart: {error}") from None
    if not isinstance(about, dict) or not isinstance(values, dict):
        raise ChartFileError("is no chart: its Chart.yaml and values.yaml have to be mappings")
    crds: dict[str, frozenset[str]] = {}
    for name, text in files.items():
        if re.match(r"(templates/)?crds/.*\.ya?ml$", name):
            crds |= _crds(text)
    return Chart(about, values, crds)


def _crds(text: str) -> dict[str, frozenset[str]]:
    plain = "\n".join(line for line in text.splitlines() if "{{" not in line)
    try:
        found = [crd for crd in yaml.load_all(plain, Loader=_LOADER) if isinstance(crd, dict)]
    except yaml.YAMLError:
        return {}  # too much of a template to be compared
    return {
        str(crd["metadata"]["name"]): frozenset(
            f"{version['name']} {path}"
            for version in crd["spec"]["versions"]
            for path in _fields((version.get("schema") or {}).get("openAPIV3Schema") or {})
        )
        for crd in found
        if crd.get("kind") == "CustomResourceDefinition"
    }


def _fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, below in (schema.get("properties") or {}).items():
        yield f"{prefix}{name}"
        yield from _fields(below, f"{prefix}{name}.")
    if isinstance(items := schema.get("items"), dict):
        yield from _fields(items, prefix)


def lost_values(given: Mapping[str, Any], before: Chart, after: Chart) -> list[str]:
    """Return the paths of `given` that the chart of before knows, and the one after it does not.

    What neither knows is a key of the user's own, such as one of Argo CD's ConfigMaps.
    """
    return list(_lost(given, before.values, after.values))


def _lost(given: Mapping[str, Any], before: Any, after: Any, prefix: str = "") -> Iterator[str]:
    if not isinstance(before, Mapping):
        return
    for key, value in given.items():
        if key not in before:
            continue
        if not isinstance(after, Mapping) or (after and key not in after):
            yield f"{prefix}{key}"
        elif after and isinstance(value, Mapping):
            yield from _lost(value, before[key], after[key], f"{prefix}{key}.")


def crd_changes(before: Chart, after: Chart) -> dict[str, tuple[list[str], list[str]]]:
    """Return CRD → the fields that go and those that come, where there are any."""
    found = {}
    for name in sorted({*before.crds, *after.crds}):
        old, new = before.crds.get(name, frozenset()), after.crds.get(name, frozenset())
        if old != new:
            found[name] = (_topmost(old - new), _topmost(new - old))
    return found


def _topmost(paths: frozenset[str]) -> list[str]:
    """Return `paths` without those that lie below another of them."""
    return sorted(path for path in paths if not any(path.startswith(f"{other}.") for other in paths))


def notes_between(before: Chart, after: Chart) -> list[str]:
    """Return the addresses of Argo CD's own notes for each step between the two versions."""
    (major, first), (same, last) = before.argocd, after.argocd
    if major != same:
        return [f"{_NOTES}/overview/"]
    return [f"{_NOTES}/{major}.{minor}-{major}.{minor + 1}/" for minor in range(first, last)]
