from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.review.gitlab import GitLab, serving
from tools.blind import blinded, main

MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
HIDDEN = {**MARK, "ciphertext": "v1:abc"}


def state(**outputs: Any) -> dict[str, Any]:
    """Return a state with one Secret, and with what a killed run was making."""
    inputs = {"metadata": {"name": "a"}, "data": HIDDEN, "token": HIDDEN}
    resource = {"urn": "urn:a", "type": "kubernetes:core/v1:Secret", "inputs": inputs, "outputs": outputs}
    providers = {"type": "passphrase", "state": {"salt": "v1:x"}}
    deployment = {"manifest": {"time": "now"}, "secrets_providers": providers, "resources": [resource]}
    return {"version": 3, "deployment": {**deployment, "pending_operations": [{"resource": resource}]}}


def test_nothing_of_a_secret_is_left_but_its_form() -> None:
    found = blinded(state(data=HIDDEN, password=HIDDEN))
    assert "v1:abc" not in json.dumps(found)
    assert set(found["deployment"]) == {"manifest", "resources"}
    (resource,) = found["deployment"]["resources"]
    assert resource["inputs"] == {
        "metadata": {"name": "a"},
        "data": {**MARK, "plaintext": "{}"},
        "token": {**MARK, "plaintext": '"not-known-here"'},
    }


def test_what_the_kubernetes_plugin_compares_with_is_what_the_state_has_otherwise() -> None:
    (resource,) = blinded(state(__inputs=HIDDEN))["deployment"]["resources"]
    compared = json.loads(resource["outputs"]["__inputs"]["plaintext"])
    assert compared == {"metadata": {"name": "a"}, "data": {}, "token": "not-known-here"}


PULUMI = """#!/bin/sh
echo "$@" >> asked
case "$1 $2" in
  "stack init") echo "encryptionsalt: v1:new" >> "Pulumi.$3.yaml";;
  "stack export") cat state.json;;
  "stack import") cat > imported.json;;
  "config set-all") while [ "$1" != --config-file ]; do shift; done
    printf 'config:\\n  protobox-cd:s0: {secure: "v1:of-nobody"}\\n' > "$2";;
esac
"""
STACK_FILE = """\
# a comment that stays
encryptionsalt: v1:old
config:
  protobox-cd:credentialTemplates:
    gitlab:
      password:
        secure: v1:abc
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the stack `dev`, and a program `pulumi` that notes what it is asked."""
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK_FILE, encoding="utf-8")
    (tmp_path / "state.json").write_text(json.dumps(state()), encoding="utf-8")
    (tmp_path / "pulumi").write_text(PULUMI, encoding="utf-8")
    (tmp_path / "pulumi").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_what_is_published_is_fetched_under_another_passphrase(project: Path) -> None:
    with serving(GitLab()) as gitlab:
        assert main(["publish", "dev"], gitlab.environ()) == 0
        (stored,) = gitlab.project.packages.values()
        assert main(["fetch", "dev"], gitlab.environ()) == 0
    assert "v1:abc" not in json.dumps(stored)
    written = (project / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    assert written == STACK_FILE.replace("encryptionsalt: v1:old\n", "").replace("v1:abc", "v1:of-nobody") + (
        "encryptionsalt: v1:new\n"
    )
    imported = json.loads((project / "imported.json").read_text(encoding="utf-8"))
    assert imported["deployment"]["secrets_providers"] == {"type": "passphrase", "state": {"salt": "v1:new"}}


def test_before_the_first_up_everything_is_new(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(GitLab()) as gitlab:
        assert main(["fetch", "dev"], gitlab.environ()) == 0
    assert "everything is shown as new" in capsys.readouterr().out
    assert not (project / "imported.json").exists()


def test_a_registry_that_refuses_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(GitLab()) as gitlab:
        gitlab.job_tokens.clear()
        environ = gitlab.environ()
        assert main(["fetch", "dev"], environ) == 1
    told = capsys.readouterr().err
    assert "401" in told
    assert environ["CI_JOB_TOKEN"] not in told
