"""The rows about Argo CD itself: version, workloads, whether it works, where it is, how to log in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.argocd.login import address, admin_password, port_forward
from components.cluster.api import Reader, get_if_allowed
from components.cluster.live import PLAYED, why_nobody_looks, workloads
from components.settings import Settings
from tools.rows import Mark, Row


def argocd_rows(reader: Reader, settings: Settings) -> list[Row]:
    """Return the rows about Argo CD.

    Raises:
        ClusterError: the API server does not answer, or forbids it.
    """
    namespace = settings.argocd.namespace
    found = list(workloads(reader, namespace))
    if not found:
        what = f"there is none in the namespace {namespace}"
        return [Row(Mark.FAILED, "Argo CD", what, "run `pulumi up`")]
    idle = why_nobody_looks(reader, namespace)
    return [*_of_workloads(found), *_of_work(idle, namespace), *_of_login(reader, settings)]


def _of_workloads(workloads: list[Mapping[str, Any]]) -> Iterator[Row]:
    by_name = {each["metadata"]["name"]: each for each in workloads}
    server = by_name.get("argocd-server", workloads[0])
    image = str(server["spec"]["template"]["spec"]["containers"][0]["image"])
    labels = server["metadata"].get("labels") or {}
    chart = labels.get("helm.sh/chart")
    yield Row(Mark.OK, "version", f"{image.rpartition(':')[2]}{f', chart {chart}' if chart else ''}")
    unready = {name: missing for name, each in by_name.items() if (missing := _missing(each))}
    if unready:
        seen = "not ready: " + ", ".join(f"{name} ({missing})" for name, missing in unready.items())
        place = server["metadata"]["namespace"]
        yield Row(Mark.FAILED, "workloads", seen, f"kubectl -n {place} get pods, and describe what is not")
    else:
        yield Row(Mark.OK, "workloads", f"all {len(workloads)} are ready")


def _missing(workload: Mapping[str, Any]) -> str:
    wanted = workload["spec"].get("replicas", 1)
    ready = (workload.get("status") or {}).get("readyReplicas", 0)
    return f"{ready} of {wanted}" if ready < wanted else ""


def _of_work(idle: str, namespace: str) -> Iterator[Row]:
    if idle == PLAYED:
        yield Row(Mark.SKIPPED, "comparing", f"{PLAYED}: nobody compares or synchronises Applications here")
    elif idle:
        fix = f"kubectl -n {namespace} scale statefulset argocd-application-controller --replicas 1"
        yield Row(Mark.FAILED, "comparing", f"nobody compares Applications: {idle}", fix)


def _of_login(reader: Reader, settings: Settings) -> Iterator[Row]:
    if where := address(settings.argocd) or _of_service(reader, settings):
        yield Row(Mark.OK, "address", where)
    else:
        where, command = port_forward(settings.argocd, settings.cluster.context)
        yield Row(Mark.OK, "address", f"inside the cluster only; {where} after", command=command)
    if settings.argocd.sso:
        yield Row(Mark.OK, "log in", f"by single sign-on, with {_provider(settings)}")
    password = admin_password(settings.argocd, settings.cluster.context)
    is_command = password.startswith("kubectl ")
    seen = "as admin, with the password that this prints:" if is_command else password
    yield Row(Mark.OK, "log in", seen, command=password if is_command else "")


def _provider(settings: Settings) -> str:
    sso = settings.argocd.sso
    return "GitLab" if sso and sso.gitlab else "OpenID Connect"


def _of_service(reader: Reader, settings: Settings) -> str:
    """Return the address that the Service gives Argo CD; "" if it can be reached in the cluster only."""
    path = f"/api/v1/namespaces/{settings.argocd.namespace}/services/argocd-server"
    service = get_if_allowed(reader, path) or {}
    spec, scheme = service.get("spec") or {}, "http" if settings.argocd.insecure else "https"
    if spec.get("type") == "LoadBalancer":
        given = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        return f"{scheme}://{given[0].get('hostname') or given[0].get('ip')}" if given else ""
    ports = {port.get("name"): port.get("nodePort") for port in spec.get("ports") or []}
    return f"{scheme}://<any node>:{ports[scheme]}" if ports.get(scheme) else ""
