"""Two charts side by side: what a stack has to know before it goes from one to the other."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components.argocd.chart import ChartFileError
from tools.upgrade import Chart, chart_of, crd_changes, lost_values, notes_between


def crd(*fields: str) -> str:
    """Return a CRD as the chart has it: between lines of a template."""
    spec = {"properties": {field: {"type": "string"} for field in fields}}
    listed = {"type": "array", "items": {"properties": {"keyID": {}}}}
    schema = {"properties": {"spec": spec, "list": listed}}
    content = {
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.argoproj.io"},
        "spec": {"versions": [{"name": "v1alpha1", "schema": {"openAPIV3Schema": schema}}]},
    }
    return "{{- if .Values.crds.install }}\n" + yaml.safe_dump(content) + "{{- end }}\n"


def chart(argocd: str = "v3.4.4", *fields: str, **values: Any) -> Chart:
    about = {"name": "argo-cd", "version": "10.1.1", "appVersion": argocd}
    files = {"Chart.yaml": yaml.safe_dump(about), "values.yaml": yaml.safe_dump(values)}
    return chart_of({**files, "templates/crds/crd-application.yaml": crd(*fields)})


def test_values_that_the_new_chart_does_not_know_are_told_and_those_of_the_user_are_not() -> None:
    before = chart(server={"ingress": {"enabled": False}, "old": 1, "env": []}, configs={"cm": {"url": ""}})
    after = chart(server={"ingress": {"enabled": False}, "env": []}, configs={"cm": {"url": ""}})
    given = {
        "server": {"ingress": {"enabled": True}, "old": 2, "env": [1]},
        "configs": {"cm": {"my.key": "x", "url": "y"}},
    }
    assert lost_values(given, before, after) == ["server.old"]
    assert lost_values(given, after, before) == []


def test_a_mapping_without_keys_takes_any() -> None:
    given = {"server": {"labels": {"a": "b"}}}
    assert lost_values(given, chart(server={"labels": {"a": ""}}), chart(server={"labels": {}})) == []


def test_fields_of_crds_that_come_and_go_are_told() -> None:
    changes = crd_changes(chart("v3.4.4", "source", "keys"), chart("v3.5.0", "source", "integrity"))
    assert changes == {"applications.argoproj.io": (["v1alpha1 spec.keys"], ["v1alpha1 spec.integrity"])}
    assert crd_changes(chart("v3.4.4", "source"), chart("v3.5.0", "source")) == {}


def test_the_notes_of_each_step_between_are_to_be_read() -> None:
    steps = [note.rstrip("/").rpartition("/")[2] for note in notes_between(chart("v3.4.4"), chart("v3.6.2"))]
    assert steps == ["3.4-3.5", "3.5-3.6"]
    assert notes_between(chart("v3.4.4"), chart("v3.4.9")) == []
    assert notes_between(chart("v3.4.4"), chart("v4.0.0"))[0].endswith("upgrading/overview/")


@pytest.mark.parametrize("files", [{}, {"Chart.yaml": "a: b"}, {"Chart.yaml": "[]", "values.yaml": "{}"}])
def test_what_is_no_chart_is_told(files: dict[str, str]) -> None:
    with pytest.raises(ChartFileError, match="is no chart"):
        chart_of(files)
