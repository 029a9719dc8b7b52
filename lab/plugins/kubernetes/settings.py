"""The provider's settings, read as the real plugin reads them. Pure, but for the kubeconfig file.

Booleans arrive as text, and may also come from the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.plugins.diff import Change, Changes, compare
from lab.plugins.properties import UNKNOWN, Properties


@dataclass(frozen=True)
class Settings:
    """What the program gave to `kubernetes.Provider`. Settings not listed here have no effect."""

    kubeconfig: str = ""
    """Path or content; empty means $KUBECONFIG, then ~/.kube/config, then the pod's service account."""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    enable_patch_force: bool = False
    upsert_existing_objects: bool = False
    enable_config_map_mutable: bool = False
    enable_secret_mutable: bool = False
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False


def read_settings(variables: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Read the settings that the engine hands over in `Configure`."""

    def flag(name: str, variable: str) -> bool:
        return variables.get(name, environment.get(variable, "")) == "true"

    return Settings(
        kubeconfig=variables.get("kubeconfig", ""),
        context=variables.get("context", ""),
        cluster=variables.get("cluster", ""),
        namespace=variables.get("namespace", ""),
        enable_patch_force=flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        upsert_existing_objects=flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        enable_config_map_mutable=flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
        enable_secret_mutable=flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        delete_unreachable=flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        skip_update_unreachable=flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
    )


def unsupported(variables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the settings that the stand-in cannot honour (setting, reason)."""
    failures = []
    if variables.get("enableServerSideApply") in ("false", False):
        failures.append(
            (
                "enableServerSideApply",
                "the lab's stand-in only knows server-side apply; it needs the real plugin",
            )
        )
    if variables.get("renderYamlToDirectory"):
        failures.append(
            (
                "renderYamlToDirectory",
                "the lab's stand-in does not render YAML files; it needs the real plugin",
            )
        )
    return failures


def kubeconfig_content(
    setting: str, environment: Mapping[str, str]
) -> tuple[dict[str, Any] | None, Path | None]:
    """Return the kubeconfig as a dict, and its file if it has one.

    Without any kubeconfig both are None; a pod's service account is left then.

    Raises:
        ValueError: it is neither a file nor the content of a kubeconfig.
    """
    import yaml  # noqa: PLC0415 - not needed before the engine has the port

    if setting:
        path = Path(setting).expanduser()
        is_file = "\n" not in setting and path.is_file()
    else:
        # $KUBECONFIG may list several files; the stand-in reads the first one that exists.
        listed = [Path(part) for part in environment.get("KUBECONFIG", "").split(os.pathsep) if part]
        path = next(
            (file for file in [*listed, Path("~/.kube/config").expanduser()] if file.is_file()), Path()
        )
        is_file = path.is_file()
        if not is_file:
            return None, None
    content = yaml.safe_load(path.read_text() if is_file else setting)
    if not isinstance(content, dict):
        raise ValueError(f"{setting!r} is neither a kubeconfig file nor the content of one")  # noqa: TRY004
    return content, path if is_file else None


def active_cluster(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    """Return the kubeconfig's entry of the cluster that the settings select, or None if there is none."""
    try:
        content, _ = kubeconfig_content(str(settings.get("kubeconfig") or ""), environment)
    except (OSError, ValueError):
        return None
    if content is None:
        return None
    contexts = {item["name"]: item.get("context", {}) for item in content.get("contexts") or []}
    chosen = contexts.get(settings.get("context") or content.get("current-context"), {})
    name = settings.get("cluster") or chosen.get("cluster")
    return next((item.get("cluster") for item in content.get("clusters") or [] if item["name"] == name), None)


def compare_settings(olds: Properties, news: Properties, environment: Mapping[str, str]) -> Changes:
    """Compare two settings, and tell whether they mean another cluster.

    Another cluster replaces the provider and with it everything it has created. A `clusterIdentifier` that
    stays the same rules that out; one that changes forces it.
    """
    changes = {path[:1]: Change("update") for path in compare(olds, olds, news)}
    if not changes:
        return {}
    where = ("kubeconfig", "context", "cluster")
    old_identifier, identifier = olds.get("clusterIdentifier"), news.get("clusterIdentifier")
    if identifier and identifier == old_identifier:
        return dict(changes)
    replacing: set[str] = {"clusterIdentifier"} if identifier and old_identifier else set()
    if any(news.get(key) is UNKNOWN for key in where):
        replacing |= {key for key in where if news.get(key) is UNKNOWN}
    else:
        before, after = active_cluster(olds, environment), active_cluster(news, environment)
        if before is not None and after is not None and before != after:
            replacing |= set(where)
    return {path: Change("update", replace=path[0] in replacing) for path in changes}
