"""Create and change single objects, and say in a sentence why that failed."""

from collections.abc import Sequence

from lab.plugins.diff import parse_path
from lab.plugins.kubernetes import ownership
from lab.plugins.kubernetes.api import Api, ApiError, Endpoint
from lab.plugins.kubernetes.manifest import Kind, Manifest, name_and_namespace, object_id
from lab.plugins.kubernetes.settings import Settings


def create(  # noqa: PLR0913 - what, where, and how
    api: Api, kind: Kind, wanted: Manifest, manager: str, settings: Settings, *, preview: bool
) -> Manifest:
    """Create an object; one that is there already is an error, unless the settings allow it."""
    endpoint = api.endpoint(kind)
    manifest = _placed(wanted, endpoint)
    if settings.upsert_existing_objects:
        force = ownership.must_force(wanted, None, settings, preview=preview)
        return api.apply(endpoint, manifest, manager, force=force, preview=preview)
    path = endpoint.collection(manifest["metadata"].get("namespace"))
    return api.send("POST", path, manifest, ownership.CREATOR, preview=preview)


def change(  # noqa: PLR0913 - as above
    api: Api,
    endpoint: Endpoint,
    before: Manifest,
    wanted: Manifest,
    manager: str,
    *,
    settings: Settings,
    ignored: Sequence[str],
    preview: bool,
) -> Manifest:
    """Change an object in place, after taking over what earlier tools own."""
    manifest = _placed(wanted, endpoint)
    if wanted["kind"] == "CustomResourceDefinition":
        # Lists in a schema have no keys to merge by: a CRD is replaced whole, as `kubectl replace` does.
        version = {"resourceVersion": before["metadata"]["resourceVersion"]}
        manifest = {**manifest, "metadata": {**manifest["metadata"], **version}}
        path = endpoint.object(None, manifest["metadata"]["name"])
        return api.send("PUT", path, manifest, manager, preview=preview)
    if not preview and (patch := ownership.take_over(before, manager)):
        before = api.json_patch(endpoint, before, patch)
    paths = [parse_path(text) for text in ignored]
    manifest = ownership.without_ignored_fields(manifest, before, paths, manager)
    force = ownership.must_force(wanted, before, settings, preview=preview)
    return api.apply(endpoint, manifest, manager, force=force, preview=preview)


def relinquish(api: Api, endpoint: Endpoint, live: Manifest, manager: str) -> None:
    """Give up what a field manager of ours owned, when the program names another one."""
    name, namespace = name_and_namespace(live)
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    empty = {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}
    api.apply(endpoint, empty, manager, force=False, preview=False)


def _placed(manifest: Manifest, endpoint: Endpoint) -> Manifest:
    """Return the manifest without a namespace if its kind has none; without its CRD nobody could know."""
    if endpoint.namespaced:
        return manifest
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
    return {**manifest, "metadata": metadata}


def creation_failed(wanted: Manifest, error: Exception) -> str:
    """Say why an object was not created, and what to do."""
    text = f"{wanted['kind']} {object_id(wanted)} was not created: {error}"
    if not isinstance(error, ApiError):
        return f"{text}. If a CRD defines this kind, install it first and let this resource depend on it"
    if error.reason == "AlreadyExists":
        text += (
            f'. To manage the existing object, declare it once with the option import_="{object_id(wanted)}"'
            "; if it only got a new name in the program, give it an alias with the old one"
        )
    return text


def change_failed(wanted: Manifest, error: Exception) -> str:
    """Say why an object was not changed, and what to do."""
    text = f"{wanted['kind']} {object_id(wanted)} was not changed: {error}"
    if not isinstance(error, ApiError):
        return text
    if error.is_missing:
        text += ". It was deleted outside of Pulumi; `pulumi refresh` makes the state forget it"
    elif error.reason == "Conflict":
        text += (
            "\nAnother tool owns these fields now. To take them back, annotate the resource with "
            '`pulumi.com/patchForce: "true"`'
        )
    return text
