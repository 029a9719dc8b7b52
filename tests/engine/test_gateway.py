"""The routes that the chart makes of `argocd.gateway`, held against the Gateway API's own CRDs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.argocd.chart_values import chart_values
from lab.lab import Lab
from tests.argocd.options import argocd

pytestmark = pytest.mark.engine

MODULE = "sigs.k8s.io/gateway-api@v1.4.0"
"""The Gateway API's Go module, which has its CRDs."""
KINDS = {"httproute": "HTTPRoute", "grpcroute": "GRPCRoute", "backendTLSPolicy": "BackendTLSPolicy"}
GATEWAY = {"parent": "infra/external", "listener": "https", "grpcHostname": "grpc.protobox"}
TLS = {"hostname": "argocd-server.argocd.svc", "ca": "argocd-ca"}


def kubectl(lab: Lab, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = ["kubectl", "--kubeconfig", str(lab.kubeconfig), *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def crds(lab: Lab) -> Iterator[Lab]:
    """The lab's cluster with the Gateway API's CRDs."""
    if not shutil.which("go"):
        pytest.skip("no Go, and so not the Gateway API's CRDs")
    fetched = subprocess.run(
        ["go", "mod", "download", "-json", MODULE], capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        pytest.skip(f"NOT SHOWN: that the Gateway API takes the routes: {MODULE} cannot be had")
    folder = Path(json.loads(fetched.stdout)["Dir"]) / "config" / "crd" / "standard"
    files = [f"--filename={path}" for path in folder.glob("gateway.networking.k8s.io_*.yaml")]
    done = kubectl(lab, "apply", "--server-side", *files)
    assert done.returncode == 0, done.stderr
    names = [f"crd/{kind.lower()}s.gateway.networking.k8s.io" for kind in ("HTTPRoute", "GRPCRoute")]
    kubectl(lab, "wait", "--for=condition=Established", "--timeout=300s", *names)
    yield lab
    kubectl(lab, "delete", "--wait=false", *files)


def as_the_chart_writes_it(kind: str, values: dict[str, Any]) -> str:
    """Return what the chart's template makes of it (argo-helm, `templates/argocd-server`)."""
    spec = {key: value for key, value in values.items() if key != "enabled"}
    if kind != "BackendTLSPolicy":
        backend = {"backendRefs": [{"name": "argocd-server", "port": 80}]}
        chart = [{"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]}]
        spec["rules"] = [{**rule, **backend} for rule in spec.get("rules", chart)]
    version = "gateway.networking.k8s.io/v1"
    metadata = {"name": "argocd-server", "namespace": "default"}
    return yaml.safe_dump({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})


def tried(lab: Lab, kind: str, values: dict[str, Any]) -> str:
    """Return why the API server refuses the object, with every field checked; "" if it takes it."""
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-")
    done = kubectl(lab, *words, given=as_the_chart_writes_it(kind, values))
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    "options",
    [{"insecure": True, "gateway": GATEWAY}, {"gateway": {"parent": "infra/external", "backendTls": TLS}}],
)
def test_the_api_server_takes_every_route_and_policy(crds: Lab, options: dict[str, Any]) -> None:
    server = chart_values(argocd(domain="argocd.protobox", **options), "dev")["server"]
    found = {kind: tried(crds, kind, server[name]) for name, kind in KINDS.items() if name in server}
    assert len(found) == 2
    assert set(found.values()) == {""}


def test_the_charts_own_rule_for_grpc_is_refused(crds: Lab) -> None:
    options = {"domain": "argocd.protobox", "insecure": True, "gateway": GATEWAY}
    route = chart_values(argocd(**options), "dev")["server"]["grpcroute"]
    refusal = tried(crds, "GRPCRoute", {**route, "rules": [{"matches": [{"method": {"type": "Exact"}}]}]})
    assert "'service' or 'method' must be specified" in refusal
