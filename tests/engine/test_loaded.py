"""A new Corefile is followed into each pod by its log; one that CoreDNS refuses goes back at once."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from lab.engine import stack_environment
from lab.errors import LabError
from lab.processes import wait_until
from tests.engine import dns_program
from tests.engine.gate import Gate
from tests.engine.site import LAYERS, ROOT, Site

pytestmark = pytest.mark.engine

API_SERVER = "kubernetes.default.svc.cluster.local"
REFUSED = "\nother:53 {\n    bind 169.254.25.10\n    cache 30\n    cache 60\n}\n"
"""Loads with nobody: CoreDNS takes one `cache` in a block. Our parser leaves plugins to CoreDNS."""
RIGHTS = ROOT / "examples" / "dns-rights.yaml"


@pytest.fixture
def site(site: Site, tmp_path: Path) -> Site:
    """The site with the DNS part of the program only."""
    shutil.copy(str(dns_program.__file__), tmp_path / "__main__.py")
    return site


@contextmanager
def answering_throughout(site: Site) -> Iterator[None]:
    """Ask both layers again and again for a name of the cluster; each answer has to be right."""
    over, wrong = threading.Event(), list[str]()

    def ask() -> None:
        while not over.wait(0.1):
            for layer in LAYERS:
                answer = site.lab.ask(layer, API_SERVER)
                if answer.addresses != ("10.233.0.1",):
                    wrong.append(f"{layer}: {answer}")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()
    assert wrong == []


def write_refused(site: Site, text: str) -> None:
    """Write a Corefile that CoreDNS refuses; return when what it says of that counts for no later write.

    The API server's clock shows whole seconds, so that lines of up to two seconds before a write are read.
    """
    log = site.lab.directory / "logs" / "nodelocaldns.log"
    seen = log.stat().st_size
    site.write_corefile("nodelocaldns", text)
    assert wait_until(lambda: b"reload failed" in log.read_bytes()[seen:], 30)
    time.sleep(2.5)


def test_up_and_destroy_end_when_every_pod_has_loaded_the_new_text(site: Site) -> None:
    for said in (site.up(), site.destroy()):
        assert "kube-system/coredns: loaded by 2 of 2 pods after" in said
        assert "kube-system/nodelocaldns: loaded by 1 of 1 pods after" in said


def test_what_coredns_refuses_is_taken_back_and_dns_answers_throughout(
    site: Site, originals: dict[str, str]
) -> None:
    theirs = originals["nodelocaldns"] + REFUSED
    write_refused(site, theirs)
    with answering_throughout(site), pytest.raises(LabError) as failed:
        site.up()
    said = " ".join(str(failed.value).split())
    assert "this plugin can only be used once per Server Block" in said
    assert "the earlier text is back" in said
    assert "Traceback" not in said
    assert site.corefile("nodelocaldns") == theirs
    assert site.mend("nodelocaldns", originals["nodelocaldns"])
    site.up()
    site.resolves()


def test_a_cut_that_coredns_refuses_is_taken_back_with_advice_that_works(
    deployed: Site, originals: dict[str, str]
) -> None:
    written = deployed.corefile("nodelocaldns")
    write_refused(deployed, written + REFUSED)
    with answering_throughout(deployed), pytest.raises(LabError) as failed:
        deployed.destroy()
    assert "the earlier text is back" in " ".join(str(failed.value).split())
    assert deployed.corefile("nodelocaldns") == written + REFUSED
    assert deployed.mend("nodelocaldns", written)
    deployed.destroy()
    assert deployed.corefiles() == originals


def test_a_broken_corefile_stops_destroy_and_the_stack_can_let_go_of_it(deployed: Site) -> None:
    broken = deployed.corefile("nodelocaldns") + "broken {\n"
    deployed.write_corefile("nodelocaldns", broken)
    with pytest.raises(LabError) as failed:
        deployed.destroy()
    told = re.search(r"pulumi state delete --yes '(urn:\S+)'", str(failed.value))
    assert told, failed.value
    deployed.engine.run("state", "delete", "--yes", told[1])
    deployed.destroy()
    assert deployed.engine.resources() == []
    assert deployed.corefile("nodelocaldns") == broken


def test_what_somebody_has_written_meanwhile_is_not_touched(
    site: Site, originals: dict[str, str], gate: Gate
) -> None:
    write_refused(site, originals["nodelocaldns"] + REFUSED)
    theirs = ""

    def colleague(layer: str) -> None:
        nonlocal theirs
        if layer == "nodelocaldns" and not theirs:
            theirs = f"# looked at by a colleague\n{site.corefile(layer)}"
            site.write_corefile(layer, theirs)

    gate.after = colleague
    with gate.up(site.lab) as up:
        printed, _ = up.communicate(timeout=600)
    assert up.returncode
    assert "somebody else has written the ConfigMap meanwhile" in " ".join(printed.split())
    assert site.corefile("nodelocaldns") == theirs
    assert site.mend("nodelocaldns", theirs.replace(REFUSED, ""))


@pytest.mark.parametrize("may_read_logs", [True, False])
def test_who_may_not_read_logs_is_warned_and_the_text_stays(
    site: Site, tmp_path: Path, *, may_read_logs: bool
) -> None:
    with with_rights(site, tmp_path, may_read_logs=may_read_logs) as kubeconfig:
        done = subprocess.run(
            [site.lab.programs.pulumi, "up", "--yes", "--skip-preview", "--non-interactive", "--color=never"],
            cwd=tmp_path,
            env=stack_environment(site.lab) | {"KUBECONFIG": str(kubeconfig)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert ("kube-system/coredns: loaded by 2 of 2 pods" in done.stdout) == may_read_logs
    warning = "kube-system/coredns: warning: written, but whether CoreDNS has loaded it is not known"
    assert (warning in done.stdout) != may_read_logs
    assert ('cannot get resource "pods/log"' in done.stdout) != may_read_logs
    site.resolves()


@contextmanager
def with_rights(site: Site, folder: Path, *, may_read_logs: bool) -> Iterator[Path]:
    """Yield a kubeconfig of a user with the rights of `examples/dns-rights.yaml`, with or without logs."""
    objects = list(yaml.safe_load_all(RIGHTS.read_text(encoding="utf-8")))
    for role in objects:
        if role["kind"] == "Role" and not may_read_logs:
            role["rules"] = [rule for rule in role["rules"] if rule["resources"] != ["pods/log"]]
    listed, here = yaml.safe_dump_all(objects), ("--namespace", "kube-system")
    site.kubectl("apply", *here, "--filename", "-", given=listed)
    config = yaml.safe_load(site.lab.kubeconfig.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": site.kubectl("create", "token", *here, "protobox-dns").strip()}
    kubeconfig = folder / "dns-kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")
    try:
        yield kubeconfig
    finally:
        site.kubectl("delete", *here, "--filename", "-", given=listed)
