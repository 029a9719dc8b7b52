"""The properties of a Helm release, and the options of Helm that they mean. Pure."""

from collections.abc import Mapping
from typing import Any

from lab.plugins.properties import UNKNOWN, Properties, Secret, plain, with_secrets_of

_DEFAULT_SECONDS = 300

# The real plugin keeps all of these in the state, with their empty values.
_FLAGS = (
    "allowNullValues",
    "atomic",
    "cleanupOnFail",
    "createNamespace",
    "dependencyUpdate",
    "devel",
    "disableCRDHooks",
    "disableOpenapiValidation",
    "disableWebhooks",
    "forceUpdate",
    "lint",
    "recreatePods",
    "renderSubchartNotes",
    "replace",
    "resetValues",
    "reuseValues",
    "skipAwait",
    "skipCrds",
    "takeOwnership",
    "verify",
    "waitForJobs",
)
_TEXTS = ("chart", "description", "keyring", "name", "namespace", "postrender", "version")
_OPTIONAL = ("maxHistory", "repositoryOpts")
_REPOSITORY = ("caFile", "certFile", "keyFile", "password", "repo", "username")

# Honouring these would take more than Helm's own options.
_REFUSED = ("lint", "manifest", "recreatePods", "valueYamlFiles")


def refused(news: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the properties that the stand-in cannot honour (property, reason)."""
    reason = "the lab's stand-in for the plugin `kubernetes` does not do this; it needs the real plugin"
    return [(name, reason) for name in _REFUSED if plain(news.get(name))]


def complete(news: Mapping[str, Any], default_namespace: str) -> Properties:
    """Return the inputs of a release with everything that the program left out."""
    inputs: Properties = (
        dict.fromkeys(_FLAGS, False) | dict.fromkeys(_TEXTS, "") | {"timeout": 0, "values": {}}
    )
    known = (*inputs, *_OPTIONAL)
    inputs |= {key: value for key, value in news.items() if key in known and value is not None}
    if not plain(inputs["namespace"]):
        inputs["namespace"] = default_namespace
    if plain(inputs["skipAwait"]) is not True and "timeout" not in news:
        inputs["timeout"] = _DEFAULT_SECONDS
    options = inputs.get("repositoryOpts")
    if isinstance(options, Mapping):
        inputs["repositoryOpts"] = {**dict.fromkeys(_REPOSITORY, ""), **options}
    return inputs


def merged(values: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with `over` laid on top, object by object, as Helm merges."""
    result = dict(values)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        result[key] = merged(below, value) if both else value  # type: ignore[arg-type]  # both are mappings
    return result


def to_state(
    inputs: Properties, release: Mapping[str, Any] | None, names: Mapping[str, list[str]]
) -> Properties:
    """Return what the state keeps: the inputs as they turned out, and what Helm reports.

    Args:
        inputs: what the program wants.
        release: what Helm reports; None in a preview.
        names: what the release has rendered.
    """
    state = {**inputs, "__inputs": Secret(inputs), "resourceNames": UNKNOWN, "status": UNKNOWN}
    if release is None:
        return state
    chart = release["chart"]
    values = merged(plain(inputs["values"]), release.get("config") or {})
    return state | {
        "name": plain(inputs["name"]) or release["name"],
        "namespace": plain(inputs["namespace"]) or release["namespace"],
        "version": chart.get("version", ""),
        "values": with_secrets_of(values, inputs["values"]),
        "resourceNames": dict(names),
        "status": {
            "appVersion": chart.get("appVersion", ""),
            "chart": chart["name"],
            "name": release["name"],
            "namespace": release["namespace"],
            "revision": release["version"],
            "status": release["info"]["status"],
            "version": chart.get("version", ""),
        },
    }


def repository_options(inputs: Mapping[str, Any]) -> list[str]:
    """Return Helm's options for the connection to the chart's repository or registry."""
    repository = inputs.get("repositoryOpts") or {}
    names = {"caFile": "--ca-file", "certFile": "--cert-file", "keyFile": "--key-file"}
    return [
        word for key, option in names.items() if repository.get(key) for word in (option, repository[key])
    ]


def choice_options(inputs: Mapping[str, Any], *, is_local: bool) -> list[str]:
    """Return Helm's options that say which of the repository's charts it is."""
    options = []
    if inputs.get("version") and not is_local:
        options += ["--version", inputs["version"]]
    if inputs.get("devel"):
        options.append("--devel")
    if inputs.get("verify"):
        options.append("--verify")
    if inputs.get("keyring"):
        options += ["--keyring", inputs["keyring"]]
    return options


def _deploy_options(inputs: Mapping[str, Any], flags: Mapping[str, str]) -> list[str]:
    common = {
        "atomic": "--atomic",
        "dependencyUpdate": "--dependency-update",
        "disableOpenapiValidation": "--disable-openapi-validation",
        "renderSubchartNotes": "--render-subchart-notes",
        "skipCrds": "--skip-crds",
        "takeOwnership": "--take-ownership",
    }
    options = [option for key, option in {**common, **flags}.items() if inputs.get(key)]
    if not inputs.get("skipAwait"):
        options += ["--wait"] + ["--wait-for-jobs"] * bool(inputs.get("waitForJobs"))
    options += ["--timeout", f"{inputs.get('timeout') or _DEFAULT_SECONDS}s"]
    if inputs.get("description"):
        options += ["--description", inputs["description"]]
    if inputs.get("postrender"):
        options += ["--post-renderer", inputs["postrender"]]
    return options


def install_options(inputs: Mapping[str, Any]) -> list[str]:
    """Return the options of `helm install`."""
    flags = {"createNamespace": "--create-namespace", "replace": "--replace", "disableWebhooks": "--no-hooks"}
    return _deploy_options(inputs, flags)


def upgrade_options(inputs: Mapping[str, Any]) -> list[str]:
    """Return the options of `helm upgrade`. For the hooks the real plugin, too, has another property here."""
    flags = {
        "cleanupOnFail": "--cleanup-on-fail",
        "disableCRDHooks": "--no-hooks",
        "forceUpdate": "--force",
        "resetValues": "--reset-values",
        "reuseValues": "--reuse-values",
    }
    return [*_deploy_options(inputs, flags), "--history-max", str(inputs.get("maxHistory") or 0)]


def uninstall_options(inputs: Mapping[str, Any]) -> list[str]:
    """Return the options of `helm uninstall`."""
    if inputs.get("skipAwait") and not inputs.get("atomic"):
        return []
    return ["--wait", "--timeout", f"{inputs.get('timeout') or _DEFAULT_SECONDS}s"]
