"""The closing report of `make up`, from the stack's state."""

from __future__ import annotations

import io

from rich.console import Console

from lab.dns.asking import Answer
from lab.report import APPLICATION, COREFILE_ZONES, RELEASE, edited, show_report

ZONES = {
    "type": COREFILE_ZONES,
    "outputs": {
        "namespace": "kube-system",
        "name": "coredns",
        "present": True,
        "owned": {"Corefile": ["protobox:53"]},
        "left": {"Corefile": ["lab:53"]},
    },
}
ABSENT = {
    "type": COREFILE_ZONES,
    "outputs": {
        "namespace": "kube-system",
        "name": "nodelocaldns",
        "present": False,
        "owned": {},
        "left": {},
    },
}
ALIASES = {"global": {"hostAliases": [{"ip": "192.168.1.7", "hostnames": ["git.protobox", "a"]}]}}
SOURCE = {"repoURL": "http://git.protobox/a.git", "targetRevision": "CD", "path": "deploy"}


def test_edited_are_the_server_blocks_and_the_hosts_entries() -> None:
    assert edited(ZONES) == [
        ("kube-system/coredns", "Corefile: + protobox:53"),
        ("kube-system/coredns", "Corefile: lab:53 was there already"),
    ]
    assert edited(ABSENT) == [("kube-system/nodelocaldns", "not in this cluster, nothing to do")]
    release = {"type": RELEASE, "inputs": {"name": "argocd"}, "outputs": {"values": ALIASES}}
    assert edited(release) == [("Release argocd", "hosts entry 192.168.1.7 git.protobox a")]
    assert edited({"type": "pulumi:pulumi:Stack"}) == []


def test_the_report_tells_before_after_what_was_edited_and_what_to_try() -> None:
    text = io.StringIO()
    application = {
        "type": APPLICATION,
        "inputs": {"metadata": {"name": "argo-a"}, "spec": {"source": SOURCE}},
    }
    answers = {"nodelocaldns": (Answer("NXDOMAIN"), Answer("NOERROR", ("192.168.1.7",)))}
    console = Console(file=text, width=110)
    show_report(console, answers, [ZONES, application], [("pulumi preview", "what would change")])
    lines = [" ".join(line.strip("│ \n").split()) for line in text.getvalue().splitlines()]
    assert "nodelocaldns NXDOMAIN NOERROR 192.168.1.7" in lines
    assert "kube-system/coredns Corefile: + protobox:53" in lines
    assert "argo-a http://git.protobox/a.git CD deploy" in lines
    assert any("the lab plays no Argo CD" in line for line in lines)
    assert "pulumi preview what would change" in lines
