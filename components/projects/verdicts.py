"""What is told of Applications that Argo CD cannot compare or synchronise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.cluster.errors import ClusterError
from components.projects.causes import Cause, cause_of, in_short

_NAMED = 5
_LONGEST = 600
_WHY = "what the stack file declares is not deployed; the Application itself is declared, and stays"
_AGAIN = "then run pulumi up again, which asks Argo CD once more"


@dataclass(frozen=True)
class Failure:
    """Why an Application has not come as far as it has to."""

    name: str
    place: str
    """Where it is declared: `protobox-cd:projects.docserver`; "" if it is not known."""
    words: str
    """Argo CD's own words; "" if it has said nothing."""
    late: str = ""
    """What there is to say of the time that is over; "" where Argo CD's words ended the waiting."""

    @property
    def cause(self) -> Cause:
        """What it means, and what helps."""
        if self.words:
            return cause_of(self.words)
        return Cause(
            self.late, "look at its page in Argo CD and at Argo CD's pods, or give it more waitSeconds"
        )


def as_error(failures: Sequence[Failure], count: int, seconds: float) -> ClusterError:
    """Return the error that tells of `failures`, those with the same cause together."""
    causes: dict[Cause, list[Failure]] = {}
    for failure in failures:
        causes.setdefault(failure.cause, []).append(failure)
    applications = f"{len(failures)} of {count} Application{'s' * (count != 1)}"
    what = [f"Argo CD is not done with {applications}, after {seconds:.0f} s"]
    what += [line for cause, same in causes.items() for line in _lines(cause, same)]
    if len(causes) == 1:
        ((cause, _),) = causes.items()
        fix = f"{cause.fix}; {_AGAIN}"
    else:
        told = [f"{listed([each.name for each in same])}: {cause.fix}" for cause, same in causes.items()]
        fix = "\n".join([*told, _AGAIN])
    return ClusterError("\n".join(what), _WHY, fix)


def listed(names: Sequence[str]) -> str:
    """Return some names, and how many others there are."""
    if len(names) <= _NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} others"


def _lines(cause: Cause, same: Sequence[Failure]) -> list[str]:
    first = same[0]
    names = [f"{each.name} ({each.place})" if each.place else each.name for each in same]
    lines = [f"{listed(names)}: {cause.what}"]
    if first.words:
        words = in_short(first.words)
        lines.append(f"Argo CD says: {words if len(words) <= _LONGEST else f'{words[:_LONGEST]} …'}")
        lines += [first.late] if first.late else []
    return lines
