"""Clusters whose DNS an operator or a cloud owns: an edit would be undone, so the owner's way is told.

And what Kubespray itself is to render, so that its next run keeps the zones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from components.dns.corefile import Directive, ServerBlock, render
from components.dns.zones import AnyZone, ForwardedZone, HostsZone, forwarding, rewrite_words


@dataclass(frozen=True)
class Distribution:
    """One kind of cluster that is not edited, how to know it, and what to do there instead."""

    name: str
    namespace: str
    config_map: str
    """The ConfigMap that only this kind of cluster has, or whose `label` only it sets."""
    reason: str
    recipe: Callable[[Sequence[AnyZone]], str]
    """The zones → lines to paste, with the command or file they belong to."""
    label: tuple[str, str] | None = None
    """A label that the ConfigMap must carry; None where its name says enough."""

    def is_shown_by(self, labels: Mapping[str, str]) -> bool:
        """Tell whether a ConfigMap of that name with these labels is this distribution's."""
        return self.label is None or labels.get(self.label[0]) == self.label[1]


def _beyond_it(zones: Sequence[AnyZone]) -> str:
    """Return what to do where a cluster's DNS can do no more than forward; "" if that is all it has to do."""
    instead = "protobox-cd:dns.strategy: hostAliases gives them to Argo CD's pods"
    if any(isinstance(zone, HostsZone) for zone in zones):
        return f"  it takes no hosts entries: {instead}"
    if any(isinstance(zone, ForwardedZone) and zone.rewrite for zone in zones):
        return f"  it cannot ask for names under other names (dns.rewrite): {instead} as hosts entries"
    return ""


def _lines_of(zone: AnyZone) -> list[Directive]:
    """Return what stands in the server block for a zone; below a name of ours the node's servers answer."""
    if isinstance(zone, HostsZone):
        entries = [(address, zone.zone) for address in zone.addresses]
        hosts = Directive("hosts", body=(*entries, ("fallthrough",)))
        return [Directive("errors"), hosts, Directive("forward", (".", "/etc/resolv.conf"))]
    return [Directive("errors"), *forwarding(zone)]


def _openshift(zones: Sequence[AnyZone]) -> str:
    if instead := _beyond_it(zones):
        return instead
    servers = [
        {"name": zone.zone.replace(".", "-"), "zones": [zone.zone], "forwardPlugin": _forward_plugin(zone)}
        for zone in zones
        if isinstance(zone, ForwardedZone)
    ]
    how = "oc edit dns.operator/default, and add to what spec.servers has (a patch would take its place):"
    return _indented({"spec": {"servers": servers}}, how)


def _forward_plugin(zone: ForwardedZone) -> dict[str, Any]:
    """Return what OpenShift's operator makes of a zone; it writes a policy as RoundRobin."""
    policy = {"policy": zone.policy.title().replace("_", "")} if zone.policy else {}
    return {"upstreams": list(zone.servers), **policy}


def _rke2(zones: Sequence[AnyZone]) -> str:
    servers = [
        {"zones": [{"zone": zone.zone}], "port": 53, "plugins": [_plugin(line) for line in _lines_of(zone)]}
        for zone in zones
    ]
    manifest = {
        "apiVersion": "helm.cattle.io/v1",
        "kind": "HelmChartConfig",
        "metadata": {"name": "rke2-coredns", "namespace": "kube-system"},
        "spec": {"valuesContent": _yaml({"servers": servers})},
    }
    return _indented(
        manifest,
        "Helm takes this list in place of the chart's: write all that is there above it, or the cluster's",
        "own names are gone. It is shown by: helm -n kube-system get values --all rke2-coredns",
    )


def _plugin(line: Directive) -> dict[str, str]:
    """Return a line of a server block as the chart takes it."""
    block = "\n".join(map(" ".join, line.body))
    parts = {"name": line.name, "parameters": " ".join(line.args), "configBlock": block}
    return {key: text for key, text in parts.items() if text}


def _eks(zones: Sequence[AnyZone]) -> str:
    blocks = "\n".join(render(ServerBlock((f"{zone.zone}:53",), tuple(_lines_of(zone)))) for zone in zones)
    values = {"corefile": f"<the Corefile of now>\n{blocks}\n"}
    return _indented(
        values,
        "aws eks update-addon --cluster-name NAME --addon-name coredns --configuration-values file://FILE",
        "with this FILE; the configuration values that `aws eks describe-addon` shows belong into it, too:",
    )


def _gke(zones: Sequence[AnyZone]) -> str:
    if instead := _beyond_it(zones):
        return instead
    stubs = {zone.zone: list(zone.servers) for zone in zones}
    manifest: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "kube-dns", "namespace": "kube-system"},
        "data": {"stubDomains": json.dumps(stubs)},
    }
    how = "kubectl -n kube-system edit configmap kube-dns, and keep the zones that stubDomains has already:"
    return _indented(manifest, how)


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as such, so that a person can add to it."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, "|" if "\n" in text else None
    ),
)


def _yaml(data: Mapping[str, Any]) -> str:
    text: str = yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False)
    return text


def _indented(manifest: Mapping[str, Any], *how: str) -> str:
    """Return a manifest for somebody's hands, below what to do with it, as comments."""
    lines = [*(f"# {line}" for line in how), *_yaml(manifest).splitlines()]
    return "\n".join(f"  {line}" for line in lines)


INSTEAD_OF_COREDNS = (
    Distribution(
        "OpenShift",
        "openshift-dns",
        "dns-default",
        "its DNS operator undoes every edit of the Corefile at once",
        _openshift,
    ),
    Distribution(
        "RKE2",
        "kube-system",
        "rke2-coredns-rke2-coredns",
        "its Helm controller renders the Corefile again",
        _rke2,
    ),
    Distribution(
        "GKE",
        "kube-system",
        "kube-dns",
        "it runs kube-dns, which has no Corefile",
        _gke,
    ),
)
"""Looked for where there is no ConfigMap kube-system/coredns."""

EKS = Distribution(
    "the EKS add-on",
    "kube-system",
    "coredns",
    "an update of the add-on overwrites the Corefile",
    _eks,
    ("eks.amazonaws.com/component", "coredns"),
)
"""Known by the label that EKS puts on its own ConfigMap."""


def kubespray_group_vars(zones: Sequence[AnyZone]) -> dict[str, Any]:
    """Return the variables that make Kubespray itself render the same zones.

    Without them its next run overwrites both ConfigMaps (the next `up` repairs that).
    Source: Kubespray docs/advanced/dns-stack.md.
    """
    entries = [
        {"zones": [zone.zone], "nameservers": _with_policy(zone), "cache": zone.cache_seconds}
        | ({"rewrite": [_kubespray_rewrite(*pair) for pair in zone.rewrite]} if zone.rewrite else {})
        for zone in zones
        if isinstance(zone, ForwardedZone)
    ]
    # A file for the plugin `hosts` in its blocks for `.` and for external zones, of both layers.
    lines = [
        f"{address} {zone.zone}\n"
        for zone in zones
        if isinstance(zone, HostsZone)
        for address in zone.addresses
    ]
    return (
        {"coredns_external_zones": entries, "nodelocaldns_external_zones": entries} if entries else {}
    ) | ({"dns_etchosts": "".join(lines)} if lines else {})


# Kubespray's template writes each rewrite, and the name servers one after the other, as they are given into
# an indented text block; lines of their own keep what it has no variable for, if they are indented deeper.
_DEEPER = " " * 12


def _with_policy(zone: ForwardedZone) -> list[str]:
    if not zone.policy:
        return list(zone.servers)
    *others, last = zone.servers
    return [*others, f"{last} {{\n{_DEEPER}policy {zone.policy}\n{_DEEPER}}}"]


def _kubespray_rewrite(name: str, target: str) -> str:
    lines = (" ".join(words) for words in rewrite_words(name, target))
    return "\n".join(["stop {", *(_DEEPER + line for line in (*lines, "}"))])
