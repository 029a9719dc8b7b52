from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from review.preflight.cluster import API, RELEASE, RIGHTS, VERSION, cluster_check
from review.preflight.rows import look_at
from tests.api_server import serving
from tests.review.preflight import servers
from tests.site import settings
from tools.command_line import Mark, Row


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Cluster]:
    """A cluster that answers, as the kube-context `test`."""
    cluster = servers.Cluster()
    with serving(cluster, tmp_path) as kubeconfig:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        yield cluster


def rows(purpose: str = "up", context: str = "test", **sections: Any) -> dict[str, Row]:
    stack = settings(cluster={"context": context}, **sections)
    return {row.what: row for row in look_at([cluster_check(stack, purpose)], 4)}


def only(*verbs: str) -> Callable[[dict[str, str]], bool]:
    return lambda right: right["verb"] in verbs


def test_a_cluster_that_answers_its_administrator_is_asked_for_one_right(live: servers.Cluster) -> None:
    assert {row.mark for row in rows().values()} == {Mark.OK}
    assert live.asked == [{"verb": "*", "group": "*", "resource": "*"}]


def test_a_user_who_may_only_read_may_preview_and_not_up(live: servers.Cluster) -> None:
    live.allowed = only("get", "list")
    assert rows("preview")[RIGHTS].mark is Mark.OK
    row = rows("up")[RIGHTS]
    assert row.mark is Mark.FAILED
    assert "patch configmaps coredns in kube-system" in row.seen.splitlines()
    assert "create, patch, delete, watch applications.argoproj.io in argocd" in row.seen.splitlines()
    assert "make rights STACK=… ARGS='--for up'" in row.fix
    assert "get" not in row.seen.splitlines()[1].split()
    assert "kubectl --context test auth can-i --list" in row.fix


def test_credentials_that_are_not_accepted_fail_once_and_skip_the_rest(live: servers.Cluster) -> None:
    live.refuse = 401
    found = rows()
    assert [found[what].mark for what in (API, RIGHTS, VERSION)] == [Mark.FAILED, Mark.SKIPPED, Mark.SKIPPED]
    assert "does not accept the credentials" in found[API].seen
    assert found[API].fix


def test_a_context_that_does_not_exist_is_told_with_those_that_do(live: servers.Cluster) -> None:
    assert "known are test" in rows(context="nowhere")[API].seen


@pytest.mark.parametrize(
    ("version", "mark", "told"),
    [
        ("v1.22.0", Mark.FAILED, "needs Kubernetes >=1.25.0-0"),
        ("v1.33.1", Mark.OK, "v1.33.1"),
    ],
)
def test_the_version_is_held_against_a_chart_on_this_machine(
    live: servers.Cluster, tmp_path: Path, version: str, mark: Mark, told: str
) -> None:
    (tmp_path / "Chart.yaml").write_text('name: argo-cd\nkubeVersion: ">=1.25.0-0"\n', encoding="utf-8")
    live.git_version = version
    row = rows(argocd={"chart": {"path": str(tmp_path)}})[VERSION]
    assert row.mark is mark
    assert told in row.seen


def test_an_offline_preview_asks_nothing(live: servers.Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    assert {row.mark for row in rows("preview").values()} == {Mark.SKIPPED}
    assert live.asked == []


def test_an_up_while_offline_is_told_beforehand(
    live: servers.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    row = rows("up")[API]
    assert row.mark is Mark.FAILED
    assert "`up` refuses" in row.seen


def test_a_right_that_cannot_be_asked_for_is_an_error_and_not_a_missing_right(live: servers.Cluster) -> None:
    def breaks(right: dict[str, str]) -> bool:
        live.refuse = 500
        return False

    live.allowed = breaks
    row = rows()[RIGHTS]
    assert row.mark is Mark.FAILED
    assert "answers 500" in row.seen


@pytest.mark.parametrize(
    ("status", "mark"),
    [("deployed", Mark.OK), ("failed", Mark.WARNING), ("pending-upgrade", Mark.FAILED)],
)
def test_a_release_in_the_middle_of_helms_work_is_told_with_the_command(
    live: servers.Cluster, status: str, mark: Mark
) -> None:
    assert rows()[RELEASE].seen == "none yet"
    for revision, of in ((1, "superseded"), (2, status)):
        live.records.append(
            {
                "metadata": {
                    "name": f"sh.helm.release.v1.argocd.v{revision}",
                    "creationTimestamp": "2026-11-28T23:39:32Z",
                    "labels": {"name": "argocd", "status": of, "version": str(revision)},
                }
            }
        )
    row = rows()[RELEASE]
    assert row.mark is mark
    assert f"{status}" in row.seen
    assert ("delete secret sh.helm.release.v1.argocd.v2" in row.fix) == (mark is Mark.FAILED)
