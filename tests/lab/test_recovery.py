"""What a killed `make up` has left is taken away, on programs in place of Pulumi and kubectl."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from lab import recovery
from lab.engine import Engine
from lab.errors import LabError
from lab.lab import Lab
from lab.programs import Programs

STACK = "urn:pulumi:local::protobox-cd::pulumi:pulumi:Stack::protobox-cd-local"
RELEASE = "urn:pulumi:local::protobox-cd::kubernetes:helm.sh/v3:Release::argocd"


def record(status: str, revision: int = 1) -> dict[str, Any]:
    labels = {"name": "argocd", "status": status, "version": str(revision)}
    return {"metadata": {"name": "x", "labels": labels, "creationTimestamp": "2026-11-28T23:39:32Z"}}


def mended(folder: Path, pending: list[str], records: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return what is said, and what Pulumi and kubectl are asked to do beside looking."""
    resources = [{"type": "pulumi:pulumi:Stack", "urn": STACK}]
    resources += [{"type": "kubernetes:helm.sh/v3:Release", "urn": RELEASE}]
    operations = [{"type": kind, "resource": {}} for kind in pending]
    state = {"deployment": {"resources": resources, "pending_operations": operations}}
    answers = {"pulumi": state, "kubectl": {"items": records}}
    for name, answer in answers.items():
        program = folder / name
        (folder / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")
        program.write_text(
            f"#!/bin/sh\ncase $1 in stack|get) cat {program}.json;;\n"
            f'*) echo {name} "$@" >> {folder}/done;; esac\n',
            encoding="utf-8",
        )
        program.chmod(0o755)
    everywhere: dict[str, Any] = {field.name: folder / "pulumi" for field in dataclasses.fields(Programs)}
    lab = Lab(folder / "lab", Programs(**everywhere))
    said: list[str] = []
    recovery.mend(lab, Engine(lab, folder), folder, said.append)
    did = folder / "done"
    return said, did.read_text(encoding="utf-8").splitlines() if did.exists() else []


@pytest.mark.parametrize("records", [[], [record("deployed")], [record("failed")]])
def test_what_is_in_order_is_left_alone(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    said, did = mended(tmp_path, ["updating"], records or [record("deployed")])
    assert (said, did) == ([], [])


def test_pulumi_forgets_what_it_was_making(tmp_path: Path) -> None:
    said, did = mended(tmp_path, ["creating", "creating"], [record("deployed")])
    assert "while it made 2 objects" in said[0]
    (asked,) = did
    assert asked.startswith(f"pulumi refresh --yes --skip-preview --clear-pending-creates --target {STACK} ")


def test_a_helm_that_was_killed_is_cured(tmp_path: Path) -> None:
    said, did = mended(tmp_path, [], [record("deployed"), record("pending-upgrade", 2)])
    assert "the release is pending-upgrade" in said[0]
    assert did == ["kubectl --context lab -n argocd delete secret sh.helm.release.v1.argocd.v2"]


def test_a_release_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    said, did = mended(tmp_path, [], [])
    assert "the release is gone" in said[0]
    assert did == [f"pulumi refresh --yes --stack local --target {RELEASE}"]


def test_a_command_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no such thing"):
        recovery._run(["bash", "-c", "echo no such thing >&2; exit 1"], tmp_path, {"PATH": "/usr/bin:/bin"})  # noqa: SLF001
