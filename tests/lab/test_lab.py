from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace, Node, Service
from lightkube.types import PatchType

from lab import site
from lab.dns.asking import NO_ANSWER, Answer
from lab.errors import LabError
from lab.lab import LAYERS, Lab
from lab.processes import wait_until

API_SERVER = "kubernetes.default.svc.cluster.local"
FOR_GIT = "\nprotobox:53 {\n    errors\n    cache 30\n    bind 169.254.25.10\n    forward . 192.168.1.7\n}\n"
FOUND = Answer("NOERROR", (site.SUPERVISOR,))
UNKNOWN = Answer("NXDOMAIN")


@contextlib.contextmanager
def appended(lab: Lab, layer: str, text: str) -> Iterator[None]:
    """Append to the layer's Corefile in the cluster, and put it back afterwards."""
    before = corefile(lab, layer)
    write(lab, layer, before + text)
    yield
    write(lab, layer, before)
    lab.wait_for_answer(layer, "git.protobox", rcode="NXDOMAIN")


def corefile(lab: Lab, layer: str) -> str:
    with lab.client() as client:
        data = client.get(ConfigMap, layer, namespace="kube-system").data
        return str((data or {})["Corefile"])


def write(lab: Lab, layer: str, text: str) -> None:
    with lab.client() as client:
        patch = {"data": {"Corefile": text}}
        client.patch(ConfigMap, layer, patch, namespace="kube-system", patch_type=PatchType.MERGE)


def wait_for_words(log: Path, before: str, words: str) -> None:
    """Wait until the log has `words` after the text that it had `before`."""
    if not wait_until(lambda: words in log.read_text().removeprefix(before), 15, pause=0.2):
        pytest.fail(f"{log} does not say {words!r}")


@pytest.mark.engine
class TestARunningLab:
    def test_the_cluster_has_the_objects_that_kubespray_makes(self, lab: Lab) -> None:
        assert "bind 169.254.25.10" in corefile(lab, "nodelocaldns")
        with lab.client() as client:
            spec = client.get(Service, "coredns", namespace="kube-system").spec
        assert spec
        assert spec.clusterIP == "10.233.0.3"

    def test_the_fake_node_becomes_ready(self, lab: Lab) -> None:
        with lab.client() as client:
            node = client.wait(Node, "lab", for_conditions=["Ready"])
        assert node.metadata
        assert node.metadata.name == "lab"

    @pytest.mark.parametrize("layer", ["coredns", "nodelocaldns"])
    def test_both_layers_know_the_clusters_own_names(self, lab: Lab, layer: str) -> None:
        assert lab.ask(layer, API_SERVER) == Answer("NOERROR", ("10.233.0.1",))
        assert lab.ask(layer, "coredns.kube-system.svc.cluster.local").addresses == ("10.233.0.3",)

    @pytest.mark.parametrize("owner", ["deployment/coredns", "daemonset/nodelocaldns"])
    def test_kubectl_shows_what_the_pods_of_a_layer_log(self, lab: Lab, owner: str) -> None:
        def shown() -> str:
            kubectl = [str(lab.programs.kubectl), "--namespace", "kube-system", "logs", owner]
            done = subprocess.run(kubectl, env=lab.environment(), capture_output=True, text=True, check=False)
            return done.stdout

        assert wait_until(lambda: "plugin/reload: Running configuration" in shown(), 15, pause=0.5)

    @pytest.mark.parametrize("layer", ["coredns", "nodelocaldns"])
    def test_neither_layer_knows_the_git_server(self, lab: Lab, layer: str) -> None:
        assert lab.ask(layer, "git.protobox") == UNKNOWN

    def test_the_supervisors_servers_know_it_each_by_its_own_name(self, lab: Lab) -> None:
        assert lab.ask("dnsmasq", "git.protobox") == FOUND
        assert lab.ask("consul", "git.service.consul") == FOUND
        assert lab.ask("dnsmasq", "nothing.protobox") == UNKNOWN
        assert lab.ask("dnsmasq", "git.service.consul") == UNKNOWN
        assert lab.ask("consul", "git.protobox").rcode == "REFUSED"

    def test_a_block_in_the_configmap_reaches_the_answers(self, lab: Lab) -> None:
        with appended(lab, "nodelocaldns", FOR_GIT):
            began = time.monotonic()
            assert lab.wait_for_answer("nodelocaldns", "git.protobox") == FOUND
            assert time.monotonic() - began < 15
            assert lab.ask("nodelocaldns", "nothing.protobox") == UNKNOWN
            assert lab.ask("coredns", "git.protobox") == UNKNOWN
        assert lab.wait_for_answer("nodelocaldns", "git.protobox", rcode="NXDOMAIN") == UNKNOWN

    def test_a_block_for_consul_rewrites_the_name(self, lab: Lab) -> None:
        block = FOR_GIT.replace("192.168.1.7", "192.168.1.7:8600").replace(
            "errors", "errors\n    rewrite name exact git.protobox git.service.consul"
        )
        with appended(lab, "nodelocaldns", block):
            assert lab.wait_for_answer("nodelocaldns", "git.protobox") == FOUND

    def test_a_broken_corefile_keeps_the_old_answers(self, lab: Lab) -> None:
        log = lab.directory / "logs" / "nodelocaldns.log"
        before = log.read_text()
        with appended(lab, "nodelocaldns", "protobox:53 { errors }\n"):
            wait_for_words(log, before, "Error during parsing")
            assert lab.ask("nodelocaldns", API_SERVER).rcode == "NOERROR"
            assert lab.ask("nodelocaldns", "git.protobox") == UNKNOWN

    def test_what_the_lab_cannot_translate_is_refused_by_coredns(self, lab: Lab) -> None:
        log = lab.directory / "logs" / "coredns.log"
        before = log.read_text()
        with appended(lab, "coredns", "other {\n    forward . git.example\n}\n"):
            wait_for_words(log, before, "refused-by-the-lab")
            assert lab.ask("coredns", API_SERVER).rcode == "NOERROR"

    def test_a_server_that_the_site_does_not_have_is_not_reached(self, lab: Lab) -> None:
        with appended(lab, "nodelocaldns", FOR_GIT.replace("192.168.1.7", "192.168.1.99")):
            assert lab.wait_for_answer("nodelocaldns", "git.protobox", rcode="SERVFAIL").addresses == ()

    def test_a_wrong_answer_is_told_with_the_right_one(self, lab: Lab) -> None:
        with pytest.raises(
            LabError, match=r"nodelocaldns still answers NXDOMAIN for git\.protobox, not NOERROR"
        ):
            lab.wait_for_answer("nodelocaldns", "git.protobox", seconds=0.5)

    def test_an_unknown_layer_is_told_with_the_known_ones(self, lab: Lab) -> None:
        with pytest.raises(
            LabError, match=r"no DNS server 'bind' in the lab; there are coredns, nodelocaldns"
        ):
            lab.ask("bind", "git.protobox")

    def test_everything_listens_on_loopback_only(self, lab: Lab) -> None:
        sockets = [
            connection
            for process in lab.processes()
            for connection in psutil.Process(process.pid).net_connections()
            if connection.status in {psutil.CONN_LISTEN, psutil.CONN_NONE}
        ]
        assert {server.laddr.port for server in sockets if server.laddr} >= {
            int(lab.address(layer).rpartition(":")[2]) for layer in LAYERS
        }
        assert {server.laddr.ip.partition(".")[0] for server in sockets if server.laddr} == {"127"}

    def test_starting_again_changes_nothing_and_is_quick(self, lab: Lab) -> None:
        before, said = lab.processes(), list[str]()
        began = time.monotonic()
        lab.start(said.append)
        assert time.monotonic() - began < 2
        assert said == ["The lab is running already."]
        assert lab.processes() == before


@pytest.mark.engine
def test_after_a_stop_nothing_runs_and_after_a_new_start_the_cluster_is_as_it_was(
    lab: Lab, tmp_path: Path
) -> None:
    other = Lab(tmp_path / "other")  # beside the one of the fixture
    other.start()
    try:
        address, started = other.address("nodelocaldns"), other.processes()
        with other.client() as client:
            client.create(Namespace(metadata=ObjectMeta(name="kept")))
        with appended(other, "nodelocaldns", FOR_GIT):
            other.stop()
            assert other.processes() == []
            assert not any(psutil.pid_exists(process.pid) for process in started)
            assert other.ask("nodelocaldns", API_SERVER, seconds=0.5).rcode == NO_ANSWER

            other.start()
            assert other.address("nodelocaldns") == address
            assert other.wait_for_answer("nodelocaldns", "git.protobox") == FOUND
            with other.client() as client:
                assert client.get(Namespace, "kept").metadata
    finally:
        other.clean()
    assert not other.directory.exists()
    assert lab.running()


@pytest.mark.engine
def test_a_lab_may_have_three_nodes(lab: Lab, tmp_path: Path) -> None:
    said = list[str]()
    large = Lab(tmp_path / "large", nodes=3)  # beside the one of the fixture, which has one
    large.start(said.append)
    try:
        with large.client() as client:
            names = sorted(str(node.metadata.name) for node in client.list(Node) if node.metadata)
            assert names == ["lab", "lab-2", "lab-3"]
            for name in names:
                client.wait(Node, name, for_conditions=["Ready"])
        assert "3 fake nodes" in said[0]
    finally:
        large.clean()


@pytest.mark.engine
def test_an_interrupted_start_leaves_nothing_running(lab: Lab, tmp_path: Path) -> None:
    def interrupt(sentence: str) -> None:
        if "DNS" in sentence:
            raise KeyboardInterrupt

    other = Lab(tmp_path / "other")
    with pytest.raises(KeyboardInterrupt):
        other.start(interrupt)
    assert other.processes() == []


def test_a_directory_with_other_files_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.tex"
    precious.write_text("…", encoding="utf-8")
    with pytest.raises(LabError, match="not the directory of a lab, so it is not deleted"):
        Lab(tmp_path).clean()
    Lab(tmp_path).stop()
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]
