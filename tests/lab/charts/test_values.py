"""The stand-in chart must know the values that the real argo-cd 10.1.1 knows, by the same names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CHART = Path(__file__).parents[3] / "lab" / "charts" / "argo-cd"
# Every path of the real chart's values.yaml, a mapping's own path too.
REAL_PATHS = frozenset(
    Path(__file__).with_name("argo-cd-10.1.1-value-paths.txt").read_text(encoding="utf-8").split()
)
TEMPLATES = {
    path.relative_to(CHART).as_posix(): path.read_text(encoding="utf-8")
    for path in (CHART / "templates").rglob("*")
    if path.suffix in (".yaml", ".tpl", ".txt")
}


def paths(values: Any, prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}.")


def used_paths() -> set[str]:
    """Return the paths that the templates read, directly or by handing a workload's values to a helper."""
    text = "\n".join(TEMPLATES.values())
    direct = set(re.findall(r"\.Values\.([A-Za-z.]+)", text))
    workloads = set(re.findall(r'"values" \.Values\.([A-Za-z]+)', text))
    handed = set(re.findall(r"\.values\.([A-Za-z.]+)", text))
    return direct | {f"{workload}.{path}" for workload in workloads for path in handed}


def test_the_list_of_the_real_charts_paths_is_complete_enough_to_mean_something() -> None:
    assert len(REAL_PATHS) > 900
    assert {"global.hostAliases", "configs.params", "crds.keep", "redisSecretInit.enabled"} <= REAL_PATHS


def test_every_value_that_a_template_reads_exists_in_the_real_chart() -> None:
    assert {"global.hostAliases", "server.replicas", "dex.resources", "redis.dnsConfig"} <= used_paths()
    assert used_paths() - REAL_PATHS == set()


def test_every_value_of_the_stand_in_exists_in_the_real_chart() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(paths(values)) - REAL_PATHS == set()


def test_every_value_that_a_template_reads_has_a_default() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert used_paths() - set(paths(values)) == set()


def test_the_chart_says_that_it_is_a_stand_in() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert (chart["name"], chart["version"], chart["appVersion"]) == ("argo-cd", "10.1.1-lab", "v3.4.4")
    assert "stand-in" in chart["description"].lower()


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_no_template_uses_a_yaml_anchor_twice_in_one_document(name: str) -> None:
    # Helm's parser allows it, Python's does not.
    anchors = re.findall(r"(?<!&)&([A-Za-z]+)", TEMPLATES[name])
    assert len(anchors) == len(set(anchors))
