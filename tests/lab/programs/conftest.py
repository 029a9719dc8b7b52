"""A cache of its own, and a Go client that builds nothing but behaves like the real one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import lab.chart

FAKE_GO = """\
#!{python}
import os, pathlib, sys, time
here = pathlib.Path(__file__).parent
with (here / "calls").open("a") as calls:
    print(" ".join(sys.argv[1:3]), pathlib.Path.cwd().name, file=calls)
words = sys.argv[1:]
if words[:2] == ["env", "GOVERSION"]:
    print((here / "version").read_text())
elif words[0] == "list" and "-deps" in words:
    print("go: downloading example.org/one v1.0.0", file=sys.stderr)
    print("unsafe")
    print("example.org/one/two")
elif words[:2] == ["mod", "download"]:
    pass
elif words[0] == "list":
    print(here / "module")
elif words[0] == "build":
    (here / "toolchain").write_text(os.environ["GOTOOLCHAIN"])
    if (here / "fails").exists():
        print("example.org/one/two")
        print("two.go:7:1: syntax error")
        sys.exit(1)
    time.sleep(0.2)
    print("example.org/one/two")
    folder = pathlib.Path(words[words.index("-o") + 1])
    for package in words[words.index("-o") + 2 :]:
        name = package.removesuffix("/v3").rpartition("/")[2]
        (folder / name).write_text(" ".join(words))
        (folder / name).chmod(0o755)
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "protobox-cd"


@pytest.fixture
def fake_go(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a `go` command, which is the only program on PATH."""
    # What it "builds" must not reach the real chart, from which other tests install.
    monkeypatch.setattr(lab.chart, "CHART", tmp_path / "charts" / "argo-cd")
    folder = tmp_path / "bin"
    for file in (
        "python/cmd/pulumi-language-python-exec",
        "python/dist/pulumi-resource-pulumi-python",
        "manifests/install.yaml",
        "cmd/pulumi-resource-kubernetes/schema.json",
        *(f"manifests/crds/{kind}-crd.yaml" for kind in ("application", "applicationset", "appproject")),
        *(
            f"kustomize/stage/node/{name}.yaml"
            for name in ("fast/node-initialize", "heartbeat/node-heartbeat")
        ),
        *(f"kustomize/stage/pod/fast/pod-{name}.yaml" for name in ("ready", "complete", "delete")),
    ):
        shipped = folder / "module" / file
        shipped.parent.mkdir(parents=True, exist_ok=True)
        shipped.write_text(file, encoding="utf-8")
        shipped.chmod(0o444)
    (folder / "version").write_text("go1.26.0", encoding="utf-8")
    (folder / "go").write_text(FAKE_GO.replace("{python}", sys.executable), encoding="utf-8")
    (folder / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder
