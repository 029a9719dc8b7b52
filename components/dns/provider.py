"""The dynamic provider that keeps this stack's zones in one DNS layer's Corefiles.

A dynamic provider, because `check` may read the live ConfigMap: a plain `pulumi preview` then shows
the true change of the Corefile, also after somebody else has edited it, and a plain `pulumi up`
repairs it. ConfigMapPatch can do neither, and on delete it removes the `Corefile` key.

The class is pickled by reference (module and name), so the state stays small and `destroy` runs
today's code; neither may be renamed without a migration.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from components.cluster.errors import ClusterError, sentences
from components.cluster.identity import same_cluster
from components.cluster.offline import is_offline, refuse_changes
from components.dns import layer as layers
from components.dns.change import Change, Layer, Remembered, Wanted, known_in, zones_in
from components.dns.expected import expected_edits, remembered
from components.stackfile.printable import say

_KEPT_EDITS = 20
_COMPARED = ("context", "namespace", "name", "also", "stack", "zones", "required", "present", "left")


class CorefileZonesProvider(ResourceProvider):
    """Create, read, update and delete the zones of one layer.

    Inputs: `context`, `namespace`, `name`, `also`, `stack`, `zones`, `required`, `takesOver`, `hosts`,
    `elsewhere`. `check` adds `cluster` (its UID), `present`, `owned`, `left`, `written`, `warnings`
    (see `components.dns.change`) and `edits`: what this run will write, as diff lines.
    """

    serialize_as_secret_always = False
    """There is no secret in the pickled class; hiding it would make the state harder to read."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Read the live Corefiles and add what would be written; report problems as sentences."""
        inputs = {key: value for key, value in news.items() if key != "edits"}
        try:
            if is_offline():
                before, place = zones_in(_olds), f"{news['namespace']}/{news['name']}"
                edits = expected_edits(place, before, zones_in(news), _olds, news["stack"])
                return CheckResult({**inputs, **remembered(_olds), "edits": _with_earlier(_olds, edits)}, [])
            inputs["cluster"] = same_cluster(news["context"], _olds.get("cluster", ""))
            change = layers.preview(_layer(news), _wanted(news), known_in(_olds))
        except ClusterError as error:
            return CheckResult(inputs, [CheckFailure("", str(error))])
        if change is None and news["required"]:
            return CheckResult(inputs, [CheckFailure("name", str(_missing(_layer(news))))])
        for warning in change.warnings if change else ():
            say(f"{_layer(news)}: warning: {warning}")
        edits = _edits(_layer(news), change) if change else {}
        return CheckResult({**inputs, **_facts(change), "edits": _with_earlier(_olds, edits)}, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Tell the engine that there is work: something to write, or other settings than before."""
        # Another context may be the same cluster under another name; `check` has compared its identity.
        moved = [key for key in ("namespace", "name") if _olds.get(key) != _news.get(key)]
        other = any(_olds.get(key) != _news.get(key) for key in _COMPARED)
        return DiffResult(changes=bool(_news["edits"]) or other, replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Write our blocks onto what is live now, and remember the text that was there before."""
        known = Remembered(props.get("owned") or {})  # before a first `up` has ended, only the keys
        return CreateResult(f"{props['namespace']}/{props['name']}", _applied(props, known))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring our blocks up to date on what is live now; never write a text computed earlier."""
        return UpdateResult(_applied(_news, known_in(_olds), _olds.get("original")))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Cut our blocks, and only ours, out of what is live now."""
        with sentences():
            refuse_changes(f"the Corefile of {_props['name']} is as it was")
            same_cluster(_props["context"], _props.get("cluster", ""))
            layers.remove(_layer(_props), known_in(_props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Keep what the state knows: the comparison with the live text is `check`'s work."""
        return ReadResult(id_, props)


def _layer(props: Mapping[str, Any]) -> Layer:
    also = tuple(props.get("also") or ())
    return Layer(props["context"], props["namespace"], props["name"], props["stack"], also)


def _wanted(props: Mapping[str, Any]) -> Wanted:
    layer = _layer(props)
    elsewhere = [
        Layer(layer.context, layer.namespace, name, layer.stack, tuple(also))
        for name, *also in props.get("elsewhere") or ()
    ]
    return Wanted(zones_in(props), props.get("takesOver") or (), props.get("hosts") or (), elsewhere)


def _applied(
    props: Mapping[str, Any], known: Remembered, original: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Write our blocks onto what is live now; return the outputs, with the text before the first write."""
    with sentences():
        refuse_changes()
        change = layers.apply(_layer(props), _wanted(props), known)
    return {**props, **_facts(change), "original": original or (dict(change.before) if change else {})}


def _facts(change: Change | None) -> dict[str, Any]:
    """Return what is known about the layer, for inputs and outputs alike."""
    known = change or Change("", {}, {})
    return {
        "present": change is not None,
        "owned": {key: list(blocks) for key, blocks in known.owned.items()},
        "left": {key: list(blocks) for key, blocks in known.served_by_others.items()},
        "written": {key: list(texts) for key, texts in known.written.items()},
        "warnings": list(known.warnings),
    }


def _edits(layer: Layer, change: Change) -> dict[str, list[str]]:
    """Return title → unified diff of each Corefile that will be written, line by line.

    A list of lines, since the engine shortens a new text of several lines in its preview.
    """
    return {
        f"{layer.namespace}/{layer.name} {key} at resourceVersion {change.version}": _diff(
            before, change.after[key]
        )
        for key, before in change.before.items()
        if before != change.after[key]
    }


def _with_earlier(olds: Mapping[str, Any], edits: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return `edits` after those of earlier runs, so that a preview shows only what is new; none for none."""
    earlier = (olds.get("edits") or {}) if edits else {}
    return dict(list({**earlier, **edits}.items())[-_KEPT_EDITS:])


def _diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    return list(lines)[2:]  # without the two file headers: the title says it


def _missing(layer: Layer) -> ClusterError:
    return ClusterError(
        f"{layer} does not exist in the cluster of the kube-context {layer.context!r}",
        "there is no Corefile to edit, and one from nothing would replace the cluster's DNS",
        "check that the context is the right cluster and that its CoreDNS has this name, or choose "
        "protobox-cd:dns.strategy: hostAliases",
    )
