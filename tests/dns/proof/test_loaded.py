"""What becomes of a write: loaded, taken back, or a warning, on a scripted Kubernetes API."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from components.cluster.errors import ClusterError
from components.dns.change import Change
from components.dns.configmaps import ConfigMaps, version_of
from components.dns.proof import following, loaded
from components.dns.proof.loaded import write_and_follow
from tests.api_server import ApiServer
from tests.dns.proof.dns_pod import REFUSED, RELOADED, WORDS, loads, logged, pod

BEFORE = ".:53 {\n    errors\n    reload\n}\n"
AFTER = f"{BEFORE}\nprotobox:53 {{\n    forward . 192.168.1.7\n}}\n"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(following, "_SECONDS_BETWEEN_TRIES", 0.02)


def write(api: ApiServer, before: str = BEFORE, after: str = AFTER, config_map: str = "coredns") -> list[str]:
    """Write the text, and return what was said on the way, without the seconds that it took."""
    api.config_maps[config_map] = {"Corefile": before}
    maps, said = ConfigMaps("test", "kube-system"), list[str]()

    def plan() -> Change | None:
        live = maps.get(config_map)
        version = version_of(live) if live else ""
        return Change(config_map, {"Corefile": before}, {"Corefile": after}, version=version)

    write_and_follow(maps, plan, said.append)
    return [re.sub(r" after \d+ s", "", line) for line in said]


def with_logs(api: ApiServer, *logs: tuple[str, ...]) -> None:
    """Give the API one pod for each log."""
    names = [f"coredns-{number}" for number, _ in enumerate(logs)]
    api.pods = [pod(name) for name in names]
    api.logs = {name: logged(*log) for name, log in zip(names, logs, strict=True)}


def test_it_ends_when_all_pods_have_loaded_the_text(api: ApiServer) -> None:
    with_logs(api, RELOADED, RELOADED, RELOADED)
    assert write(api) == ["kube-system/coredns: loaded by 3 of 3 pods"]


def test_nothing_is_followed_where_nothing_was_written(api: ApiServer) -> None:
    with_logs(api, ())
    assert write(api, BEFORE, BEFORE) == []


def test_a_change_that_coredns_does_not_see_is_not_waited_for(api: ApiServer) -> None:
    with_logs(api, ())
    assert write(api, BEFORE, f"{BEFORE}# a comment\n") == []
    assert api.config_maps["coredns"]["Corefile"].endswith("# a comment\n")


def test_progress_is_said_with_who_is_waited_for(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "SECONDS_BETWEEN_LINES", 0.1)
    with_logs(api, RELOADED, ())
    late = threading.Timer(0.4, lambda: api.logs.update({"coredns-1": logged(*RELOADED)}))
    late.start()
    *progress, end = write(api)
    late.join()
    assert progress
    assert all(line.startswith("kube-system/coredns: loaded by ") for line in progress)
    assert all(line.endswith("coredns-1") and " of 2 pods, not yet by " in line for line in progress)
    assert end == "kube-system/coredns: loaded by 2 of 2 pods"


def test_a_refusal_takes_the_earlier_text_back_and_is_told_in_coredns_words(api: ApiServer) -> None:
    with_logs(api, RELOADED, REFUSED)
    with pytest.raises(ClusterError) as told:
        write(api)
    assert told.value.what.startswith("ConfigMap kube-system/coredns: CoreDNS in the pod coredns-1 refuses ")
    assert told.value.what.endswith(f"{WORDS}; the earlier text is back")
    assert api.config_maps["coredns"] == {"Corefile": BEFORE}
    assert [write["metadata"]["resourceVersion"] for write in api.writes] == ["1", "2"]


def test_a_refusal_of_what_was_mended_just_before_is_not_ours(api: ApiServer) -> None:
    # The API server's clock shows whole seconds, so that lines of up to two seconds before a write are read.
    with_logs(api, (*REFUSED, "[INFO] Reloading", *loads(BEFORE)))
    late = threading.Timer(
        0.4, lambda: api.logs["coredns-0"].extend(logged("[INFO] Reloading", *loads(AFTER)))
    )
    late.start()
    told = write(api)
    late.join()
    assert told == ["kube-system/coredns: loaded by 1 of 1 pods"]


def test_a_line_that_coredns_names_is_shown(api: ApiServer) -> None:
    line = "/etc/coredns/Corefile:7 - Error during parsing: Unknown directive 'forward'"
    with_logs(api, (f"[ERROR] Restart failed: {line}",))
    with pytest.raises(ClusterError) as told:
        write(api)
    assert "Unknown directive 'forward' (line 7: `forward . 192.168.1.7`)" in told.value.what


def test_what_others_have_written_since_is_not_touched(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_logs(api, REFUSED)
    theirs = f"# theirs\n{AFTER}"

    def answer(name: str) -> Any:
        api.config_maps["coredns"]["Corefile"] = theirs
        api.version += 1
        return about_pods(name)

    about_pods = api.answer_about_pods
    monkeypatch.setattr(api, "answer_about_pods", answer)
    with pytest.raises(ClusterError) as told:
        write(api)
    assert told.value.what.endswith("since somebody else has written the ConfigMap meanwhile")
    assert "mend it at once" in told.value.fix
    assert api.config_maps["coredns"]["Corefile"] == theirs


def test_a_text_that_the_pods_have_run_all_the_while_is_not_waited_for(api: ApiServer) -> None:
    # Kubespray has taken our block out, and the next `up` puts it in again before the kubelet has looked.
    with_logs(api, (), ())
    api.earlier = dict.fromkeys(api.logs, logged("[INFO] Reloading", *loads(AFTER)))
    assert write(api) == ["kube-system/coredns: loaded by 2 of 2 pods"]


def test_what_a_pod_ran_before_another_text_does_not_count(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded, "SECONDS", 0.3)
    monkeypatch.setattr(following, "SECONDS", 0.3)
    with_logs(api, ())
    api.earlier = {"coredns-0": logged(*loads(AFTER), *loads(BEFORE))}
    (told,) = write(api)
    assert "it is loaded by 0 of 1 pods" in told


def test_a_text_that_others_have_replaced_is_not_waited_for(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_logs(api, RELOADED, ())
    looks = iter(range(9))

    def answer(name: str) -> Any:
        if next(looks) == 1:
            api.config_maps["coredns"]["Corefile"] = BEFORE  # as Kubespray renders it
        return about_pods(name)

    about_pods = api.answer_about_pods
    monkeypatch.setattr(api, "answer_about_pods", answer)
    (told,) = write(api)
    assert "somebody else has written another text over it" in told
    assert told.endswith("fix: run `pulumi up` again; it edits the text that is there then")


@pytest.mark.parametrize("lacking", ["/log", "/pods"])
def test_who_may_not_look_is_warned(api: ApiServer, lacking: str) -> None:
    with_logs(api, RELOADED)
    api.forbidden = lacking
    (told,) = write(api)
    assert told.startswith("kube-system/coredns: warning: written, but whether CoreDNS has loaded it is not")
    assert "get pods/log" in told
    assert api.config_maps["coredns"]["Corefile"] == AFTER


def test_no_pod_that_mounts_it_is_a_warning(api: ApiServer) -> None:
    api.pods = [pod("other", "other")]
    assert "no pod that runs in this namespace mounts this ConfigMap" in write(api)[0]


def test_a_corefile_without_reload_is_a_warning(api: ApiServer) -> None:
    with_logs(api, ())
    (told,) = write(api, BEFORE.replace("    reload\n", ""), AFTER.replace("    reload\n", ""))
    assert "no server block has the plugin `reload`" in told


def test_reload_may_stand_in_the_corefile_that_imports_ours(api: ApiServer) -> None:
    # `coredns-custom` is mounted beside the Corefile.
    both = {
        "projected": {"sources": [{"configMap": {"name": name}} for name in ("coredns", "coredns-custom")]}
    }
    api.pods, api.logs = [pod(volume=both)], {"coredns-1": logged(*RELOADED)}
    api.config_maps["coredns"] = {"Corefile": BEFORE}
    block = "protobox:53 {\n    forward . 192.168.1.7\n}\n"
    assert write(api, "", block, "coredns-custom") == ["kube-system/coredns-custom: loaded by 1 of 1 pods"]


def test_time_that_is_over_is_a_warning_with_what_is_known_of_each_pod(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SECONDS", 3.0)
    with_logs(api, RELOADED, (), (), ("[INFO] Reloading",))
    del api.logs["coredns-2"]
    api.pods += [
        pod("coredns-4", ready=False),
        pod("coredns-5", age=2000, running_for=-5, restarts=1),
    ]
    api.logs |= {"coredns-4": [], "coredns-5": []}
    (told,) = write(api)
    assert "loaded by 1 of 6 pods" in told
    assert "coredns-1: its log says nothing of a reload" in told
    assert 'coredns-2: its log cannot be read: pods "coredns-2/log" not found' in told
    assert "coredns-3: its reload has begun and not ended" in told
    assert "coredns-4: it is not ready" in told
    assert "coredns-5: it has restarted meanwhile" in told


def test_a_file_mounted_by_sub_path_is_a_warning_and_not_waited_for(api: ApiServer) -> None:
    with_logs(api, RELOADED)
    api.pods.append(pod("frozen", mount={"subPath": "Corefile"}))
    done, told = write(api)
    assert done == "kube-system/coredns: loaded by 1 of 1 pods"
    assert "frozen mounts the file by subPath" in told


def test_a_new_pod_has_read_the_new_text_once_it_is_ready(api: ApiServer) -> None:
    with_logs(api, ())
    api.pods = [pod("new", age=-5)]
    api.logs["new"] = []
    assert write(api) == ["kube-system/coredns: loaded by 1 of 1 pods"]


def test_a_pod_that_goes_away_is_not_waited_for(api: ApiServer) -> None:
    with_logs(api, RELOADED, ())
    gone = threading.Timer(0.3, api.pods.pop)
    gone.start()
    (told,) = write(api)
    gone.join()
    assert told == "kube-system/coredns: loaded by 1 of 1 pods"


def test_pods_that_have_not_started_yet_are_waited_for(api: ApiServer) -> None:
    api.pods = [pod(running_for=None, ready=False)]
    started = threading.Timer(0.3, lambda: api.pods.__setitem__(0, pod(running_for=-5)))
    api.logs["coredns-1"] = []
    started.start()
    (told,) = write(api)
    started.join()
    assert told == "kube-system/coredns: loaded by 1 of 1 pods"


def test_an_api_that_fails_after_the_write_is_a_warning(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "answer_about_pods", lambda _name: (500, {"message": "broken"}))
    (told,) = write(api)
    assert "its pods cannot be looked at: broken" in told
