"""A stack without its secrets: what lets any branch preview it, without Pulumi's state and its passphrase.

`python -m tools.blind publish STACK`, in the job `up`, puts the state into the project's package registry,
with something of the right form in place of each secret. `python -m tools.blind fetch STACK`, in the job
`preview`, makes a stack of that in the backend and with the passphrase that the environment names, and writes
the secrets of the stack file to match. What a secret is, or becomes, no such preview knows.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import yaml

from components.cluster.pulumi_command import PulumiError, exported, run_pulumi
from components.stackfile.problems import PROJECT
from components.stackfile.secret_text import is_encrypted, placeholder, replaced
from tools.command_line import failed, stack_path

_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105  # the key by which Pulumi's state marks one
_MAPPINGS = ("data", "stringData", "values")
_NOT_FOUND = 404
_SALT = re.compile(r"^(encryptionsalt|secretsprovider|encryptedkey):.*\n?", re.MULTILINE)


class RegistryError(Exception):
    """GitLab has refused; the text says what."""


def blinded(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exported state with something of the right form in place of each secret."""
    deployment = state["deployment"]
    resources = [_resource(resource) for resource in deployment.get("resources") or ()]
    # Nothing else of it: what a killed run was making has secrets, too.
    kept = {"manifest": deployment.get("manifest") or {}, "resources": resources}
    return {"version": state["version"], "deployment": kept}


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    inputs = _without_secrets(resource.get("inputs"))
    outputs = _without_secrets(resource.get("outputs"))
    # The Kubernetes plugin compares with these inputs, all of which are a secret where one of them is.
    if isinstance(outputs, dict) and _is_secret(outputs.get("__inputs")):
        outputs["__inputs"] = _secret(_shown(inputs))
    return {**resource, "inputs": inputs, "outputs": outputs}


def _without_secrets(value: Any) -> Any:
    return replaced(value, _is_secret, lambda _, key: _secret({} if key in _MAPPINGS else _unknown(key)))


def _shown(value: Any) -> Any:
    """Return a value in which nothing is marked as a secret any more."""
    return replaced(value, _is_secret, lambda secret, _: json.loads(secret["plaintext"]))


def _unknown(key: str) -> str:
    """Return what stands for a secret; where it needs no form, no word that a message could have."""
    form = placeholder(key)
    return "not-known-here" if form == placeholder("") else form


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and _SECRET in value


def _secret(value: Any) -> dict[str, str]:
    return {_SECRET: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(value)}


def publish(stack: str, environ: Mapping[str, str]) -> None:
    """Put the stack's state, without its secrets, where previews find it.

    Raises:
        RegistryError: GitLab has refused.
        PulumiError: Pulumi has.
    """
    _asked("PUT", stack, environ, json.dumps(blinded(exported(stack))))


def fetch(stack: str, environ: Mapping[str, str]) -> str:
    """Make the stack of what was published, and write the stack file to match; return what was found.

    Raises:
        RegistryError: GitLab has refused.
        PulumiError: Pulumi has.
    """
    answer = _asked("GET", stack, environ)
    file = stack_path(stack)
    text = file.read_text(encoding="utf-8")
    file.write_text(_SALT.sub("", text), encoding="utf-8")
    run_pulumi("stack", "init", stack)
    made = file.read_text(encoding="utf-8")
    salt = yaml.safe_load(made)["encryptionsalt"]
    secrets: list[tuple[str, str]] = []
    replaced(yaml.safe_load(text), is_encrypted, lambda value, key: secrets.append((key, value["secure"])))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(file, folder))
        given = [part for n, (key, _) in enumerate(secrets) for part in ("--secret", f"s{n}={_unknown(key)}")]
        if given:
            run_pulumi("config", "set-all", "--stack", stack, "--config-file", str(copy), *given)
        config = yaml.safe_load(copy.read_text(encoding="utf-8")).get("config") or {}
    for n, (_, old) in enumerate(secrets):
        made = made.replace(old, config[f"{PROJECT}:s{n}"]["secure"])
    file.write_text(made, encoding="utf-8")
    if answer is None:
        return f"no `up` has published the state of {stack} yet: everything is shown as new"
    answer["deployment"]["secrets_providers"] = {"type": "passphrase", "state": {"salt": salt}}
    run_pulumi("stack", "import", "--stack", stack, "--force", given=json.dumps(answer))
    return f"the state of {stack} as the last `up` has left it, without its secrets"


def _asked(method: str, stack: str, environ: Mapping[str, str], content: str = "") -> dict[str, Any] | None:
    """Ask the package registry as this job; None if it has nothing."""
    base, project = environ.get("CI_SERVER_URL", ""), environ.get("CI_PROJECT_ID", "")
    url = f"{base}/api/v4/projects/{project}/packages/generic/protobox-state/0.0.0/{stack}.json"
    headers = {"JOB-TOKEN": environ.get("CI_JOB_TOKEN", "")}
    verify = environ.get("CI_SERVER_TLS_CA_FILE") or True
    try:
        with httpx2.Client(timeout=30, verify=verify) as client:
            answer = client.request(method, url, content=content or None, headers=headers)
            if answer.is_redirect:  # to the storage behind GitLab, which must not see the token
                answer = client.get(answer.headers["Location"])
            if answer.status_code == _NOT_FOUND and method == "GET":
                return None
            answer.raise_for_status()
            return dict(answer.json())
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise RegistryError(f"the package registry of project {project}: {error}") from None


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Publish or fetch the stack on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="blind", description="Hand a stack on without its secrets.")
    parser.add_argument("what", choices=["publish", "fetch"])
    parser.add_argument("stack", help="the stack's name")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.what == "fetch":
            print(fetch(chosen.stack, environ))
        else:
            publish(chosen.stack, environ)
    except (RegistryError, PulumiError) as error:
        return failed(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
