"""The Kubernetes API: the connection, which kinds it has, and plain requests."""

import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.plugins.kubernetes.manifest import Kind, Manifest
from lab.plugins.kubernetes.settings import Settings, kubeconfig_content
from lab.plugins.serve import Refusal

if TYPE_CHECKING:
    import httpx2
    from lightkube.config.kubeconfig import SingleConfig

# Both versions: Kubernetes 1.27 to 1.29 only knows the beta.
_ALL_KINDS = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    for version in ("v2", "v2beta1")
)
_APPLY = "application/apply-patch+yaml"
_JSON_PATCH = "application/json-patch+json"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ApiError(Exception):
    """The API server said no."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason

    @property
    def is_missing(self) -> bool:
        """Tell whether the object, its namespace or its kind does not exist."""
        return self.code == 404  # noqa: PLR2004 - HTTP


class UnknownKindError(Exception):
    """The API server does not have this kind, or not yet."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f'no matches for kind "{kind.name}" in version "{kind.api_version}"')


@dataclass(frozen=True)
class Endpoint:
    """Where the objects of one kind live."""

    prefix: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str | None) -> str:
        """Return the path of all objects, in one namespace if the kind has namespaces."""
        inside = f"/namespaces/{namespace or 'default'}" if self.namespaced else ""
        return f"{self.prefix}{inside}/{self.plural}"

    def object(self, namespace: str | None, name: str) -> str:
        """Return the path of one object."""
        return f"{self.collection(namespace)}/{name}"


class Api:
    """One API server. Safe to use from several threads."""

    def __init__(self, config: "SingleConfig") -> None:
        from httpx2 import Timeout  # noqa: PLC0415 - as slow to import as the rest of a stand-in together
        from lightkube.config.client_adapter import Client, ConnectionParams  # noqa: PLC0415

        self.server = config.cluster.server
        self.namespace = config.namespace
        # A proxy from the environment is for the world outside, never for a server on this machine.
        outside = urlsplit(self.server).hostname not in _LOOPBACK
        self._client: httpx2.Client = Client(
            config, ConnectionParams(timeout=Timeout(60, connect=5, pool=None), trust_env=outside)
        )
        self._lock = threading.Lock()
        self._endpoints: dict[Kind, Endpoint] = {}
        self._discovered_at = 0.0
        self._discover()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def find(self, kind: Kind, *, look_again: bool = False) -> Endpoint | None:
        """Return where objects of this kind live; None if the server does not know it.

        Args:
            kind: the kind.
            look_again: ask the server once more; a CRD may have been installed meanwhile.
        """
        if look_again and kind not in self._endpoints:
            with self._lock:
                # Many threads miss the same kind at the same time; one answer does for all.
                if time.monotonic() - self._discovered_at > 0.5:  # noqa: PLR2004 - seconds
                    self._discover()
        return self._endpoints.get(kind)

    def endpoint(self, kind: Kind) -> Endpoint:
        """Return where objects of this kind live.

        Raises:
            UnknownKindError: the server does not know it, even after asking again.
        """
        found = self.find(kind, look_again=True)
        if found is None:
            raise UnknownKindError(kind)
        return found

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        **query: str,
    ) -> Any:
        """Send a request and return the parsed answer.

        Raises:
            ApiError: the server said no.
            Refusal: the server did not answer.
        """
        from httpx2 import TransportError  # noqa: PLC0415

        headers = {"Accept": accept, "Content-Type": content_type}
        content = None if body is None else json.dumps(body).encode()
        for waited in (1, 2, 4, None):
            try:
                response = self._client.request(method, path, content=content, headers=headers, params=query)
            except TransportError as error:
                raise Refusal(f"the Kubernetes API server {self.server} does not answer: {error}") from error
            # "Too many requests": the server asks to wait, and kubectl would.
            if response.status_code == 429 and waited:  # noqa: PLR2004
                time.sleep(waited)
                continue
            break
        if response.is_success:
            return response.json()
        raise _error(response)

    def get(self, endpoint: Endpoint, namespace: str | None, name: str) -> Manifest:
        """Read one object."""
        found: Manifest = self.request("GET", endpoint.object(namespace, name))
        return found

    def apply(  # noqa: PLR0913 - what, as whom, and how
        self,
        endpoint: Endpoint,
        manifest: Manifest,
        manager: str,
        *,
        force: bool,
        preview: bool,
        strict: bool = False,
    ) -> Manifest:
        """Apply a manifest on the server's side; `strict` also refuses fields that its kind does not have."""
        metadata = manifest["metadata"]
        applied: Manifest = self.request(
            "PATCH",
            endpoint.object(metadata.get("namespace"), metadata["name"]),
            body=manifest,
            content_type=_APPLY,
            fieldManager=manager,
            force=str(force).lower(),
            **({"fieldValidation": "Strict"} if strict else {}),
            **_dry_run(preview=preview),
        )
        return applied

    def json_patch(self, endpoint: Endpoint, manifest: Manifest, patch: list[dict[str, Any]]) -> Manifest:
        """Change single fields of an object."""
        metadata = manifest["metadata"]
        path = endpoint.object(metadata.get("namespace"), metadata["name"])
        patched: Manifest = self.request("PATCH", path, body=patch, content_type=_JSON_PATCH)
        return patched

    def send(self, method: str, path: str, manifest: Manifest, manager: str, *, preview: bool) -> Manifest:
        """Create (POST) or replace (PUT) an object."""
        sent: Manifest = self.request(
            method, path, body=manifest, fieldManager=manager, **_dry_run(preview=preview)
        )
        return sent

    def _discover(self) -> None:
        endpoints: dict[Kind, Endpoint] = {}
        for root in ("/api", "/apis"):
            answer = self.request("GET", root, accept=_ALL_KINDS)
            if answer.get("kind") != "APIGroupDiscoveryList":
                raise Refusal(f"the lab's stand-in needs Kubernetes 1.27 or newer; {self.server} is older")
            for group in answer["items"]:
                for version in group["versions"]:
                    endpoints |= _endpoints(root, group["metadata"].get("name", ""), version)
        self._endpoints = endpoints
        self._discovered_at = time.monotonic()


def _endpoints(root: str, group: str, version: Mapping[str, Any]) -> dict[Kind, Endpoint]:
    api_version = f"{group}/{version['version']}" if group else version["version"]
    return {
        Kind(api_version, item["responseKind"]["kind"]): Endpoint(
            f"{root}/{api_version}", item["resource"], item["scope"] == "Namespaced"
        )
        for item in version.get("resources", [])
        if "responseKind" in item
    }


def _dry_run(*, preview: bool) -> dict[str, str]:
    return {"dryRun": "All"} if preview else {}


def _error(response: "httpx2.Response") -> ApiError:
    try:
        status = response.json()
        return ApiError(response.status_code, status.get("reason", ""), status["message"])
    except (ValueError, KeyError, AttributeError):
        text = response.text.strip() or response.reason_phrase
        return ApiError(response.status_code, "", text)


def connect(settings: Settings) -> tuple[Api, "SingleConfig"]:
    """Connect to the cluster that the settings select.

    Raises:
        Refusal: there is no such cluster, or it does not answer.
    """
    import msgspec  # noqa: PLC0415 - as above
    import yaml  # noqa: PLC0415
    from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415
    from lightkube.core.exceptions import ConfigError  # noqa: PLC0415

    try:
        content, path = kubeconfig_content(settings.kubeconfig, os.environ)
        config = (
            KubeConfig.from_service_account()
            if content is None
            else KubeConfig.from_dict(content, fname=path)
        )
        chosen = config.get(settings.context or None)
        if chosen is None:
            raise Refusal("the kubeconfig has no current context; name one with the provider's `context`")
        if settings.cluster:
            chosen = chosen._replace(cluster=config.clusters[settings.cluster])
        return Api(chosen), chosen
    except (OSError, KeyError, ValueError, ConfigError, msgspec.ValidationError, yaml.YAMLError) as error:
        raise Refusal(f"the kubeconfig cannot be used: {error}") from error
    except ApiError as error:
        raise Refusal(f"the Kubernetes API server did not list its kinds: {error}") from error
