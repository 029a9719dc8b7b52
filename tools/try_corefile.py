"""`python -m tools.try_corefile STACKFILE COREFILE`: what a stack would make of a Corefile.

It shows the change, and from whom it would take which answers. No cluster, no Pulumi, no credentials: a
careful operator's first look. Ends with 0 when `pulumi up` would edit the Corefile or leave it as it is,
and with 1 when it would refuse.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from glob import has_magic
from itertools import pairwise
from pathlib import Path
from typing import Any

from components.dns.corefile import CorefileError, parse
from components.dns.corefile.imports import FOLDER, located
from components.dns.corefile.lexer import words
from components.dns.effect import cluster_zones
from components.dns.hosts.entries import DEFAULT_FILE
from components.dns.leading_in import Taken
from components.dns.mounts import CUSTOM_MAP
from components.dns.plan import Ownership, Surroundings, own_file, plan
from components.dns.strategies.cluster_dns import ClusterDnsSettings
from components.dns.zones import AnyZone
from components.stackfile.printable import printable
from components.stackfile.problems import SettingsError
from tools.check import as_text, check
from tools.command_line import failed, painted, stack_of, stack_parser, stack_path

COREDNS, NODE_LOCAL = "coredns", "nodelocaldns"
_USUAL_CLUSTER = ("cluster.local", "in-addr.arpa", "ip6.arpa")
_FILES = {"import", "hosts", "file"}
_COLOURS = {"+": "32", "-": "31", "@": "36"}


@dataclass(frozen=True)
class Outcome:
    """What becomes of one Corefile."""

    outcome: str
    """`edited`, `unchanged` or `refused`."""
    reason: str = ""
    """Why it is refused."""
    text: str = ""
    """The whole new text; the old one where nothing changes."""
    file: str = ""
    """The imported file that the text is of, if the Corefile stays as it is; "" for the Corefile itself."""
    takes_away: tuple[Taken, ...] = ()
    """The names whose answers would change for others; `pulumi up` wants `takesOver` to name them."""
    left_to_others: tuple[str, ...] = ()
    """Keys such as `protobox:53` that somebody else serves in the same way."""
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as data for a program."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "text": self.text,
            "file": self.file,
            "takes_away": [{"name": taken.name, "from": taken.source} for taken in self.takes_away],
            "left_to_others": list(self.left_to_others),
            "warnings": list(self.warnings),
        }


def tried(
    corefile: str,
    zones: Sequence[AnyZone],
    around: Surroundings | None = None,
    *,
    stack: str = "try",
) -> Outcome:
    """Return what the program would make of `corefile`.

    `around` is what the Corefile does not say itself: files, and for a node-local cache the cluster's zones.
    """
    around, ours = around or Surroundings(), Ownership(stack)
    try:
        file = own_file(corefile, ours, around.folder)
        planned = plan(corefile, zones, ours, replace(around, own_file=file))
    except CorefileError as error:
        return Outcome("refused", str(error), corefile)
    before = around.files.get(file, "") if file else corefile
    outcome = "unchanged" if planned.text == before else "edited"
    return Outcome(outcome, "", planned.text, file, planned.taken, planned.served_by_others, planned.warnings)


def files_beside(corefile: Path, text: str) -> dict[str, str]:
    """Return what a Corefile imports or reads, as far as it lies beside it on this machine.

    The folder of the Corefile plays `/etc/coredns` of the pods: `custom/*.server` is looked for in its
    folder `custom`.
    """
    found: dict[str, str] = {}
    waiting = [text]
    while waiting:
        for keyword, target in pairwise(words(waiting.pop())):
            path = located(target)
            if keyword not in _FILES or not path.startswith(f"{FOLDER}/"):
                continue
            below = path.removeprefix(f"{FOLDER}/")
            for file in corefile.parent.glob(below) if has_magic(below) else [corefile.parent / below]:
                inside = f"{FOLDER}/{file.relative_to(corefile.parent)}"
                if file.is_file() and inside not in found:
                    found[inside] = file.read_text(encoding="utf-8")
                    waiting.append(found[inside])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the Corefile that the command line names; returns the exit code."""
    parser = stack_parser("try_corefile", "What a stack would make of a Corefile.", formats=True)
    parser.add_argument(
        "corefile", type=Path, help="a Corefile; files that it imports are looked for beside it"
    )
    parser.add_argument(
        "--layer",
        choices=[COREDNS, NODE_LOCAL],
        default=COREDNS,
        help="whose Corefile it is (default: coredns)",
    )
    parser.add_argument(
        "--coredns",
        type=Path,
        metavar="FILE",
        help="for nodelocaldns: CoreDNS's Corefile, which has the cluster's zones",
    )
    chosen = parser.parse_args(arguments)
    path = stack_path(chosen.stack)
    result = check(path)
    if result.settings is None:
        print(as_text(path, result, colour=sys.stdout.isatty()), file=sys.stderr)
        return 1
    dns = result.settings.dns
    if not isinstance(dns, ClusterDnsSettings):
        print(f"{path}: the DNS strategy {dns.strategy} edits no Corefile")
        return 0
    hosts = tuple(result.settings.uses)
    try:
        zones = dns.declared_zones(hosts)
    except SettingsError as error:
        return failed(error)
    try:
        text = _read(chosen.corefile)
        cluster = _cluster(chosen.coredns) if chosen.layer == NODE_LOCAL else ()
    except (OSError, UnicodeError, CorefileError) as error:
        return failed(
            f"{error}\n    fix: name a file with the text of a Corefile, for example from\n"
            f"      kubectl -n kube-system get configmap {chosen.layer} -o jsonpath='{{.data.Corefile}}'"
        )
    name = stack_of(path)
    # The cache is in the node's network, and has its hosts file.
    hidden = [DEFAULT_FILE] if chosen.layer == NODE_LOCAL else []
    around = Surroundings(files_beside(chosen.corefile, text), hidden=hidden, cluster=cluster, hosts=hosts)
    outcome = tried(text, zones, around, stack=name)
    silent = [taken for taken in outcome.takes_away if not taken.accepted(dns.takes_over)]
    if chosen.format == "json":
        print(json.dumps(outcome.as_json(), indent=2))
    else:
        before = around.files.get(outcome.file, "") if outcome.file else text
        print(in_words(outcome, before, chosen.corefile, silent, colour=sys.stdout.isatty()))
    return 1 if outcome.outcome == "refused" or silent else 0


def in_words(outcome: Outcome, before: str, file: Path, silent: Sequence[Taken], *, colour: bool) -> str:
    """Return what a person reads of an outcome; `silent` is what the stack file does not accept."""
    paint = partial(painted, colour=colour)
    if outcome.outcome == "refused":
        return f"{paint('refused:', '31')} {printable(f'{file}: {outcome.reason}')}"
    old, new = before.splitlines(), outcome.text.splitlines()
    lines = [printable(line) for line in difflib.unified_diff(old, new, lineterm="")][2:]
    parts = ["\n".join(paint(line, _COLOURS.get(line[:1], "")) for line in lines)] if lines else []
    if outcome.file and lines:
        place = Path(printable(outcome.file))
        parts.insert(
            0,
            f"The Corefile stays as it is, since it imports {place.parent}. In the ConfigMap that CoreDNS's "
            f"pods have there, mostly {CUSTOM_MAP}, the key {place.name} becomes:",
        )
    parts += [
        f"{printable(key)} is served by somebody else in the same way, and left to them"
        for key in outcome.left_to_others
    ]
    parts += [f"{paint('warning:', '33')} {printable(warning)}" for warning in outcome.warnings]
    if outcome.takes_away:
        names = "\n".join(printable(f"  {taken.name}: {taken.source}") for taken in outcome.takes_away)
        parts.append(f"{paint('takes away', '31')} the answers of others:\n{names}")
    if silent:
        listed = ", ".join(json.dumps(taken.name) for taken in silent)
        parts.append(
            f"`pulumi up` refuses that, unless the stack file has protobox-cd:dns.takesOver: [{listed}]"
        )
    elif outcome.outcome == "edited":
        parts.append(
            f"{paint('fine:', '32')} nobody else's answer changes"
            + (" that the stack file does not name" if outcome.takes_away else "")
        )
    else:
        parts.append(f"{paint('fine:', '32')} nothing has to change")
    return "\n\n".join(parts)


def _read(file: Path) -> str:
    return file.read_bytes().decode("utf-8")


def _cluster(coredns: Path | None) -> Sequence[str]:
    return cluster_zones(parse(_read(coredns), overlaps=True)) if coredns else _USUAL_CLUSTER


if __name__ == "__main__":
    sys.exit(main())
