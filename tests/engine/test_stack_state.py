"""Both ways to Pulumi's state, the export and the engine, say the same of a stack."""

from __future__ import annotations

import json

import pytest

from tests.engine.site import Site

pytestmark = pytest.mark.engine

BOTH = """\
import json
from dataclasses import asdict
from pathlib import Path
import pulumi
from components import sdk
from components.cluster.ownership import remembered, remembered_cluster

def known(resources):
    objects = {"/".join(name): asdict(about) for name, about in remembered(resources).items()}
    return {"cluster": remembered_cluster(resources), "objects": objects}

exported = known(sdk.exported(pulumi.get_stack()))
sdk.exported = lambda stack: None
asked = known(sdk.resources_before(sdk.MANY + 1))
Path("both.json").write_text(json.dumps([exported, asked]))
"""


def test_an_export_says_what_the_engine_says(deployed: Site) -> None:
    deployed.folder.joinpath("__main__.py").write_text(BOTH, encoding="utf-8")
    deployed.engine.run("preview")
    exported, asked = json.loads(deployed.folder.joinpath("both.json").read_text(encoding="utf-8"))
    assert exported == asked
    assert exported["cluster"]
    assert {"Namespace/argocd", "Release/argocd"} < set(exported["objects"])
    assert all(about["uid"] for name, about in exported["objects"].items() if name != "Release/argocd")
