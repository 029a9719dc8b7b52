"""What Kubespray is told to render does what ours does, and is left to it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components.dns.corefile import parse
from components.dns.distributions import kubespray_group_vars
from components.dns.plan import Surroundings
from components.dns.zones import ForwardedZone, HostsZone
from tests.dns.planning import COREDNS, planned


def rendered_by_kubespray(entry: dict[str, Any]) -> str:
    """Return the Corefile in the ConfigMap that Kubespray's template makes of one external zone.

    As `coredns-config.yml.j2` writes it: each value as it is given, in an indented block of text.
    """
    lines = [f"    {' '.join(entry['zones'])} {{", "        log", "        errors {", "        }"]
    lines += [f"        rewrite {rewrite}" for rewrite in entry.get("rewrite", ())]
    lines += [
        f"        forward . {' '.join(entry['nameservers'])}",
        f"        cache {entry['cache']}",
        "    }",
    ]
    return str(yaml.safe_load("\n".join(["data:", "  Corefile: |", *lines, ""]))["data"]["Corefile"])


@pytest.mark.parametrize("policy", ["", "sequential"])
@pytest.mark.parametrize(
    "rewrite", [(), (("git.protobox", "git.service.consul"), ("a.protobox", "b.consul"))]
)
def test_what_kubespray_is_told_to_render_is_what_ours_does_and_is_left_to_it(
    policy: str, rewrite: tuple[tuple[str, str], ...]
) -> None:
    zone = ForwardedZone("protobox", ("192.168.1.7:8600", "192.168.1.8:8600"), 30, rewrite, policy)
    variables = yaml.safe_load(yaml.safe_dump(kubespray_group_vars([zone])))
    assert list(variables) == ["coredns_external_zones", "nodelocaldns_external_zones"]
    (entry,) = variables["coredns_external_zones"]
    corefile = rendered_by_kubespray(entry)
    assert planned(corefile + COREDNS, [zone]).served_by_others == ("protobox:53",)
    (forward,) = parse(corefile).server_blocks[0].named("forward")
    assert forward.body == ((("policy", policy),) if policy else ())


def test_what_kubespray_is_told_of_hosts_entries_is_left_to_it() -> None:
    zone = HostsZone("git.protobox", ("192.168.1.7",))
    (entries,) = kubespray_group_vars([zone]).values()
    line = "    hosts /etc/coredns/hosts {\n      fallthrough\n    }\n"  # as its templates have it for `.`
    rendered = COREDNS.replace("    errors\n", f"    errors\n{line}")
    files = {"/etc/coredns/hosts": entries}
    assert planned(rendered, [zone], around=Surroundings(files)).served_by_others == ("git.protobox:53",)


def test_without_zones_kubespray_is_told_nothing() -> None:
    assert kubespray_group_vars([]) == {}
