"""The program under test: what it makes of a case, as `pulumi up` and `make try` would."""

from __future__ import annotations

import posixpath

from components.dns.corefile import CorefileError
from components.dns.corefile.imports import located
from components.dns.plan import Ownership, Surroundings
from components.dns.plan import own_file as in_folder
from tests.dns.effects.case import Case
from tests.dns.effects.questions import wanted_name
from tools.try_corefile import Outcome, tried

OURS = "protobox-cd-try"


def try_(case: Case) -> Outcome:
    """Return what the program does with `case`; where a folder for users' own files is imported, in there."""
    files = {located(path): text for path, text in case.files.items()}
    if case.hidden:
        files = {path: text for path, text in files.items() if posixpath.dirname(path) != case.hidden}
    hosts = tuple(wanted_name(zone) for zone in case.zones)
    around = Surroundings(
        files,
        hidden=[case.hidden] if case.hidden else [],
        cluster=case.cluster,
        hosts=hosts,
    )
    return tried(case.corefile, case.zones, around, stack="try")


def own_file(case: Case) -> str:
    """Return the path of the imported file that the program writes into; "" for the Corefile itself."""
    try:
        return in_folder(case.corefile, Ownership("try"))
    except CorefileError:
        return ""
