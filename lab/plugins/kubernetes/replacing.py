"""Which changes the API refuses on an existing object, so that it must be replaced. As in the real plugin."""

from lab.plugins.diff import Path, parse_path
from lab.plugins.kubernetes.manifest import Kind, Manifest
from lab.plugins.kubernetes.settings import Settings

_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_WORKLOAD = ("spec.selector",)
_FIELDS: dict[str, tuple[str, ...]] = {
    "apps/v1/DaemonSet": _WORKLOAD,
    "apps/v1/Deployment": _WORKLOAD,
    "apps/v1/StatefulSet": (
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    "batch/v1/Job": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "policy/v1beta1/PodDisruptionBudget": ("spec",),
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ("roleRef",),
    "rbac.authorization.k8s.io/v1/RoleBinding": ("roleRef",),
    "storage.k8s.io/v1/StorageClass": ("parameters", "provisioner"),
    "v1/PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    # The real plugin replaces a Pod even where the API could change it, as for the image.
    "v1/Pod": (
        "spec.containers[*].args",
        "spec.containers[*].command",
        "spec.containers[*].env",
        "spec.containers[*].image",
        "spec.containers[*].ports",
        "spec.containers[*].resources",
        "spec.containers[*].volumeMounts",
        "spec.hostAliases",
        "spec.hostNetwork",
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.serviceAccountName",
        "spec.volumes",
    ),
    "v1/ResourceQuota": ("spec.scopes",),
    "v1/Service": ("spec.clusterIP",),
}


def force_new(kind: Kind, wanted: Manifest, settings: Settings) -> list[Path]:
    """Return the paths whose change replaces an object of this kind.

    The data of a ConfigMap or Secret is one of them, unless the provider's settings say otherwise: pods may
    read it at their start only, and a new name makes them restart.
    """
    fields = [*_IDENTITY, *_FIELDS.get(str(kind), ())]
    frozen = wanted.get("immutable") is True
    if str(kind) == "v1/ConfigMap" and (frozen or not settings.enable_config_map_mutable):
        fields += ["data", "binaryData"]
    if str(kind) == "v1/Secret":
        fields.append("type")
        if frozen or not settings.enable_secret_mutable:
            fields += ["data", "stringData"]
    return [parse_path(field) for field in fields]
