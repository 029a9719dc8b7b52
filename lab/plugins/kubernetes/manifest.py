"""Kubernetes objects between program, state and cluster. Pure: dicts in, dicts out."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.plugins.properties import Properties, Secret, plain, with_secrets_of
from lab.plugins.serve import Refusal, Resource

Manifest = dict[str, Any]

AUTONAMED = "pulumi.com/autonamed"
# Set by the server; never part of what a program wants.
_READ_ONLY = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
# A property name of an SDK cannot have a dash; only schemas of CRDs need these.
_DASHED = {
    f"x_kubernetes_{part.replace('-', '_')}": f"x-kubernetes-{part}"
    for part in (
        "embedded-resource",
        "int-or-string",
        "list-map-keys",
        "list-type",
        "map-type",
        "preserve-unknown-fields",
        "validations",
    )
}
_UNDERSCORED = {dashed: underscored for underscored, dashed in _DASHED.items()}


@dataclass(frozen=True)
class Kind:
    """A kind of object, e.g. `argoproj.io/v1alpha1` and `Application`."""

    api_version: str
    name: str

    @property
    def is_custom(self) -> bool:
        """Tell whether a CRD has to define it. Kubernetes' own groups have no dot, or end in `.k8s.io`."""
        group = self.api_version.rpartition("/")[0]
        return "." in group and not group.endswith(".k8s.io")

    def __str__(self) -> str:
        return f"{self.api_version}/{self.name}"


def kind_of(resource: Resource) -> Kind:
    """Return the kind behind a resource type such as `kubernetes:core/v1:ConfigMap`.

    Raises:
        Refusal: it is no kind of object, or one that the stand-in does not do.
    """
    package, _, rest = resource.type.partition(":")
    module, _, name = rest.partition(":")
    group, slash, version = module.partition("/")
    needs_real = "it needs the real plugin (`pulumi plugin install resource kubernetes`)"
    if package != "kubernetes" or not slash or not name:
        raise Refusal(
            f"the lab's stand-in for the plugin `kubernetes` does not know the type `{resource.type}`"
        )
    if group in ("helm.sh", "yaml", "kustomize", "apiextensions.k8s.io") and (group, name) != (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
    ):
        raise Refusal(
            f"the lab's stand-in for the plugin `kubernetes` does not do `{resource.type}`; {needs_real}"
        )
    if name.endswith("Patch"):
        raise Refusal(
            f"the lab's stand-in for the plugin `kubernetes` does not do Patch resources such as "
            f"`{resource.type}`; {needs_real}"
        )
    kind = Kind(version if group == "core" else f"{group}/{version}", name)
    if name.endswith("List") and not kind.is_custom:
        raise Refusal(f"`{resource.type}` is a list and cannot be created; declare its items instead")
    return kind


def _rename(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Secret):
        return Secret(_rename(value.value, names))
    if isinstance(value, Mapping):
        return {names.get(key, key): _rename(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return value


def to_manifest(properties: Properties, kind: Kind) -> Manifest:
    """Return a program's properties as a manifest: plain, complete, without what the server sets."""
    manifest: Manifest = _rename(plain(properties), _DASHED)
    manifest = {key: value for key, value in manifest.items() if not key.startswith("__")}
    manifest.setdefault("apiVersion", kind.api_version)
    manifest.setdefault("kind", kind.name)
    metadata = manifest.get("metadata") or {}
    if isinstance(metadata, Mapping):
        metadata = {key: value for key, value in metadata.items() if key not in _READ_ONLY}
    manifest["metadata"] = metadata
    if kind.name == "Secret" and kind.api_version == "v1":
        _merge_string_data(manifest)
    if kind.name == "CustomResourceDefinition":
        manifest.pop("status", None)
    return manifest


def _merge_string_data(manifest: Manifest) -> None:
    """Write `stringData` into `data`, as the API server will: only `data` can be compared later."""
    text = manifest.get("stringData")
    if not isinstance(text, Mapping) or not all(isinstance(value, str) for value in text.values()):
        return  # with unknown values it stays as it is, for the preview
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in text.items()}
    manifest["data"] = {**(manifest.get("data") or {}), **encoded}
    del manifest["stringData"]


def name_and_namespace(manifest: Manifest) -> tuple[Any, Any]:
    """Return the name and the namespace, None where there is none."""
    metadata = manifest.get("metadata") or {}
    return metadata.get("name") or None, metadata.get("namespace") or None


def annotations(manifest: Manifest) -> Mapping[str, Any]:
    """Return the annotations; an unknown value counts as none."""
    metadata = manifest.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def object_id(manifest: Manifest) -> str:
    """Return the ID of the resource: `namespace/name`, or the name alone."""
    name, namespace = name_and_namespace(manifest)
    return f"{namespace}/{name}" if namespace else str(name)


def split_id(resource_id: str) -> tuple[str | None, str]:
    """Return the namespace and the name of an ID, as given by the state or by `import_`."""
    namespace, slash, name = resource_id.partition("/")
    return (namespace, name) if slash else (None, namespace)


def autoname(manifest: Manifest, old: Manifest, resource: Resource, proposed_name: str) -> Manifest:
    """Name an object that the program has not named: as before, or with a random suffix."""
    metadata = manifest["metadata"]
    if not isinstance(metadata, Mapping) or metadata.get("name") or metadata.get("generateName"):
        return manifest
    old_name = name_and_namespace(old)[0] if old else None
    if old and annotations(old).get(AUTONAMED) != "true":
        return manifest
    name = old_name or proposed_name or f"{resource.name}-{secrets.token_hex(4)}"
    marked = {**(metadata.get("annotations") or {}), AUTONAMED: "true"}
    return {**manifest, "metadata": {**metadata, "name": name, "annotations": marked}}


def prune(live: Any, shape: Any) -> Any:
    """Return the parts of `live` that `shape` has too. Lists are matched by position."""
    if isinstance(live, Mapping) and isinstance(shape, Mapping):
        return {key: prune(live[key], shape[key]) for key in shape if key in live}
    if isinstance(live, list) and isinstance(shape, list):
        return [prune(item, wanted) for item, wanted in zip(live, shape, strict=False)]
    return live


def imported_inputs(live: Manifest, kind: Kind) -> Manifest:
    """Return what an import or a `get` takes over as inputs.

    As with the real plugin, a custom resource brings its identity only: its schema is unknown, and the update
    that follows the import shows the whole `spec` as added.
    """
    name, namespace = name_and_namespace(live)
    identity = {"name": name, **({"namespace": namespace} if namespace else {})}
    inputs: Manifest = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": identity}
    if not kind.is_custom:
        inputs |= {key: value for key, value in to_manifest(live, kind).items() if key != "status"}
        notes = dict(annotations(inputs))
        for noise in (
            "deployment.kubernetes.io/revision",
            "kubectl.kubernetes.io/last-applied-configuration",
        ):
            notes.pop(noise, None)
        inputs["metadata"] = {**inputs["metadata"], "annotations": notes}
        if not notes:
            del inputs["metadata"]["annotations"]
    return inputs


def to_properties(manifest: Manifest, source: Properties) -> Properties:
    """Return a manifest as properties, secret where the program's own properties are."""
    properties: Properties = with_secrets_of(_rename(manifest, _UNDERSCORED), source)
    if plain(properties.get("kind")) == "Secret":
        for key in ("data", "stringData"):
            if key in properties and not isinstance(properties[key], Secret):
                properties[key] = Secret(properties[key])
    return properties


def to_state(inputs: Manifest, live: Manifest, source: Properties, manager: str) -> Properties:
    """Return what the state keeps: the object as the server has it, and beside it what the program wanted."""
    return {
        **to_properties(live, source),
        "__inputs": to_properties(inputs, source),
        "__initialApiVersion": inputs.get("apiVersion", ""),
        "__fieldManager": manager,
    }


def state_parts(state: Properties, kind: Kind) -> tuple[Manifest, Manifest]:
    """Return the inputs and the live object of a state."""
    inputs = to_manifest(state.get("__inputs") or {}, kind) if state.get("__inputs") else {}
    return inputs, to_manifest(state, kind)
