"""An Argo CD that is there already is taken over as it is and given back as it was, or it is said why not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.engine.projects.others import PROGRAM, Others
from tests.engine.site import CHART

pytestmark = pytest.mark.engine

FORCE = "pulumi.com/patchForce"
MARK = "protobox-cd/"
SECRET = "geheim-geheim"  # noqa: S105 - a value to search for
CASCADE = "resources-finalizer.argocd.argoproj.io"
SHORT = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
FILES: dict[str, dict[str, Any]] = {
    "k": {"finalizers": [CASCADE]},
    "l": {},
    "m": {"labels": {"team": "docs"}},
}
VALUES = {"global": {"domain": "argocd.site"}, "server": {"replicas": 2}}


def printed_block(printed: str, key: str) -> Any:
    """Return the value of `key` in the lines that a message gives to paste."""
    lines = printed.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip() == f"{key}:")
    indent = len(lines[start]) - len(lines[start].lstrip())
    block = [lines[start]]
    for line in lines[start + 1 :]:
        if len(line) - len(line.lstrip()) <= indent:
            break
        block.append(line)
    return yaml.safe_load("\n".join(line[indent:] for line in block))[key]


def marks(metadata: dict[str, Any]) -> list[str]:
    return [key for key in metadata.get("annotations") or {} if key.startswith(MARK) or key == FORCE]


def left_by_the_role(others: Others) -> None:
    """Install what the site of the page has, and more: values, labels, a finalizer; write the stack file."""
    site = others.site
    others.install_by_helm(
        "server.replicas=2", "global.domain=argocd.site", f"configs.secret.gitlabSecret={SECRET}"
    )
    others.kubectl("label", "namespace", "argocd", "team=platform")
    others.kubectl("annotate", "namespace", "argocd", "note=by-hand")
    for name in SHORT:
        as_a_colleague = ["--server-side", "--field-manager=colleague"] if name == "b" else []
        others.apply_application(f"argo-{name}", name, "192.168.1.7", *as_a_colleague)
    for name, metadata in FILES.items():
        folder = site.folder / name
        folder.mkdir()
        manifest = others.apply_application(f"argo-{name}", name, **metadata)
        (folder / "application.yml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    site.edit("projects", {name: {} for name in [*SHORT, "new"]})
    site.edit("manifests", ["k/application.yml", "[lm]/application.yml"])
    git = yaml.safe_load((site.folder / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    site.edit("git", {**git["protobox-cd:git"], "hosts": {"192.168.1.7": "git.protobox"}})


def accepted(others: Others) -> str:
    """Write into the stack file what the refusals say; return what they printed."""
    site = others.site
    refused = site.engine.run("preview", fails=True)
    assert "protobox-cd:argocd.adopt: true" in refused
    assert "protobox-cd:defaults: adopt: true" in " ".join(refused.split())
    assert all(f"argo-{name}" in refused for name in [*SHORT, *FILES])
    site.edit("argocd", {**CHART, "adopt": True})
    site.edit("defaults", {"adopt": True})
    listed = site.engine.run("preview", fails=True)
    assert "server.replicas: 2 would go" in listed
    assert 'global.domain: "argocd.site" would go' in listed
    assert "configs.secret.gitlabSecret: <secret> would go" in listed
    assert printed_block(listed, "values") == VALUES
    site.edit("argocd", {**CHART, "adopt": True, "values": VALUES, "drop": ["configs.secret.gitlabSecret"]})
    hide = "pulumi config set --secret --stack local hidden:configs-secret-gitlabSecret"
    assert hide in listed
    site.engine.run(*hide.split()[1:], SECRET)
    return refused + listed


def taken_over(others: Others) -> str:
    """Preview, and run `up`; return what was printed."""
    site = others.site
    assert site.preview()["import"] == 2 + len(SHORT) + len(FILES)
    shown = site.engine.run("preview", "--diff")
    for name in SHORT:
        link = f"192.168.1.7/gitlab/protobox1/{name}.git → http://git.protobox/gitlab/protobox1/{name}.git"
        assert f"argo-{name}: http://{link}" in shown
    assert "its finalizer" in shown
    assert "- team" not in shown
    assert "- finalizers" not in shown
    printed = site.engine.run("up", "--yes", "--suppress-outputs")  # a plain one, which previews first
    return shown + printed + site.engine.run("stack", "export")


def nothing_is_marked(others: Others) -> None:
    for name in others.applications():
        assert marks(dict(others.application(name)["metadata"])) == []
    assert marks(others.namespace()) == []


def test_what_was_there_is_taken_over_with_its_values_and_given_back_as_it_was(others: Others) -> None:
    site = others.site
    corefiles = site.corefiles()
    left_by_the_role(others)
    workloads, before = others.workloads(), others.applications()
    printed = accepted(others) + taken_over(others)
    assert SECRET not in printed
    assert others.workloads() == workloads
    after = others.applications()
    uids = {name: uid for name, (uid, _) in after.items() if name != "argo-new"}
    assert uids == {name: uid for name, (uid, _) in before.items()}
    assert FORCE not in others.application("argo-new")["metadata"]["annotations"]
    assert others.namespace()["labels"]["team"] == "platform"
    assert others.namespace()["annotations"]["note"] == "by-hand"
    assert site.preview() == {}

    site.edit("defaults", None)
    site.edit("argocd", {**CHART, "values": VALUES})
    others.kubectl("label", "namespace", "argocd", "later=yes")
    assert site.preview() == {}
    site.edit("projects", {name: {} for name in [*SHORT[1:], "new"]})
    site.up()
    assert marks(dict(others.application("argo-a")["metadata"])) == []
    assert site.preview() == {}

    site.destroy()
    assert others.workloads() == workloads
    assert others.applications() == {name: found for name, found in after.items() if name != "argo-new"}
    nothing_is_marked(others)
    assert others.namespace()["labels"].keys() >= {"team", "later"}
    assert others.application("argo-k")["metadata"]["finalizers"] == [CASCADE]
    assert "deployed" in others.helm("list", "--namespace", "argocd")
    assert site.corefiles() == corefiles

    site.edit("argocd", {**CHART, "adopt": True, "values": VALUES})
    site.edit("defaults", {"adopt": True})
    assert site.preview()["import"] == 2 + len(SHORT[1:]) + len(FILES)


def test_make_forget_lets_go_of_everything_and_leaves_dns_alone(others: Others) -> None:
    site = others.site
    others.install_by_helm()
    others.apply_application("argo-a", "a")
    site.edit("argocd", {**CHART, "adopt": True})
    site.edit("projects", {"a": {"adopt": True}, "new": {}})
    site.up()
    corefiles, there = site.corefiles(), others.applications()
    assert "Nothing is deleted" in others.let_go()
    assert site.engine.resources() == []
    assert site.corefiles() == corefiles
    assert others.applications() == there
    nothing_is_marked(others)
    site.edit("defaults", {"adopt": True})
    assert site.preview()["import"] == 4
    site.up()  # so that somebody takes the blocks out again


def test_make_new_writes_what_is_there_so_that_only_links_dns_and_marks_change(others: Others) -> None:
    site = others.site
    others.install_by_helm("server.replicas=2", "global.domain=argocd.site")
    others.apply_application("argo-a", "a")
    others.apply_application("argo-b", "b", labels={"team": "docs"}, finalizers=[CASCADE])
    others.apply_application("by-another-name", "c")
    workloads = others.workloads()
    (site.folder / "Pulumi.local.yaml").unlink()
    options = ["--yes", "--context", "lab", "--group", "protobox1", "--scan", "."]
    said = others.run(*PROGRAM, "tools.new", "local", *options)
    assert "found the Helm release argocd of argo-cd 10.1.1-lab and 3 Applications" in said
    written = yaml.safe_load((site.folder / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    site.edit("argocd", {**written["protobox-cd:argocd"], **CHART})  # whose repository cannot be reached
    site.edit_dns(verify=False)
    shown = site.engine.run("preview", "--diff")
    assert shown.count(" → http://git.protobox/gitlab/protobox1/") == 3
    assert " is new: " not in shown
    assert "replicas" not in shown.partition("Release: (update)")[2]
    site.engine.run("up", "--yes", "--suppress-outputs")
    assert others.workloads() == workloads
    assert others.application("argo-b")["metadata"]["finalizers"] == [CASCADE]
    assert site.preview() == {}


def test_what_was_adopted_becomes_the_stacks_when_its_mark_is_taken_off(others: Others) -> None:
    site = others.site
    others.install_by_helm()
    others.kubectl("label", "namespace", "argocd", "team=platform")
    others.apply_application("argo-docserver", "docserver")
    site.edit("argocd", {**CHART, "adopt": True})
    site.edit("defaults", {"adopt": True})
    site.up()
    others.kubectl("annotate", "namespace", "argocd", "protobox-cd/adopted-release-")
    others.kubectl("annotate", "application", "argo-docserver", "-n", "argocd", "protobox-cd/adopted-")
    site.up()
    assert site.preview() == {}
    assert others.namespace()["labels"]["team"] == "platform"
    site.destroy()
    assert others.applications() == {}
    assert others.workloads() == {}
    assert others.namespace()["labels"]["team"] == "platform"


def test_adopt_with_nothing_there_simply_creates(others: Others) -> None:
    site = others.site
    site.edit("argocd", {**CHART, "adopt": True})
    site.edit("defaults", {"adopt": True})
    site.up()
    assert list(site.applications()) == ["argo-docserver"]
    assert site.preview() == {}
    site.destroy()
    assert others.kubectl("get", "namespace", "argocd", "--ignore-not-found") == ""


def test_plain_manifests_are_explained_and_the_printed_commands_are_the_way(others: Others) -> None:
    site = others.site
    others.install_plain()
    others.apply_application("argo-docserver", "docserver")
    uid = others.application("argo-docserver")["metadata"]["uid"]
    site.edit("argocd", {**CHART, "adopt": True})
    site.edit("defaults", {"adopt": True})
    printed = site.engine.run("preview", fails=True)
    assert "plain manifests" in printed
    commands = [line.strip() for line in printed.splitlines() if line.strip().startswith("kubectl ")]
    assert len(commands) == 6
    for command in commands:
        others.run("bash", "-c", command.replace("before.yaml", "/dev/null"))
    site.up()
    assert others.application("argo-docserver")["metadata"]["uid"] == uid
    assert "Deployment/argocd-server" in others.workloads()
    assert site.preview() == {}
