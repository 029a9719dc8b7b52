"""The dynamic provider, called as the engine calls it, on a scripted Kubernetes API."""

from __future__ import annotations

import traceback
from typing import Any

import dill
import httpx2
import pytest
from lightkube import KubeConfig

from components.cluster import api as cluster
from components.cluster import kubeconfig
from components.cluster.errors import ClusterError
from components.dns import configmaps
from components.dns.provider import CorefileZonesProvider
from tests.api_server import ApiServer
from tests.dns.planning import COREDNS, NODELOCALDNS

PROPS: dict[str, Any] = {
    "context": "test",
    "namespace": "kube-system",
    "name": "coredns",
    "stack": "dev",
    "required": True,
    "zones": [{"zone": "protobox", "servers": ["192.168.1.7"], "cacheSeconds": 30.0, "rewrite": {}}],
}
PROVIDER = CorefileZonesProvider()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configmaps, "sleep", lambda seconds: None)
    monkeypatch.setattr(cluster, "_TIMEOUT", httpx2.Timeout(0.3))


def checked(olds: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Return the inputs that `check` makes of the properties; it must not fail."""
    result = PROVIDER.check(olds or {}, {**PROPS, **changed})
    assert result.failures == []
    return result.inputs


def failure(**changed: Any) -> str:
    (told,) = PROVIDER.check({}, {**PROPS, **changed}).failures
    return told.reason


def up(olds: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """Do what one `pulumi up` does, and return what the state holds afterwards."""
    inputs = checked(olds, **changed)
    if olds is None:
        return dict(PROVIDER.create(inputs).outs or {})
    if PROVIDER.diff("id", olds, inputs).changes:
        return dict(PROVIDER.update("id", olds, inputs).outs or {})
    return {**olds, **inputs}


def test_a_preview_shows_the_lines_that_will_be_added_and_writes_nothing(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    ((title, lines),) = checked()["edits"].items()
    assert title == "kube-system/coredns Corefile at resourceVersion 1"
    assert [line for line in lines if line.startswith(("+", "-"))] == [
        "+",
        "+# protobox-cd, stack dev: the next pulumi up undoes changes to this block",
        "+protobox:53 {",
        "+    errors",
        "+    cache 30",
        "+    forward . 192.168.1.7",
        "+}",
    ]
    assert api.writes == []


def test_a_preview_says_its_warnings(api: ApiServer, capsys: pytest.CaptureFixture[str]) -> None:
    longer = "lab.protobox {\n    forward . 10.0.0.5\n}\n"
    api.config_maps["coredns"] = {"Corefile": COREDNS + longer}
    assert checked()["warnings"] == [
        "protobox: the names below lab.protobox stay with the server block for lab.protobox:53 (line 8)"
    ]
    assert (
        "ConfigMap kube-system/coredns: warning: protobox: the names below lab.protobox"
        in capsys.readouterr().out
    )


def test_up_writes_under_the_version_it_has_read_and_a_second_up_has_nothing_to_do(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS, "Corefile-backup": "untouched"}
    state = up()
    assert state["owned"] == {"Corefile": ["protobox:53"]}
    assert state["original"] == {"Corefile": COREDNS}
    (write,) = api.writes
    assert write["metadata"] == {"resourceVersion": "1"}
    assert list(write["data"]) == ["Corefile"]
    again = checked(state)
    assert again["edits"] == {}
    assert not PROVIDER.diff("id", state, again).changes


def test_a_name_from_hosts_entries_is_written_and_read_back_from_the_state(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    git = {"zone": "git.protobox", "addresses": ["192.168.1.7"], "cacheSeconds": 30.0}
    state = up(zones=[git])
    assert "        192.168.1.7 git.protobox\n        fallthrough\n" in api.config_maps["coredns"]["Corefile"]
    assert checked(state, zones=[git])["edits"] == {}
    state = up(state)  # to a zone that is forwarded
    assert "/dev/null" not in api.config_maps["coredns"]["Corefile"]
    PROVIDER.delete("id", state)
    assert api.config_maps["coredns"]["Corefile"] == COREDNS


def test_without_the_cluster_another_address_shows_as_one_line(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    git = {"zone": "git.protobox", "addresses": ["192.168.1.7"], "cacheSeconds": 30.0}
    state = up(zones=[git])
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    shown = checked(state, zones=[{**git, "addresses": ["192.168.1.8"]}])["edits"]
    (lines,) = (lines for title, lines in shown.items() if "not read" in title)
    assert [line for line in lines if line[0] in "+-"] == [
        "-        192.168.1.7 git.protobox",
        "+        192.168.1.8 git.protobox",
    ]
    assert "     forward . /etc/resolv.conf {" in lines


def test_a_removed_block_shows_in_preview_and_is_put_back_by_the_next_up(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    api.config_maps["coredns"]["Corefile"] = COREDNS
    drifted = checked(state)
    assert PROVIDER.diff("id", state, drifted).changes
    assert any("+protobox:53 {" in lines for lines in list(drifted["edits"].values())[1:])
    up(state)
    assert "protobox:53 {" in api.config_maps["coredns"]["Corefile"]


def test_an_edited_block_is_restored_and_foreign_edits_stay(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    written = api.config_maps["coredns"]["Corefile"]
    edited = written.replace("192.168.1.7", "10.9.9.9").replace("cache 30\n}\n", "cache 5\n}\n", 1)
    api.config_maps["coredns"]["Corefile"] = edited
    state = up(state)
    assert api.config_maps["coredns"]["Corefile"] == edited.replace("10.9.9.9", "192.168.1.7")
    PROVIDER.delete("id", state)
    assert api.config_maps["coredns"]["Corefile"] == COREDNS.replace("cache 30\n}\n", "cache 5\n}\n")


def test_destroy_gives_back_the_very_bytes(api: ApiServer) -> None:
    api.config_maps["nodelocaldns"] = {"Corefile": NODELOCALDNS, "Corefile-second": NODELOCALDNS.rstrip()}
    state = up(name="nodelocaldns")
    assert state["owned"] == {"Corefile": ["protobox:53"], "Corefile-second": ["protobox:53"]}
    PROVIDER.delete("id", state)
    assert api.config_maps["nodelocaldns"] == {
        "Corefile": NODELOCALDNS,
        "Corefile-second": NODELOCALDNS.rstrip(),
    }


def test_a_block_that_was_there_before_us_is_left_and_survives_destroy(api: ApiServer) -> None:
    by_hand = COREDNS + "protobox {\n    errors\n    forward . 192.168.1.7:53\n}\n"
    api.config_maps["coredns"] = {"Corefile": by_hand}
    state = up()
    assert (state["owned"], state["left"]) == ({}, {"Corefile": ["protobox:53"]})
    PROVIDER.delete("id", state)
    assert api.config_maps["coredns"]["Corefile"] == by_hand
    assert api.writes == []


def test_a_concurrent_writer_costs_retries_and_loses_nothing(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    api.conflicts = 3
    up()
    assert len(api.writes) == 1
    assert api.config_maps["coredns"]["Corefile"].startswith(COREDNS)


def test_a_configmap_that_changes_at_every_read_is_given_up_with_a_sentence(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    inputs = checked()
    api.conflicts = 1000
    with pytest.raises(ClusterError, match="changed by somebody else") as caught:
        PROVIDER.create(inputs)
    assert "Traceback" not in "".join(traceback.format_exception(caught.value))
    assert api.config_maps["coredns"]["Corefile"] == COREDNS
    api.conflicts = 0
    assert PROVIDER.create(checked()).outs is not None


def test_a_missing_node_local_cache_is_fine_unless_it_is_required(api: ApiServer) -> None:
    state = up(name="nodelocaldns", required=False)
    assert state["present"] is False
    told = failure(name="nodelocaldns")
    assert "kube-system/nodelocaldns does not exist" in told
    assert "why:" in told
    assert "fix:" in told


def test_a_node_local_cache_that_appears_later_is_edited_by_the_next_up(api: ApiServer) -> None:
    state = up(name="nodelocaldns", required=False)
    api.config_maps["nodelocaldns"] = {"Corefile": NODELOCALDNS}
    state = up(state, name="nodelocaldns", required=False)
    assert state["present"] is True
    assert state["original"] == {"Corefile": NODELOCALDNS}
    assert "protobox:53 {" in api.config_maps["nodelocaldns"]["Corefile"]


@pytest.mark.parametrize("text", ["", "  \n", "not braced\n", ".:53 {\n    errors\n", '.:53 {\n  log "\n}\n'])
def test_a_corefile_that_cannot_be_edited_stops_the_preview(api: ApiServer, text: str) -> None:
    api.config_maps["coredns"] = {"Corefile": text}
    told = failure()
    assert "ConfigMap kube-system/coredns" in told
    assert "fix:" in told
    assert api.writes == []


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "credentials"), (403, "give this user"), (500, "answers 500"), (503, "answers 503")],
)
def test_an_api_that_refuses_is_told(
    api: ApiServer, status: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    api.refuse = status
    assert told.lower() in " ".join(failure().split()).lower()


def test_an_api_that_is_busy_for_a_moment_is_asked_again_for_reads_and_for_writes(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    api.busy = [429, 503]
    inputs = checked()
    api.busy = [503, 429]
    PROVIDER.create(inputs)
    assert api.busy == []
    assert "protobox:53 {" in api.config_maps["coredns"]["Corefile"]


def test_an_api_that_hangs_is_given_up(api: ApiServer) -> None:
    api.delay = 1.0
    assert "does not answer within" in failure()


def test_an_api_that_is_away_is_told(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfig, "_read", _moved_to_a_closed_port)
    assert "cannot be reached" in failure()


def _moved_to_a_closed_port(path: object) -> Any:
    return KubeConfig.from_dict(
        {
            "clusters": [{"name": "test", "cluster": {"server": "http://127.0.0.1:1"}}],
            "users": [{"name": "test", "user": {"token": "x"}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }
    )


def test_a_context_that_does_not_exist_is_told_with_those_that_do(api: ApiServer) -> None:
    told = failure(context="kubernetes-admin@cluster.local")
    assert "'kubernetes-admin@cluster.local' does not exist" in told
    assert "known are test" in " ".join(told.split())


BROKEN = "\nbroken {\n"


def test_a_broken_corefile_with_our_block_stops_destroy_with_two_ways_that_work(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    api.config_maps["coredns"]["Corefile"] += BROKEN
    with pytest.raises(ClusterError) as told:
        PROVIDER.delete("id", state)
    assert "this brace is never closed" in told.value.what
    assert "kubectl --context test -n kube-system edit configmap coredns" in told.value.fix
    assert "cut the block for protobox" in told.value.fix
    urn = "protobox-cd:dns:ClusterDNS$pulumi-python:dynamic/coredns:CorefileZones::coredns"
    assert f"\n pulumi state delete --yes 'urn:pulumi:dev::protobox-cd::{urn}'" in told.value.fix
    assert "hostAliases" not in told.value.fix


def test_another_strategy_is_no_way_out_once_our_block_is_in_the_corefile(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS + BROKEN}
    assert "hostAliases" in failure()
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    api.config_maps["coredns"]["Corefile"] += BROKEN
    (told,) = PROVIDER.check(state, PROPS).failures
    assert "mend the Corefile" in told.reason
    assert "hostAliases" not in told.reason


@pytest.mark.parametrize("text", [BROKEN, "", " \n"])
def test_destroy_passes_over_a_broken_corefile_that_has_nothing_of_ours(api: ApiServer, text: str) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    api.config_maps["coredns"]["Corefile"] = text
    writes = len(api.writes)
    PROVIDER.delete("id", state)
    assert api.config_maps["coredns"]["Corefile"] == text
    assert len(api.writes) == writes


def test_the_provider_is_pickled_by_reference_so_that_the_state_stays_small() -> None:
    assert len(dill.dumps(PROVIDER, recurse=True)) < 100


def test_only_another_configmap_is_a_replacement(api: ApiServer) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    zones = [{**PROPS["zones"][0], "servers": ["192.168.1.8"]}]
    assert PROVIDER.diff("id", state, checked(state, zones=zones)).replaces == []
    moved = {**checked(state), "name": "other"}
    assert PROVIDER.diff("id", state, moved).replaces == ["name"]


@pytest.fixture
def offline(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> ApiServer:
    """The API, which must not be asked: it answers nothing but errors."""
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    api.refuse = 500
    return api


def test_offline_a_layer_is_shown_with_the_block_that_will_be_written(offline: ApiServer) -> None:
    ((title, lines),) = checked()["edits"].items()
    assert title == "kube-system/coredns Corefile, not read since PROTOBOX_OFFLINE is set"
    assert "+protobox:53 {" in lines


def test_offline_a_layer_as_the_state_has_it_has_no_changes(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.config_maps["coredns"] = {"Corefile": COREDNS}
    state = up()
    monkeypatch.setenv("PROTOBOX_OFFLINE", "1")
    api.refuse = 500
    inputs = checked(state)
    assert not PROVIDER.diff("id", state, inputs).changes
    assert (inputs["owned"], inputs["present"]) == ({"Corefile": ["protobox:53"]}, True)


def test_offline_nothing_is_written_and_nothing_is_taken_out(offline: ApiServer) -> None:
    for act in (
        lambda: PROVIDER.create(PROPS),
        lambda: PROVIDER.update("id", PROPS, PROPS),
        lambda: PROVIDER.delete("id", PROPS),
    ):
        with pytest.raises(ClusterError, match="PROTOBOX_OFFLINE is set"):
            act()
    assert offline.writes == []


def test_an_offline_variable_that_says_neither_yes_nor_no_is_told(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROTOBOX_OFFLINE", "maybe")
    assert "PROTOBOX_OFFLINE is 'maybe'" in failure()
