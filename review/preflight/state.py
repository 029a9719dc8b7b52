"""The rows about Pulumi's state: whether the stack is in it, and whether the passphrase decrypts it."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.cluster.backend import backend_url, cut_off, folder_of, half_written, mapping_in
from components.stackfile.problems import PROJECT
from review.preflight.rows import Check
from tools.command_line import Mark, Row

STATE, PASSPHRASE = "state backend", "passphrase"
_LOGIN = (
    "`pulumi stack ls` has to work on this machine first: set PULUMI_BACKEND_URL, or run `pulumi login "
    "<address>`, for example s3://pulumi-state?endpoint=minio.protobox"
)
_NO_PULUMI = "there is no pulumi on PATH that answers"
_SET = (
    "write the passphrase into a file, and its name into PULUMI_CONFIG_PASSPHRASE_FILE; in GitLab, a "
    "variable of the type File is both"
)


def state_check(stack_file: Path, stack: str, purpose: str, environ: Mapping[str, str]) -> Check:
    """Return the check; the passphrase has a row only where the stack file is encrypted by it."""
    return Check(STATE, lambda: _look(stack_file, stack, purpose, environ), _LOGIN)


def _look(stack_file: Path, stack: str, purpose: str, environ: Mapping[str, str]) -> list[Row]:
    rows = [Row(Mark.OK, STATE, f"it has the stack {stack}")]
    folder = folder_of(backend_url(stack_file.parent, environ))
    if half := folder and half_written(folder, stack, locks=purpose == "up"):
        failed = f"{half} is only half written, as by a run that was killed, and Pulumi stops at it"
        rows = [Row(Mark.FAILED, STATE, failed, f"if no Pulumi is at work: rm {shlex.quote(str(half))}")]
    elif broken := folder and cut_off(folder, stack):
        failed = f"{broken[0]} is cut off, as on a disk that was full, and Pulumi cannot read it"
        rows = [Row(Mark.FAILED, STATE, failed, _mending(stack, *broken))]
    elif failed := _pulumi(stack_file.parent, environ, "stack", "--show-name", "--stack", stack):
        fix = f"if it is new: `pulumi stack init {stack}`; otherwise {_LOGIN}"
        fix = "install it: https://www.pulumi.com/docs/install" if failed == _NO_PULUMI else fix
        rows = [Row(Mark.FAILED, STATE, failed, fix)]
    elif folder:
        locked = _locked(folder, stack) if purpose == "up" else None
        rows = list(filter(None, [locked or _pending(folder, stack)])) or rows
    text = stack_file.read_text(encoding="utf-8") if stack_file.is_file() else ""
    if re.search("^encryptionsalt:", text, re.MULTILINE):
        needed = Row(Mark.SKIPPED, PASSPHRASE, f"needs the row {STATE!r}")
        rows.append(needed if failed else _passphrase(stack_file, stack, environ))
    return rows


def _mending(stack: str, state: Path, copy: Path | None) -> str:
    """Return how to go on after a state was cut off."""
    old, new = shlex.quote(str(copy)), shlex.quote(str(state))
    how = f"`cp {old} {new}`" if copy else f"`rm {new}` and `pulumi stack init {stack}`"
    return f"make room on that disk, then {how}, and `pulumi up`, which takes up what is there"


def _locked(folder: Path, stack: str) -> Row | None:
    """Return the row of a lock, with which no `up` begins."""
    for lock in (folder / ".pulumi" / "locks").rglob(f"{stack}/*.json"):
        by = mapping_in(lock)
        fix = f"wait until it is done; if it is gone: pulumi cancel --yes --stack {stack}"
        seen = f"the stack is locked by {by['username']}@{by['hostname']} (process {by['pid']})"
        return Row(Mark.FAILED, STATE, f"{seen} since {by.get('timestamp')}", fix)
    return None


def _pending(folder: Path, stack: str) -> Row | None:
    """Return the row of what a run that was killed was making: Pulumi warns of it at each run."""
    pending: list[Any] = []
    for file in (folder / ".pulumi" / "stacks" / PROJECT).glob(f"{stack}.json*"):
        with contextlib.suppress(ValueError, OSError, LookupError, TypeError):
            text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            operations = json.loads(text)["checkpoint"]["latest"]["pending_operations"]
            pending = [one for one in operations if one["type"] == "creating"]
    if not pending:
        return None
    urn = f"urn:pulumi:{stack}::{PROJECT}::pulumi:pulumi:Stack::{PROJECT}-{stack}"
    fix = f"pulumi refresh --yes --clear-pending-creates --stack {stack} --target '{urn}'"
    seen = (
        f"a run was killed while it made {len(pending)} object{'s' * (len(pending) != 1)}; the next `up` "
        "takes up what is there of it, but Pulumi goes on to warn of pending operations"
    )
    return Row(Mark.WARNING, STATE, seen, fix)


def _passphrase(stack_file: Path, stack: str, environ: Mapping[str, str]) -> Row:
    """Try the passphrase: on a copy of the stack file, Pulumi encrypts a word with it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(stack_file, folder)
        told = ("config", "set", "--stack", stack, "--config-file", copy, "--secret", "tried", "tried")
        failed = _pulumi(stack_file.parent, environ, *told)
    fails = Row(Mark.FAILED, PASSPHRASE, f"{stack_file.name} is encrypted: {failed}", _SET)
    return fails if failed else Row(Mark.OK, PASSPHRASE, f"it decrypts {stack_file.name}")


def _pulumi(folder: Path, environ: Mapping[str, str], *arguments: str) -> str:
    """Return why a command of Pulumi has failed, "" if it has not; without the secrets in it."""
    try:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=folder,
            env={**environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=10,  # nobody waits for it that long
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return _NO_PULUMI
    if not done.returncode:
        return ""
    lines = [line.strip().removeprefix("error: ") for line in done.stderr.splitlines() if line.strip()]
    told = re.sub(r"(?<=://)[^\s@]+@", "", lines[-1] if lines else "pulumi has said nothing")
    for name, value in environ.items():
        if value and re.search(r"PASS|SECRET|TOKEN|KEY", name):
            told = told.replace(value, "***")
    return told
