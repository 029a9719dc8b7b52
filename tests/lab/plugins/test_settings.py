from pathlib import Path

import pytest
import yaml

from lab.plugins.diff import Change
from lab.plugins.kubernetes.settings import (
    compare_settings,
    kubeconfig_content,
    read_settings,
    unsupported,
)
from lab.plugins.properties import UNKNOWN


def kubeconfig(*servers: str) -> str:
    return yaml.safe_dump(
        {
            "current-context": "c0",
            "clusters": [
                {"name": f"k{at}", "cluster": {"server": server}} for at, server in enumerate(servers)
            ],
            "contexts": [
                {"name": f"c{at}", "context": {"cluster": f"k{at}"}} for at, _ in enumerate(servers)
            ],
        }
    )


ONE, OTHER = kubeconfig("https://one"), kubeconfig("https://other")


def test_flags_come_from_the_program_and_then_from_the_environment() -> None:
    environment = {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true", "PULUMI_K8S_DELETE_UNREACHABLE": "true"}
    settings = read_settings({"enablePatchForce": "false", "context": "lab", "unheardOf": "x"}, environment)
    assert not settings.enable_patch_force
    assert settings.delete_unreachable
    assert settings.context == "lab"


def test_modes_that_the_stand_in_does_not_have_are_refused() -> None:
    refused = unsupported({"enableServerSideApply": "false", "renderYamlToDirectory": "out"})
    assert [name for name, _ in refused] == ["enableServerSideApply", "renderYamlToDirectory"]
    assert unsupported({"enableServerSideApply": "true"}) == []


def test_a_kubeconfig_is_a_path_or_its_content(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(ONE)
    assert kubeconfig_content(str(file), {}) == (yaml.safe_load(ONE), file)
    assert kubeconfig_content(ONE, {}) == (yaml.safe_load(ONE), None)


def test_without_a_kubeconfig_the_environment_names_it(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(OTHER)
    listed = f"{tmp_path / 'missing'}:{file}"
    assert kubeconfig_content("", {"KUBECONFIG": listed}) == (yaml.safe_load(OTHER), file)


def test_a_missing_kubeconfig_file_is_named() -> None:
    with pytest.raises(ValueError, match="no/such/file"):
        kubeconfig_content("no/such/file", {})


def test_the_same_settings_change_nothing() -> None:
    assert compare_settings({"context": "a"}, {"context": "a"}, {}) == {}


def test_a_setting_that_does_not_mean_another_cluster_replaces_nothing() -> None:
    assert compare_settings({"kubeconfig": ONE}, {"kubeconfig": ONE, "enablePatchForce": "true"}, {}) == {
        ("enablePatchForce",): Change("update")
    }


def test_another_cluster_replaces() -> None:
    assert compare_settings({"kubeconfig": ONE}, {"kubeconfig": OTHER}, {}) == {
        ("kubeconfig",): Change("update", replace=True)
    }
    both = kubeconfig("https://one", "https://other")
    changes = compare_settings(
        {"kubeconfig": both, "context": "c0"}, {"kubeconfig": both, "context": "c1"}, {}
    )
    assert changes == {("context",): Change("update", replace=True)}


def test_the_same_cluster_in_another_file_replaces_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(ONE)
    assert compare_settings({"kubeconfig": ONE}, {"kubeconfig": str(file)}, {}) == {
        ("kubeconfig",): Change("update")
    }


def test_the_cluster_identifier_has_the_last_word() -> None:
    same = {"clusterIdentifier": "lab"}
    assert compare_settings({"kubeconfig": ONE, **same}, {"kubeconfig": OTHER, **same}, {}) == {
        ("kubeconfig",): Change("update")
    }
    assert compare_settings(same, {"clusterIdentifier": "other"}, {}) == {
        ("clusterIdentifier",): Change("update", replace=True)
    }
    assert compare_settings({}, same, {}) == {("clusterIdentifier",): Change("update")}


def test_an_unknown_kubeconfig_may_be_another_cluster() -> None:
    assert compare_settings({"kubeconfig": ONE}, {"kubeconfig": UNKNOWN}, {})["kubeconfig",].replace
