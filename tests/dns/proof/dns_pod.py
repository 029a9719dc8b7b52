"""Pods of CoreDNS as the API shows them, and what CoreDNS logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from components.dns.proof.pod_log import digests

RELOADED = (
    "[INFO] Reloading",
    "[INFO] plugin/reload: Running configuration SHA512 = 0af1",
    "[INFO] Reloading complete",
)
CREDENTIALS = "/var/run/secrets/kubernetes.io/serviceaccount"
WORDS = "plugin/cache: this plugin can only be used once per Server Block"
REFUSED = (
    "[INFO] Reloading",
    f"[ERROR] Restart failed: {WORDS}",
    "[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: "
    + WORDS,
)


def loads(text: str) -> list[str]:
    """Return the lines with which CoreDNS ends the reload of `text`."""
    digest = max(digests(text), key=len)
    return [f"[INFO] plugin/reload: Running configuration SHA512 = {digest}", "[INFO] Reloading complete"]


def logged(*lines: str) -> list[str]:
    """Return lines as `timestamps=true` shows them."""
    return [f"2026-11-28T20:41:24.934045123Z {line}" for line in lines]


def ago(seconds: float) -> str:
    """Return the time of so long ago as the API writes it."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def pod(name: str = "coredns-1", config_map: str = "coredns", **changed: Any) -> dict[str, Any]:
    """Return a pod that mounts the ConfigMap as Kubespray's do.

    Args:
        name: its name.
        config_map: what it mounts.
        changed: `age` and `running_for` in seconds (None: not running), `ready`, `restarts`, `phase`,
            `mount`, `volume`, `metadata`.
    """
    volume = {"configMap": {"name": config_map, "items": [{"key": "Corefile", "path": "Corefile"}]}}
    mount = {"name": "config-volume", "mountPath": "/etc/coredns", **changed.get("mount", {})}
    age = changed.get("age", 1000.0)
    running_for = changed.get("running_for", age)
    state = {"waiting": {}} if running_for is None else {"running": {"startedAt": ago(running_for)}}
    return {
        "metadata": {
            "name": name,
            "uid": f"uid of {name}",
            "creationTimestamp": ago(age),
            **changed.get("metadata", {}),
        },
        "spec": {
            "containers": [
                {"name": "sidecar"},
                {"name": "coredns", "volumeMounts": [{"name": "token", "mountPath": CREDENTIALS}, mount]},
            ],
            "volumes": [
                {"name": "token", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}},
                {"name": "config-volume", **changed.get("volume", volume)},
            ],
        },
        "status": {
            "phase": changed.get("phase", "Running"),
            "containerStatuses": [
                {
                    "name": "coredns",
                    "ready": changed.get("ready", True),
                    "restartCount": changed.get("restarts", 0),
                    "state": state,
                }
            ],
        },
    }
