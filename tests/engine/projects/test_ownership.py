"""Whose an object is: this very stack's, even with its state lost, or it is not touched without a word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import lab.engine
from lab.engine import stack_environment
from lab.lab import Lab
from tests.engine.conftest import a_site
from tests.engine.projects.others import Others
from tests.engine.site import CHART

pytestmark = pytest.mark.engine

SECTIONS: dict[str, dict[str, Any]] = {
    "argocd": CHART,
    "projects": {"docserver": {}, "shop": {"appProject": "shop"}},
    "appProjects": {"shop": {}},
    "repositories": {"shop": {"url": "http://git.protobox/gitlab/protobox1/shop.git"}},
    "credentialTemplates": {"all": {"url": "http://git.protobox/gitlab/"}},
    "clusters": {"edge": {"server": "https://10.0.0.5:6443", "execProvider": {"command": "argocd-k8s-auth"}}},
}
KINDS = {
    "namespace/argocd": ("argocd",),
    "application/argo-docserver": ("projects", "docserver"),
    "appproject/shop": ("appProjects", "shop"),
    "secret/argocd-repo-shop": ("repositories", "shop"),
    "secret/argocd-repo-creds-all": ("credentialTemplates", "all"),
    "secret/argocd-cluster-edge": ("clusters", "edge"),
    "secret/argocd-protobox-cd": ("argocd",),
}
"""Every kind of object that a stack makes → where it is adopted. The Release goes with its namespace."""


class Owned(Others):
    """A stack with every kind of object, whose state can get lost."""

    def write(self, *entries: tuple[str, ...]) -> None:
        """Write the stack file, with `adopt` at `entries`."""
        for section, content in SECTIONS.items():
            told = {"adopt": True} if (section,) in entries else {}
            own = {
                key: {**value, "adopt": True} if (section, key) in entries else value
                for key, value in content.items()
            }
            self.site.edit(section, {**own, **told})
        secret = [
            "config",
            "set",
            "--secret",
            "--path",
            "protobox-cd:argocd.webhook.gitlabSecret",
            "not-seen",
        ]
        self.site.engine.run(*secret)

    def uids(self) -> dict[str, str]:
        found = {
            name: self.kubectl("get", name, "-n", "argocd", "-o", "jsonpath={.metadata.uid}")
            for name in KINDS
        }
        return {**found, **{name: uid for name, (uid, _) in self.workloads().items()}}

    @contextmanager
    def owned_by(
        self, stack: str, name: str, more: Mapping[str, Any] = MappingProxyType({})
    ) -> Iterator[None]:
        """Let an object be another stack's, or nobody's, with something more in it, and as it was again."""
        before = json.loads(self.kubectl("get", name, "-n", "argocd", "-o", "json"))
        theirs = {"protobox-cd/stack": stack or None, "protobox-cd/identity": None}
        self._merge(name, {"metadata": {"annotations": theirs}, **more})
        try:
            yield
        finally:
            gone = {"spec": {"roles": None}} if "spec" in more else {"data": {"proxy": None}} if more else {}
            self._merge(name, {"metadata": {"annotations": before["metadata"]["annotations"]}, **gone})
            self.write()

    def _merge(self, name: str, patch: Mapping[str, Any]) -> None:
        self.kubectl("patch", name, "-n", "argocd", "--type=merge", f"--patch={json.dumps(patch)}")

    @contextmanager
    def state_lost(self) -> Iterator[None]:
        """Work without the state; it comes back afterwards."""
        kept = self.site.engine.run("stack", "export")
        self.forget()
        yield
        self.forget()
        file = self.site.lab.directory / "kept-state.json"
        file.write_text(kept, encoding="utf-8")
        self.site.engine.run("stack", "import", "--file", str(file))

    def forget(self) -> None:
        self.site.engine.run("stack", "rm", "--force", "--yes", "--preserve-config", "local")
        self.make_stack()

    def make_stack(self) -> None:
        """Make the stack anew; the stack file keeps the key of its secrets."""
        stack_file = self.site.folder / "Pulumi.local.yaml"
        with_key = stack_file.read_text(encoding="utf-8")
        self.site.engine.run("stack", "select", "--create", "local")
        stack_file.write_text(with_key, encoding="utf-8")


@pytest.fixture(scope="module")
def owned(lab: Lab, originals: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owned]:
    for site in a_site(lab, originals, tmp_path_factory.mktemp("owned")):
        owned = Owned(site)
        owned.write()
        site.up()
        yield owned


@pytest.fixture(scope="module")
def lost(owned: Owned) -> Iterator[Owned]:
    """The same, with the state lost for all tests that follow."""
    with owned.state_lost():
        yield owned


def test_what_is_ours_stays_as_it_is(owned: Owned) -> None:
    assert owned.site.preview() == {}


def test_with_lost_state_one_up_takes_everything_up_again_and_deletes_nothing(owned: Owned) -> None:
    before = owned.uids()
    with owned.state_lost():
        assert owned.site.preview()["import"] == len(KINDS) + 2  # the Release, and the second Application
        owned.site.engine.run("up", "--yes", "--suppress-outputs")
        assert owned.uids() == before
        assert owned.site.preview() == {}


def test_what_somebody_has_deleted_with_kubectl_is_made_again_by_the_next_up(owned: Owned) -> None:
    gone = [name for name in KINDS if not name.startswith("namespace/")]
    for name in gone:
        owned.kubectl("delete", name, "-n", "argocd")
    assert owned.site.preview() == {"replace": len(gone)}
    owned.site.up()
    assert set(owned.uids()) >= set(gone)
    assert owned.site.preview() == {}


def test_a_namespace_that_was_deleted_with_everything_in_it_comes_back_with_one_up(owned: Owned) -> None:
    before = owned.uids()
    owned.kubectl("delete", "namespace", "argocd")
    printed = owned.site.engine.run("preview")
    assert "the Helm release 'argocd', but the namespace 'argocd' has none; `up` installs it again" in (
        " ".join(printed.split())
    )
    owned.site.engine.run("up", "--yes", "--suppress-outputs")
    after = owned.uids()
    assert {name for name in before if not name.startswith("Pod/")} <= after.keys()
    assert not set(after.values()) & set(before.values())
    assert owned.site.preview() == {}


def test_with_lost_state_and_a_project_less_the_command_for_what_is_left_is_told(lost: Owned) -> None:
    lost.site.edit("projects", {"docserver": {}})
    try:
        printed = lost.site.engine.run("preview")
    finally:
        lost.write()
    assert "it neither declares now nor has in its state: Application argo-shop." in (
        " ".join(printed.split())
    )
    assert "kubectl --context lab -n argocd delete application argo-shop" in printed


@pytest.mark.parametrize("mark", ["", "prod"])
def test_what_is_not_ours_is_refused_and_the_printed_lines_adopt_it(lost: Owned, mark: str) -> None:
    with ExitStack() as theirs:
        for name in KINDS:
            theirs.enter_context(lost.owned_by(mark, name))
        printed = " ".join(lost.site.engine.run("preview", fails=True).split())
        for entry in KINDS.values():
            assert f"write protobox-cd:{'.'.join(entry)}.adopt: true" in printed
        assert ("it belongs to the stack 'prod'" in printed) == bool(mark)
        lost.write(*KINDS.values())
        assert lost.site.preview()["import"] == len(KINDS) + 2


@pytest.mark.parametrize(("name", "entry"), KINDS.items(), ids=KINDS)
def test_one_that_is_not_ours_is_enough_to_stop_the_preview(
    lost: Owned, name: str, entry: tuple[str, ...]
) -> None:
    with lost.owned_by("prod", name):
        printed = " ".join(lost.site.engine.run("preview", fails=True).split())
    assert f"write protobox-cd:{'.'.join(entry)}.adopt: true" in printed
    assert name.partition("/")[2] in printed


@pytest.mark.parametrize(
    ("name", "entry", "more", "lost_field"),
    [
        ("appproject/shop", ("appProjects", "shop"), {"spec": {"roles": [{"name": "ci"}]}}, "spec.roles"),
        (
            "secret/argocd-repo-shop",
            ("repositories", "shop"),
            {"stringData": {"proxy": "http://p"}},
            "data.proxy",
        ),
    ],
)
def test_what_an_adoption_would_drop_stops_it_until_the_stack_file_names_it(
    lost: Owned, name: str, entry: tuple[str, str], more: dict[str, Any], lost_field: str
) -> None:
    section, key = entry
    said = SECTIONS[section][key] | {"adopt": True}
    with lost.owned_by("prod", name, more):
        lost.write(entry)
        printed = " ".join(lost.site.engine.run("preview", fails=True).split())
        assert f"has what this stack would change or drop: {lost_field}: " in printed
        assert f"protobox-cd:{section}.{key}.drop: [{lost_field}]" in printed
        lost.site.edit(section, {key: {**said, "drop": [lost_field]}})
        assert lost.site.preview()["import"] == len(KINDS) + 2


def test_a_stack_of_the_same_name_in_another_backend_is_refused_until_its_identity_is_pasted(
    owned: Owned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = owned.uids()
    elsewhere = {"PULUMI_BACKEND_URL": f"file://{tmp_path}"}
    monkeypatch.setattr(lab.engine, "stack_environment", lambda here: stack_environment(here) | elsewhere)
    engine = owned.site.engine
    owned.make_stack()
    printed = engine.run("preview", fails=True)
    told = " ".join(printed.split())
    assert "called 'local' too, but has its state in another backend" in told
    for name in KINDS:
        assert name.partition("/")[2] in told
    identity = printed.partition('stackIdentity: "')[2].partition('"')[0]
    owned.site.edit("cluster", {"context": "lab", "stackIdentity": "pasted"})
    # As it is printed, in quotes: without them 6139528e2506 would be a number.
    stack_file = owned.site.folder / "Pulumi.local.yaml"
    stack_file.write_text(stack_file.read_text().replace("pasted", f'"{identity}"'), encoding="utf-8")
    try:
        engine.run("up", "--yes", "--suppress-outputs")
        assert owned.uids() == before
        assert owned.site.preview() == {}
    finally:
        owned.site.edit("cluster", {"context": "lab"})
