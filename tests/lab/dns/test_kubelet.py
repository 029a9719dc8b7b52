from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest

from components.dns.proof.pod_log import digests
from lab import site
from lab.dns import kubelet
from lab.dns.kubelet import Pod, container_log
from lab.dns.network import dns_addresses, network_of
from lab.dns.translate import translate
from lab.endpoints import Endpoint
from lab.processes import Processes, wait_until

ENDPOINTS = {
    name: Endpoint(address, 20000 + number) for number, (name, address) in enumerate(dns_addresses().items())
}
NETWORK = network_of(site.COREDNS, ENDPOINTS, Path("/lab/kubeconfig"))
COREFILE = "p {\r\n    forward . 192.168.1.7\r\n}\r\n"


@pytest.fixture
def pod(tmp_path: Path) -> Pod:
    (tmp_path / "dns").mkdir()
    return Pod(site.COREDNS, NETWORK, Processes(tmp_path), tmp_path)


def test_the_mounted_file_is_the_translation_byte_for_byte(pod: Pod, tmp_path: Path) -> None:
    pod.mount(COREFILE)
    mounted = (tmp_path / "dns" / "coredns.Corefile").read_bytes()
    assert mounted == translate(COREFILE, NETWORK).encode()


def test_the_same_corefile_is_not_written_again(pod: Pod, tmp_path: Path) -> None:
    pod.mount(COREFILE)
    before = (tmp_path / "dns" / "coredns.Corefile").stat()
    pod.mount(COREFILE)
    assert (tmp_path / "dns" / "coredns.Corefile").stat().st_ino == before.st_ino
    pod.mount(COREFILE.replace("192.168.1.7", "192.168.1.8"))
    assert (tmp_path / "dns" / "coredns.Corefile").stat().st_ino != before.st_ino


def test_a_pod_without_a_corefile_is_not_started(pod: Pod, tmp_path: Path) -> None:
    pod.run(Path("/bin/true"))
    assert not (tmp_path / "processes.json").exists()


def test_a_pod_that_crashed_is_started_again_but_not_at_once(pod: Pod, tmp_path: Path) -> None:
    crashing = tmp_path / "coredns"
    crashing.write_text("#!/bin/sh\necho started\nexit 1\n", encoding="utf-8")
    crashing.chmod(0o755)
    log = tmp_path / "logs" / "coredns.log"
    pod.mount(COREFILE)
    pod.run(crashing)
    assert wait_until(lambda: log.read_text() == "started\n", 5)
    pod.run(crashing)
    assert log.read_text() == "started\n"

    def started_again() -> bool:
        pod.run(crashing)
        return log.read_text() == "started\nstarted\n"

    assert wait_until(started_again, 5)
    Processes(tmp_path).stop_all()


def test_a_coredns_whose_reload_waits_for_a_question_is_asked_one(
    pod: Pod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubelet, "_QUIET_RELOAD_SECONDS", 0.2)
    waiting = tmp_path / "coredns"
    waiting.write_text(
        f"#!{sys.executable}\nimport socket\n"
        "asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nasked.bind(('127.0.0.1', 0))\n"
        "print('[INFO] Reloading', flush=True)\n"
        "print(asked.recv(512)[-4:], flush=True)\nprint('Reloading complete', flush=True)\nasked.recv(512)\n",
        encoding="utf-8",
    )
    waiting.chmod(0o755)
    log = tmp_path / "logs" / "coredns.log"
    pod.mount(COREFILE)

    def has_ended() -> bool:
        pod.run(waiting)
        pod.keep_log()
        return "Reloading complete" in log.read_text()

    assert wait_until(has_ended, 10)
    assert log.read_text().splitlines()[1] == r"b'\x00\x01\x00\x01'"  # an A record, of the Internet
    Processes(tmp_path).stop_all()


def test_the_container_log_has_the_lines_of_this_run_only_each_with_its_time(tmp_path: Path) -> None:
    printed = tmp_path / "logs" / "coredns.log"
    for folder in ("dns", "logs"):
        (tmp_path / folder).mkdir()
    printed.write_text("of an earlier run\n", encoding="utf-8")
    pod = Pod(site.COREDNS, NETWORK, Processes(tmp_path), tmp_path)
    with printed.open("a", encoding="utf-8") as file:
        file.write("[INFO] Reloading\n\n[INFO] Reload")
        file.flush()
        pod.keep_log()
        file.write("ing complete\n")
    pod.keep_log()
    lines = container_log(tmp_path, site.COREDNS).read_text(encoding="utf-8").splitlines()
    assert [line.partition(" stdout F ")[2] for line in lines] == [
        "[INFO] Reloading",
        "",
        "[INFO] Reloading complete",
    ]
    moments = [datetime.fromisoformat(line.partition(" ")[0]) for line in lines]
    assert moments == sorted(moments)


def test_the_container_log_names_the_text_of_the_configmap_by_its_digest(pod: Pod, tmp_path: Path) -> None:
    pod.mount(COREFILE)
    pod.mount('p {\n    errors "never closed\n}\n')  # CoreDNS gets a text then that it refuses
    read, meant = (max(digests(text), key=len) for text in (translate(COREFILE, NETWORK), COREFILE))
    assert read != meant
    (tmp_path / "logs").mkdir(exist_ok=True)
    told = "[INFO] plugin/reload: Running configuration SHA512 ="
    (tmp_path / "logs" / "coredns.log").write_text(f"{told} {read}\n{told} 0af1\n", encoding="utf-8")
    pod.keep_log()
    lines = container_log(tmp_path, site.COREDNS).read_text(encoding="utf-8").splitlines()
    assert [line.partition(" stdout F ")[2] for line in lines] == [f"{told} {meant}", f"{told} 0af1"]
