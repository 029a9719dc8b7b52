"""Every kind of Kubernetes object: checked, compared, created, read, changed and deleted."""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence

from lab.plugins.kubernetes import applying, waiting
from lab.plugins.kubernetes.api import Api, ApiError, UnknownKindError
from lab.plugins.kubernetes.comparing import difference
from lab.plugins.kubernetes.manifest import (
    Kind,
    Manifest,
    annotations,
    autoname,
    imported_inputs,
    kind_of,
    name_and_namespace,
    object_id,
    prune,
    split_id,
    state_parts,
    to_manifest,
    to_properties,
    to_state,
)
from lab.plugins.kubernetes.settings import Settings
from lab.plugins.kubernetes.settling import NotReadyError, Patience, until_gone, until_ready
from lab.plugins.properties import Properties, has_unknown, plain
from lab.plugins.serve import Checked, Difference, Engine, Found, NotFinished, Old, Refusal, Resource

# Needed only while the cluster cannot be asked.
_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
    }
)
# The only kinds whose deletion is not awaited under `pulumi.com/skipAwait`.
_MAY_SKIP_DELETION = frozenset({"DaemonSet", "Deployment", "Job", "Namespace", "Pod", "StatefulSet"})
# A namespace or a CRD of the same `up` may need a moment.
_RETRY_AFTER_SECONDS = (0.5, 1, 2, 4, 8, None)


_State = Callable[[Manifest], Properties]


class Objects:
    """The objects of one cluster. Without a cluster (`api` is None) it can still check and compare."""

    def __init__(
        self,
        api: Api | None,
        settings: Settings,
        default_namespace: str,
        engine: Engine,
        cancelled: threading.Event,
    ) -> None:
        self._api = api
        self._settings = settings
        self._default_namespace = default_namespace
        self._engine = engine
        self._cancelled = cancelled

    def check(self, resource: Resource, olds: Properties, news: Properties, proposed_name: str) -> Checked:
        """Fill in the name and the namespace."""
        kind = kind_of(resource)
        wanted = to_manifest(news, kind)
        wanted = autoname(wanted, to_manifest(olds, kind) if olds else {}, resource, proposed_name)
        metadata = wanted["metadata"]
        if isinstance(metadata, Mapping):
            if metadata.get("generateName") and not metadata.get("name"):
                return Checked(
                    news, [("metadata.generateName", "server-side apply needs a `metadata.name` instead")]
                )
            if not metadata.get("namespace") and self._is_namespaced(kind):
                wanted["metadata"] = {**metadata, "namespace": self._default_namespace}
        wait_for = annotations(wanted).get("pulumi.com/waitFor")
        if isinstance(wait_for, str):
            waiting.wait_for(wait_for)
        return Checked(to_properties(wanted, news))

    def diff(self, resource: Resource, old: Old, news: Properties, ignored: Sequence[str]) -> Difference:
        """Compare the program with what the state remembers of the live object."""
        kind = kind_of(resource)
        old_inputs, live = state_parts(old.properties, kind)
        return difference(
            kind,
            old_inputs,
            live,
            to_manifest(news, kind),
            is_namespaced=self._is_namespaced(kind),
            settings=self._settings,
            ignored=ignored,
        )

    def create(
        self, resource: Resource, news: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]:
        """Create the object, and try again while its namespace or its CRD is not there yet."""
        kind = kind_of(resource)
        if preview and self._cannot_preview(kind, news):
            return "", news
        wanted = to_manifest(news, kind)
        manager = self._manager({}, wanted)
        try:
            live = self._create(kind, wanted, manager, resource, preview=preview)
        except (ApiError, UnknownKindError) as error:
            missing = isinstance(error, ApiError) and error.is_missing
            if preview and (missing or getattr(error, "reason", "") in ("Forbidden", "AlreadyExists")):
                return "", news  # a namespace of the same program, say; the real deployment will tell
            raise Refusal(applying.creation_failed(wanted, error)) from error

        def state(seen: Manifest) -> Properties:
            return to_state(wanted, seen, news, manager)

        if preview:
            return "", state({key: value for key, value in live.items() if key != "status"})
        return object_id(live), self._settled(kind, live, state, self._patience(resource, timeout, wanted))

    def _create(
        self, kind: Kind, wanted: Manifest, manager: str, resource: Resource, *, preview: bool
    ) -> Manifest:
        for pause in _RETRY_AFTER_SECONDS:
            try:
                return applying.create(
                    self._connected(), kind, wanted, manager, self._settings, preview=preview
                )
            except (UnknownKindError, ApiError) as error:
                missing = isinstance(error, UnknownKindError) or error.is_missing
                if preview or pause is None or not missing or self._cancelled.is_set():
                    raise
                self._engine.status(f"trying again in {pause} s: {error}", resource.urn)
                self._cancelled.wait(pause)
        raise AssertionError("the last pause is None")

    def read(self, resource: Resource, old: Old) -> Found | None:
        """Read the object, for a refresh, an import or a `get`."""
        kind = kind_of(resource)
        namespace, name = split_id(old.resource_id)
        known = bool(old.inputs.get("kind") or old.properties.get("kind"))
        try:
            live = self._connected().get(self._connected().endpoint(kind), namespace, name)
        except UnknownKindError:
            return None  # without its CRD a custom resource cannot exist
        except ApiError as error:
            if error.is_missing:
                return None
            raise Refusal(f"{kind.name} {old.resource_id} cannot be read: {error}") from error
        shape = to_manifest(old.inputs, kind)
        inputs = prune(live, shape) if known else imported_inputs(live, kind)
        state = to_state(inputs, live, old.inputs, self._manager(old.properties, inputs))
        return Found(old.resource_id or object_id(live), to_properties(inputs, old.inputs), state)

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
        """Apply the program's version, after taking over what earlier tools own."""
        kind = kind_of(resource)
        if preview and self._cannot_preview(kind, news):
            return news
        wanted = to_manifest(news, kind)
        _, state_live = state_parts(old.properties, kind)
        manager = self._manager(old.properties, wanted)
        old_manager = plain(old.properties.get("__fieldManager")) or manager
        api = self._connected()
        try:
            endpoint = api.endpoint(kind)
            name, namespace = name_and_namespace(state_live)
            live = applying.change(
                api,
                endpoint,
                api.get(endpoint, namespace, name),
                wanted,
                manager,
                settings=self._settings,
                ignored=ignored,
                preview=preview,
            )
            if not preview and manager != old_manager:
                applying.relinquish(api, endpoint, live, old_manager)
        except (ApiError, UnknownKindError) as error:
            if preview and getattr(error, "reason", "") == "Forbidden":
                return news
            raise Refusal(applying.change_failed(wanted, error)) from error

        def state(seen: Manifest) -> Properties:
            return to_state(wanted, seen, news, manager)

        if preview:
            return state(live)
        return self._settled(kind, live, state, self._patience(resource, timeout, wanted))

    def delete(self, resource: Resource, old: Old, timeout: float) -> None:
        """Delete the object and what it owns, and wait until it is gone."""
        kind = kind_of(resource)
        inputs, _ = state_parts(old.properties, kind)
        namespace, name = split_id(old.resource_id)
        policy = str(
            annotations(inputs).get("pulumi.com/deletionPropagationPolicy", "foreground")
        ).capitalize()
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy}
        api = self._connected()
        try:
            endpoint = api.endpoint(kind)
            api.request("DELETE", endpoint.object(namespace, name), body=body)
        except UnknownKindError:
            return
        except ApiError as error:
            if error.is_missing:
                return
            raise Refusal(f"{kind.name} {old.resource_id} was not deleted: {error}") from error
        if annotations(inputs).get("pulumi.com/skipAwait") == "true" and kind.name in _MAY_SKIP_DELETION:
            return

        try:
            until_gone(api, endpoint, namespace, name, self._patience(resource, timeout, inputs))
        except waiting.TimedOutError as error:
            raise Refusal(f"{kind.name} {old.resource_id} was deleted but is not gone: {error}") from error

    def _settled(self, kind: Kind, live: Manifest, state: _State, patience: Patience) -> Properties:
        """Wait until the object is ready and return its state."""
        api = self._connected()
        try:
            return state(until_ready(api, api.endpoint(kind), kind, live, patience))
        except NotReadyError as error:
            sentence = f"{kind.name} {object_id(live)} exists, but: {error}"
            raise NotFinished(sentence, object_id(live), state(error.last)) from error

    def _patience(self, resource: Resource, timeout: float, manifest: Manifest) -> Patience:
        seconds = waiting.seconds_allowed(timeout, manifest)
        return Patience(seconds, self._cancelled, self._engine, resource.urn)

    def _connected(self) -> Api:
        if self._api is None:
            raise Refusal("there is no connection to the Kubernetes cluster")
        return self._api

    def _cannot_preview(self, kind: Kind, news: Properties) -> bool:
        """Tell whether the server cannot say what will become of it; the inputs are shown instead."""
        return self._api is None or has_unknown(news) or self._api.find(kind, look_again=True) is None

    def _is_namespaced(self, kind: Kind) -> bool:
        endpoint = self._api.find(kind) if self._api else None
        return endpoint.namespaced if endpoint else kind.name not in _CLUSTER_SCOPED

    def _manager(self, state: Properties, wanted: Manifest) -> str:
        """Return the field manager: the annotation's, else the one in the state, else a new one."""
        annotated = annotations(wanted).get("pulumi.com/patchFieldManager")
        remembered = state.get("__fieldManager")
        return str(annotated or remembered or f"pulumi-kubernetes-{secrets.token_hex(4)}")
