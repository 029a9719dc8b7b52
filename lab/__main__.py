"""The lab's command line: `python -m lab start`, `stop`, `ask`, `shell` and so on."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import main_job, programs, site
from lab.chart import complete_chart
from lab.errors import LabError
from lab.first_sync import pictures, story
from lab.first_sync.programs import OPTIONAL
from lab.lab import LAYERS, Lab
from lab.report import terminal
from lab.shell import exports, open_shell

_INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an error is a sentence, never a traceback."""
    options = _parser().parse_args(arguments)
    # A cancelled CI job and a closed terminal end like Ctrl-C: what is half started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # that is what `nohup` asks for
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    command: Callable[[Lab, argparse.Namespace], int] = options.command
    try:
        return command(Lab(options.directory), options)
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=sys.modules["lab"].__doc__)
    parser.add_argument(
        "--directory", type=Path, default=Path(".lab"), help="where this lab is kept (default: .lab)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, command: Callable[[Lab, argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        return added

    build = add("build", _build, "build the programs that are not in the user's cache yet")
    build.add_argument("--full", action="store_true", help="also those that only some tests use")
    add("up", _up, "build and start what is missing, then deploy the stack local and report")
    demo = add("demo", _demo, "show the page's failure and its cure with the real Argo CD")
    demo.add_argument(
        "--strategy", default="dnsmasq", help="dnsmasq (the default), consul, hosts or hostAliases"
    )
    demo.add_argument("--pause", action="store_true", help="wait before `pulumi destroy`, to look at Argo CD")
    add("pictures", _pictures, "draw the README's pictures from a demo that runs")
    add("start", _start, "start the cluster and the site's DNS")
    add("stop", _stop, "stop everything; the cluster comes back as it was with the next start")
    add("clean", _clean, "stop everything and delete the lab's directory")
    add("status", _status, "tell what runs and where it answers")
    ask = add("ask", _ask, "ask the lab's DNS for a name")
    ask.add_argument("name", help="such as git.protobox")
    ask.add_argument(
        "--layer", choices=LAYERS, action="append", help="whom to ask (default: the two in the cluster)"
    )
    ask.add_argument("--type", default="A", help="the record type (default: A)")
    add("shell", _shell, "open a shell in which pulumi and kubectl work on the lab")
    add("env", _env, "print that shell's environment as export lines")
    return parser


def _build(_lab: Lab, options: argparse.Namespace) -> int:
    found = programs.build()
    complete_chart(found)
    if options.full:
        programs.build_optional()
    print(f"The lab's programs are in {programs.cache_folder()}; the engine is {found.pulumi}.")
    return 0


def _up(lab: Lab, _options: argparse.Namespace) -> int:
    main_job.run(lab, Path.cwd())
    return 0


def _demo(_lab: Lab, options: argparse.Namespace) -> int:
    console = terminal()
    programs.build()
    programs.build_optional(*OPTIONAL)
    story.demo(options.strategy, console, pause=options.pause)
    console.print("Nothing of it is left on this machine.")
    return 0


def _pictures(_lab: Lab, _options: argparse.Namespace) -> int:
    programs.build()
    programs.build_optional(*OPTIONAL)
    for file in pictures.draw(terminal()):
        print(f"{file} is drawn.")
    return 0


def _start(lab: Lab, _options: argparse.Namespace) -> int:
    began = time.monotonic()
    lab.start(print)
    print(f"The lab is ready after {time.monotonic() - began:.0f} s, in {lab.directory}.")
    return 0


def _stop(lab: Lab, _options: argparse.Namespace) -> int:
    lab.stop(print)
    print("Nothing of the lab is running.")
    return 0


def _clean(lab: Lab, _options: argparse.Namespace) -> int:
    lab.clean(print)
    print(f"Nothing of the lab is running, and {lab.directory} is gone.")
    return 0


def _status(lab: Lab, _options: argparse.Namespace) -> int:
    for process in lab.processes():
        print(f"{process.name:<24} process {process.pid}")
    if not lab.running():
        print("The lab is not running (or not all of it). Start it with `python -m lab start`.")
        return 1
    for name, place in LAYERS.items():
        played = "" if lab.is_real(name) else " (played by CoreDNS)"
        print(
            f"{name:<24} {lab.address(name):<20} {place.what}{played}, {place.address} port {place.port} "
            "on the site"
        )
    return 0


def _ask(lab: Lab, options: argparse.Namespace) -> int:
    _require_running(lab)
    for layer in options.layer or [pod.name for pod in site.PODS]:
        print(f"{layer:<14} {lab.ask(layer, options.name, options.type)}")
    return 0


def _shell(lab: Lab, _options: argparse.Namespace) -> int:
    _require_running(lab)
    return open_shell(lab)


def _env(lab: Lab, _options: argparse.Namespace) -> int:
    _require_running(lab)
    print(exports(lab))
    return 0


def _require_running(lab: Lab) -> None:
    if not lab.running():
        raise LabError("The lab is not running. Start it with `python -m lab start`.")


if __name__ == "__main__":
    sys.exit(main())
