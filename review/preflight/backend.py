"""The rows about Pulumi's state: where it is kept, whether the stack is in it, and what decrypts it."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from components.backend import backend_url, folder_of, mapping_in
from components.settings.base import PROJECT
from review.preflight.chart import shown
from review.preflight.looking import Check
from review.preflight.rows import Mark, Row

STATE, PASSPHRASE = "state backend", "passphrase"
_VARIABLES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


class Backend:
    """Where Pulumi keeps the state of one stack.

    Args:
        stack_file: the stack file, beside the project's `Pulumi.yaml`.
        stack: the stack's name.
        purpose: `preview`, which only reads the state, or `up`.
        environ: the environment.
    """

    def __init__(self, stack_file: Path, stack: str, purpose: str, environ: Mapping[str, str]) -> None:
        self._stack_file = stack_file
        self._stack = stack
        self._writes = purpose == "up"
        self._environ = environ

    def checks(self, seconds: float) -> list[Check]:
        """Return the checks; the one of the passphrase only for a stack that is encrypted by one."""
        late = Row(
            Mark.FAILED,
            STATE,
            f"the state backend did not answer within {seconds:g} s",
            "`pulumi stack ls` has to answer on this machine first; PULUMI_BACKEND_URL says where it asks",
        )
        found = [Check(STATE, lambda: self._state(seconds), seconds, late)]
        if "encryptionsalt" in mapping_in(self._stack_file):
            late = Row(Mark.FAILED, PASSPHRASE, f"its file could not be read within {seconds:g} s")
            found.append(Check(PASSPHRASE, self._passphrase, seconds, late))
        return found

    def _state(self, seconds: float) -> Row:
        url = backend_url(self._stack_file.parent, self._environ)
        if not url:
            return Row(
                Mark.FAILED,
                STATE,
                "Pulumi is not logged in to any state backend on this machine",
                "set PULUMI_BACKEND_URL, or run `pulumi login <address>`, for example "
                "s3://pulumi-state?endpoint=minio.protobox",
            )
        if path := folder_of(url):
            return self._folder(path)
        return self._remote(url, seconds)

    def _folder(self, path: Path) -> Row:
        if not path.is_dir():
            return Row(Mark.FAILED, STATE, f"the folder {path} does not exist", f"mkdir -p {path}")
        wanted, right = (os.R_OK | os.W_OK, "written") if self._writes else (os.R_OK, "read")
        if not os.access(path, wanted | os.X_OK):
            return Row(
                Mark.FAILED, STATE, f"the folder {path} may not be {right} by this user", "give it the right"
            )
        stacks = path / ".pulumi" / "stacks"
        names = [f"{folder}{self._stack}.json{end}" for folder in (f"{PROJECT}/", "") for end in ("", ".gz")]
        file = next((stacks / name for name in names if (stacks / name).is_file()), None)
        if file is None:
            return self._no_stack(str(path))
        locks = path / ".pulumi" / "locks"
        held = [lock for lock in locks.rglob("*.json*") if lock.parent.name == self._stack]
        return (
            self._locked(held)
            or self._pending(file)
            or Row(Mark.OK, STATE, f"the stack {self._stack} in {path}")
        )

    def _locked(self, locks: Iterable[Path]) -> Row | None:
        """Return the row of a lock, with which no `up` begins, and of one that a full disk has cut off."""
        for lock in locks if self._writes else ():
            holder = mapping_in(lock)
            if {"pid", "username", "hostname"} - holder.keys():
                seen = f"the lock {lock} is only half written, and Pulumi stops at it"
                return Row(Mark.FAILED, STATE, seen, f"if no Pulumi is at work: rm {shlex.quote(str(lock))}")
            by = f"{holder['username']}@{holder['hostname']} (process {holder['pid']})"
            return Row(
                Mark.FAILED,
                STATE,
                f"the stack {self._stack} is locked by {by} since {holder.get('timestamp')}",
                f"wait until it is done; if it is gone: pulumi cancel --yes --stack {self._stack}",
            )
        return None

    def _pending(self, file: Path) -> Row | None:
        """Return the row of what a run that was killed was making: Pulumi warns of it at each run."""
        text = file.read_bytes()
        try:
            state = json.loads(gzip.decompress(text) if file.suffix == ".gz" else text)
            operations = state["checkpoint"]["latest"]["pending_operations"]
            pending = [one for one in operations if one["type"] == "creating"]
        except (ValueError, OSError, LookupError, TypeError):
            return None
        stack = f"urn:pulumi:{self._stack}::{PROJECT}::pulumi:pulumi:Stack::{PROJECT}-{self._stack}"
        if not pending:
            return None
        return Row(
            Mark.WARNING,
            STATE,
            f"a run was killed while it made {len(pending)} object{'s' * (len(pending) != 1)}; the next `up` "
            "takes up what is there of it, but Pulumi goes on to warn of pending operations",
            f"pulumi refresh --yes --clear-pending-creates --stack {self._stack} --target '{stack}'",
        )

    def _remote(self, url: str, seconds: float) -> Row:
        place = shown(url) or url
        command = ["pulumi", "stack", "ls", "--json", "--non-interactive", "--color=never"]
        try:
            done = subprocess.run(
                command,
                cwd=self._stack_file.parent,
                env={**self._environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                stdin=subprocess.DEVNULL,
                timeout=seconds * 0.9,  # before nobody waits for it any more
            )
        except FileNotFoundError:
            return Row(
                Mark.FAILED,
                STATE,
                "there is no pulumi on PATH, which alone can read the state",
                "install it: https://www.pulumi.com/docs/install",
            )
        except subprocess.TimeoutExpired:
            return Row(
                Mark.FAILED,
                STATE,
                f"{place} did not answer within {seconds * 0.9:.1f} s",
                "make it reachable from here; PULUMI_BACKEND_URL says where it is",
            )
        if done.returncode:
            return Row(
                Mark.FAILED,
                STATE,
                f"{place} cannot be used: {self._without_secrets(done.stderr, url)}",
                "`pulumi stack ls` has to work on this machine first",
            )
        if self._stack not in _names(done.stdout):
            return self._no_stack(place)
        return Row(Mark.OK, STATE, f"the stack {self._stack} in {place}")

    def _no_stack(self, place: str) -> Row:
        return Row(
            Mark.FAILED,
            STATE,
            f"there is no stack {self._stack!r} in {place}",
            f"`pulumi stack init {self._stack}`, once",
        )

    def _without_secrets(self, printed: str, url: str) -> str:
        """Return the last line of what Pulumi has printed, without the address and what could be secret."""
        lines = [line.strip() for line in printed.splitlines() if line.strip()]
        told = lines[-1].removeprefix("error: ") if lines else "pulumi has said nothing"
        told = re.sub(r"(?<=://)[^/\s@]+@", "", told.replace(url, shown(url)))
        for name, value in self._environ.items():
            if value and re.search(r"PASS|SECRET|TOKEN|KEY", name, re.IGNORECASE):
                told = told.replace(value, "***")
        return told

    def _passphrase(self) -> Row:
        value, file = (self._environ.get(name) for name in _VARIABLES)
        if value is not None:
            return Row(Mark.OK, PASSPHRASE, f"in {_VARIABLES[0]}")
        if file and Path(file).is_file():
            return Row(Mark.OK, PASSPHRASE, f"in the file that {_VARIABLES[1]} names")
        seen = f"neither {_VARIABLES[0]} nor {_VARIABLES[1]} is set"
        if file:
            seen = f"{_VARIABLES[1]} names a file that does not exist: {file}"
        return Row(
            Mark.FAILED,
            PASSPHRASE,
            f"{seen}; Pulumi asks for it, since {self._stack_file.name} has an encryptionsalt",
            f"write the passphrase into a file, and its name into {_VARIABLES[1]}; in GitLab, a variable of "
            "the type File is both",
        )


def _names(printed: str) -> set[str]:
    """Return the names in the output of `pulumi stack ls --json`, without organization and project."""
    try:
        return {str(stack["name"]).rpartition("/")[2] for stack in json.loads(printed)}
    except (ValueError, TypeError, KeyError):
        return set()
