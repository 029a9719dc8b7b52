"""The check as it runs: it waits, it tells how it goes, and it ends with a verdict."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from components.dns.proof.__main__ import check, main
from components.dns.proof.pod import PodError, Result
from components.dns.proof.question import Host, Question
from components.dns.proof.verdict import Verdict
from tests.dns.proof.fake_pod import CLUSTER, FakePod

URL = "http://git.protobox/gitlab/protobox1/docserver.git"
HOST = Host("git.protobox", servers=("192.168.1.7:53",), repository=URL)
GETENT = "192.168.1.7 STREAM git.protobox\n"
ANSWERS = {"192.168.1.7:53": "NOERROR 192.168.1.7"}


def run(pod: FakePod, seconds: float = 0.0, *hosts: Host) -> tuple[list[Verdict], list[str]]:
    said: list[str] = []
    question = Question("lab", "argocd", hosts or (HOST,), seconds)
    return check(question, pod, lambda: ["10.233.0.3"], said.append), said


def test_what_resolves_and_can_be_read_is_said_and_is_no_failure() -> None:
    failures, said = run(FakePod(GETENT, answers=ANSWERS))
    assert failures == []
    assert said == [
        "git.protobox: 192.168.1.7 in argocd-repo-server, after 0 s",
        f"{URL}: Git can read it",
        f"{CLUSTER}: 10.233.0.1 in argocd-repo-server, after 0 s",
    ]


def test_a_private_repository_is_said_to_want_credentials() -> None:
    failures, said = run(
        FakePod(GETENT, answers=ANSWERS, git=Result(128, "", "fatal: Authentication failed"))
    )
    assert failures == []
    assert said[1] == f"{URL}: answers, and wants credentials, which only Argo CD has"


def test_a_name_is_given_time_to_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    pod = FakePod()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            pod.getent, pod.answers = GETENT, ANSWERS

    monkeypatch.setattr("components.dns.proof.__main__.time.sleep", wait)
    failures, _ = run(pod, 60)
    assert failures == []
    assert len(waits) == 3


def test_a_pod_that_is_not_there_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.dns.proof.__main__.time.sleep", lambda _: None)
    pod = FakePod(GETENT, answers=ANSWERS)
    pod.unreachable = 2
    assert run(pod, 60)[0] == []
    pod.unreachable = 1
    with pytest.raises(PodError, match="no pod yet"):
        run(pod)


def test_progress_is_told_with_what_is_still_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10000, 8))
    monkeypatch.setattr("components.dns.proof.__main__.time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("components.dns.proof.__main__.time.sleep", lambda _: None)
    failures, said = run(FakePod(), 100)
    assert [failure.layer for failure in failures] == ["forwarder"]
    *progress, _ = said
    assert progress
    assert all(
        "git.protobox: not yet after" in line and "192.168.1.7:53 does not answer" in line
        for line in progress
    )


def test_every_host_gets_its_own_verdict() -> None:
    pod = FakePod(answers={"192.168.1.7:53": "NXDOMAIN"})
    other = Host("registry.protobox", addresses=("192.168.1.9",))
    failures, _ = run(pod, 0.0, HOST, other)
    assert [failure.layer for failure in failures] == ["forwarder", "hosts file"]


def test_a_name_of_the_cluster_that_no_longer_resolves_is_a_failure_with_its_layer() -> None:
    pod = FakePod(GETENT, answers={**ANSWERS, "169.254.25.10:53": "NXDOMAIN"})
    pod.cluster = ""
    (failure,), _ = run(pod)
    assert failure.layer == "node-local cache"
    assert f"{CLUSTER} does not exist" in failure.what
    assert "pods find no Service of the cluster" in failure.what
    assert "protobox-cd:dns.zones" in failure.fix


def test_a_pod_that_does_not_know_the_clusters_domain_is_not_asked_for_it() -> None:
    pod = FakePod(GETENT, answers=ANSWERS)
    pod.cluster, pod.resolv_conf = "", "search firm.example\nnameserver 10.0.0.1\n"
    assert run(pod)[0] == []


KUBECTL = """\
#!{python}
import subprocess, sys
words = sys.argv[1:]
if "exec" not in words:
    print("10.233.0.3")
elif {broken}:
    print("Error from server (NotFound): deployments.apps not found", file=sys.stderr)
    sys.exit(1)
else:
    sys.exit(subprocess.run(words[words.index("--") + 1 :]).returncode)
"""


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubectl that runs the command here; `broken` makes it one that cannot."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path / "kubectl"


def main_with(kubectl: Path, monkeypatch: pytest.MonkeyPatch, host: Host, *, broken: bool = False) -> int:
    kubectl.write_text(KUBECTL.format(python=sys.executable, broken=broken), encoding="utf-8")
    kubectl.chmod(0o755)
    question = Question("lab", "argocd", (host,), 0.0)
    monkeypatch.setattr("sys.stdin", io.StringIO(question.to_json()))
    return main()


def test_the_command_ends_with_0_when_the_name_resolves(
    kubectl: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main_with(kubectl, monkeypatch, Host("localhost")) == 0
    assert "localhost: " in capsys.readouterr().out


def test_the_command_ends_with_1_and_the_layer_when_it_does_not(
    kubectl: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = Host("git.protobox.invalid", servers=("127.0.0.1:1",))
    assert main_with(kubectl, monkeypatch, nobody) == 1
    assert capsys.readouterr().err.startswith("error: forwarder: 127.0.0.1:1 has nobody who listens")


def test_a_pod_that_cannot_be_entered_is_a_sentence(
    kubectl: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main_with(kubectl, monkeypatch, Host("localhost"), broken=True) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "error: no command can be run in deployment/argocd-repo-server of the namespace argocd: "
    )
    assert "NotFound" in said


def test_a_machine_without_kubectl_is_told_so_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def waits(_seconds: float) -> None:
        pytest.fail("it waits for a kubectl")

    monkeypatch.setattr("time.sleep", waits)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO(Question("lab", "argocd", (HOST,), 60.0).to_json()))
    assert main() == 1
    assert "there is no kubectl on PATH" in capsys.readouterr().err


def test_something_else_on_standard_input_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hello"))
    assert main() == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_stack_that_wants_no_proof_is_told_how_to_want_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main() == 2
    assert "protobox-cd:dns.verify is false" in capsys.readouterr().err
