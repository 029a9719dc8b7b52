"""The rows of the DNS layers, and those about Argo CD itself.

Of a layer: whether it is as declared, what has been loaded, who else serves a zone. Of Argo CD: its version,
its workloads, whether it works, where it is, how to log in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.argocd.login import address, admin_password, port_forward
from components.cluster.api import Reader, get_if_allowed
from components.cluster.errors import ClusterError
from components.cluster.identity import same_cluster
from components.cluster.live import PLAYED, why_nobody_looks, workloads
from components.dns.change import ALSO, NAMESPACE, Change, Layer, Wanted, known_in, required_layers
from components.dns.coverage import uncovered
from components.dns.layer import preview
from components.dns.proof.following import Followed
from components.dns.proof.loaded_now import loaded_now
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.dns.strategies.hosts_entries import HostAliasesSettings
from components.projects.application import Use
from components.settings import Settings
from components.stackfile.printable import printable
from components.stackfile.problems import SettingsError
from tools.command_line import Mark, Row

REPO_SERVER = "argocd-repo-server"
_ZONES = ":CorefileZones"


def dns_rows(
    settings: Settings,
    stack: str,
    uses: Mapping[str, Sequence[Use]],
    state: Sequence[Mapping[str, Any]],
) -> list[Row]:
    """Return the rows of what makes the repository hosts resolve.

    `uses` is repository host → the Applications that need it, `state` the resources of Pulumi's state; none
    where it could not be read.
    """
    dns = settings.dns
    try:
        if isinstance(dns, ClusterDnsSettings):
            return [*_of_layers(settings, dns, stack, tuple(uses), state)]
        if isinstance(dns, HostAliasesSettings):
            return [*_of_hosts(settings, uses)]
    except ClusterError as error:
        return [Row(Mark.FAILED, dns.strategy, error.what, error.fix)]
    except SettingsError as error:  # a hosts file, which may be another machine's
        return [
            Row(Mark.FAILED, dns.strategy, printable(problem.what), problem.fix) for problem in error.problems
        ]
    return [Row(Mark.OK, dns.strategy, "nothing is edited: every name has to resolve already")]


def _of_layers(
    settings: Settings,
    dns: ClusterDnsSettings,
    stack: str,
    hosts: Sequence[str],
    state: Sequence[Mapping[str, Any]],
) -> Iterator[Row]:
    context, required = settings.cluster.context, required_layers(dns.nodelocaldns)
    layers = {name: Layer(context, NAMESPACE, name, stack, tuple(ALSO.get(name, ()))) for name in required}
    zones = dns.declared_zones(hosts)
    for name, layer in layers.items():
        elsewhere = [other for other in layers.values() if other is not layer]
        wanted = Wanted(zones, tuple(dns.takes_over), hosts, elsewhere)
        props = _remembered(state, name)
        try:
            same_cluster(context, props.get("cluster", ""))
            change = preview(layer, wanted, known_in(props))
            yield from _layer_rows(layer, change, required=required[name])
        except ClusterError as error:
            yield Row(Mark.FAILED, f"{NAMESPACE}/{name}", error.what, error.fix)


def _remembered(state: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    found = (
        resource.get("outputs") or {} for resource in state if str(resource.get("type")).endswith(_ZONES)
    )
    return next((props for props in found if props.get("name") == name), {})


def _layer_rows(layer: Layer, change: Change | None, *, required: bool) -> Iterator[Row]:
    if change is None:
        where = f"{layer.namespace}/{layer.name}"
        seen = "this cluster has no such layer"
        fix = "protobox-cd:dns.nodelocaldns says that it must be there" if required else ""
        yield Row(Mark.FAILED if required else Mark.OK, where, seen, fix)
        return
    where = f"{layer.namespace}/{change.config_map}"
    seen, refused = _loaded(layer, change)
    served = "; ".join(_served(change))
    words = "; ".join(filter(None, (served, seen)))
    if change.data:
        drift = f"not as declared, which is {served or 'nothing of this stack'}; now: {seen or 'nothing'}"
        fix = "`make preview` shows which lines, and the next `pulumi up` writes them"
        yield Row(Mark.FAILED, where, drift, fix)
    elif refused:
        yield Row(Mark.FAILED, where, words, "mend the line that it names, and run `pulumi up`")
    else:
        yield Row(Mark.OK, where, words)
    for warning in change.warnings:
        yield Row(Mark.WARNING, where, warning)


def _served(change: Change) -> Iterator[str]:
    """Yield who serves which zone, as the Corefiles will have it."""
    for key in change.after:
        ours, others = change.owned.get(key, ()), change.served_by_others.get(key, ())
        if ours:
            yield f"{key}: {', '.join(ours)}"
        if others:
            yield f"{key}: {', '.join(others)} is somebody else's, who serves it in the same way"
    for taken in change.taken:
        yield f"{taken.name} is no longer answered by {taken.source}"


def _loaded(layer: Layer, change: Change) -> tuple[str, bool]:
    """Return what the pods have loaded, in words, and whether one has refused it."""
    texts = {key: text for key, text in change.before.items() if text}
    found = loaded_now(layer.context, layer.namespace, change.config_map, texts) if texts else None
    if not isinstance(found, Followed):
        return f"what is loaded is not known: {found}" if found else "no pod reads it", False
    if found.refused:
        pod, words = found.refused
        return f"{pod} refuses what stands there: {printable(words)}", True
    rest = "".join(f"; {pod}: {why}" for pod, why in found.missing.items())
    frozen = f"; {', '.join(found.frozen)} mounts it by subPath, and never sees a change"
    return f"{found}{rest}{frozen if found.frozen else ''}", False


def _of_hosts(settings: Settings, uses: Mapping[str, Sequence[Use]]) -> Iterator[Row]:
    namespace = settings.argocd.namespace
    with Reader(settings.cluster.context) as reader:
        path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{REPO_SERVER}"
        found = reader.get(path)
    if found is None:
        yield Row(Mark.FAILED, REPO_SERVER, f"it is not in the namespace {namespace}", "run `pulumi up`")
        return
    aliases = found["spec"]["template"]["spec"].get("hostAliases") or []
    names = [name for alias in aliases for name in alias.get("hostnames") or ()]
    entries = "; ".join(f"{alias['ip']} {' '.join(alias.get('hostnames') or ())}" for alias in aliases)
    yield Row(Mark.OK, REPO_SERVER, f"hosts entries: {entries or 'none'}")
    for problem in uncovered(uses, [], names, settings.git.public_hosts, {}):
        yield Row(Mark.FAILED, REPO_SERVER, f"{problem.what}", "run `pulumi up`")


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
    if sso := settings.argocd.sso:
        provider = "GitLab" if sso.gitlab else "OpenID Connect"
        yield Row(Mark.OK, "log in", f"by single sign-on, with {provider}")
    password = admin_password(settings.argocd, settings.cluster.context)
    is_command = password.startswith("kubectl ")
    seen = "as admin, with the password that this prints:" if is_command else password
    yield Row(Mark.OK, "log in", seen, command=password if is_command else "")


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
