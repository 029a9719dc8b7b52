"""Run one local command, as the real plugin does."""

import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lab.plugins.serve import Refusal

_SHELL = ("/bin/sh", "-c")


@dataclass(frozen=True)
class Output:
    """What a command has printed, each without its last line break."""

    stdout: str = ""
    stderr: str = ""


def run(
    command: str,
    inputs: Mapping[str, Any],
    previous: Output,
    log: Callable[[str], None],
    cancelled: threading.Event,
) -> Output:
    """Run a command and return what it prints.

    Args:
        command: what to run.
        inputs: `interpreter`, `dir`, `environment`, `stdin`, `logging`, `addPreviousOutputInEnv`.
        previous: what the command before it printed; handed over in the environment.
        log: is told each line that `logging` lets through.
        cancelled: stops the command.

    Raises:
        Refusal: the command failed, or could not be started.
    """
    arguments = [*(inputs.get("interpreter") or _SHELL), command]
    environment = dict(os.environ)
    environment |= {key: str(value) for key, value in (inputs.get("environment") or {}).items()}
    if inputs.get("addPreviousOutputInEnv") is not False:
        if previous.stdout:
            environment["PULUMI_COMMAND_STDOUT"] = previous.stdout
        if previous.stderr:
            environment["PULUMI_COMMAND_STDERR"] = previous.stderr
    folder = Path(inputs.get("dir") or ".")
    try:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except OSError as error:
        raise Refusal(f"{command!r} could not be started in {folder}: {error}") from error
    with process:
        output, both = _communicate(
            process, str(inputs.get("stdin") or ""), inputs.get("logging"), log, cancelled
        )
    if process.returncode != 0:
        raise Refusal(f"exit status {process.returncode}: running {command!r}:\n{both}")
    return output


def _communicate(
    process: "subprocess.Popen[str]",
    text: str,
    logging: str | None,
    log: Callable[[str], None],
    cancelled: threading.Event,
) -> tuple[Output, str]:
    """Feed the command and collect what it prints: by stream, and both in the order of their arrival."""
    collected: dict[str, list[str]] = {"stdout": [], "stderr": []}
    both: list[str] = []

    def collect(name: str, stream: IO[str]) -> None:
        shown = logging in (None, name, "stdoutAndStderr")
        for line in stream:
            collected[name].append(line)
            both.append(line)
            if shown:
                log(line.rstrip("\n"))

    readers = [
        threading.Thread(target=collect, args=(name, stream), daemon=True)
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr))
        if stream is not None
    ]
    for reader in readers:
        reader.start()
    if process.stdin is not None:
        try:
            process.stdin.write(text)
            process.stdin.close()
        except BrokenPipeError:
            pass  # a command need not read its input
    while any(reader.is_alive() for reader in readers):
        for reader in readers:
            reader.join(0.05)
        if cancelled.is_set():
            process.terminate()
    process.wait()
    stdout, stderr = ("".join(collected[name]).removesuffix("\n") for name in ("stdout", "stderr"))
    return Output(stdout, stderr), "".join(both)
