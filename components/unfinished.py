"""What a run that was killed has left behind: waited for, told, and never worked on blindly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from components.adoption import Declared
from components.cluster.errors import ClusterError
from components.cluster.live import Live
from components.cluster.objects import ADOPTED, FORCE, LiveObject, Mark
from components.cluster.ownership import Name, Remembered
from components.projects.finalizers import way_out
from components.settings import Settings


def leftovers(
    settings: Settings, declared: Iterable[Declared], live: Live, state: Mapping[Name, Remembered], mark: Mark
) -> str:
    """Return the warning of what this stack has made, but neither declares nor has in its state; or ""."""
    known = {*state, *((each.kind, each.name) for each in declared)}
    left: dict[tuple[str, str], list[str]] = {}
    for found in live.objects:
        certainly_ours = bool(found.identity) and mark.is_on(found)
        if certainly_ours and not found.deleting and (found.kind, found.name) not in known:
            verb = "annotate" if found.adopted else "delete"  # what was there before us, we only let go
            left.setdefault((verb, found.kind), []).append(found.name)
    if not left:
        return ""
    what = ", ".join(f"{kind} {name}" for (_, kind), names in left.items() for name in names)
    kubectl = f"kubectl --context {settings.cluster.context} -n {settings.argocd.namespace}"
    marks = {"annotate": "".join(f" {key}-" for key in (*mark.annotations, ADOPTED, FORCE))}
    commands = "".join(
        f"\n  {kubectl} {verb} {kind.lower()} {' '.join(names)}{marks.get(verb, '')}"
        for (verb, kind), names in left.items()
    )
    return (
        f"this stack has made or adopted what it neither declares now nor has in its state: {what}. A run "
        "that was killed, or a state that was lost, has left it behind, and nobody manages it. What is "
        "declared again, the next `up` takes up. To be rid of what it has made, and to give back what it has "
        f"adopted:{commands}"
    )


def unsettled(settings: Settings, declared: Iterable[Declared], live: Live) -> ClusterError | None:
    """Return what is on its way out of the cluster, on which no `up` can work; None if nothing is."""
    if going := going_objects(declared, live):
        named = [f"the {each.kind} {each.name}" for each in going]
        held = [each for each in going if each.kind == "Application" and each.finalizers]
        out = f"; or\n{way_out([each.name for each in held], settings.argocd.namespace)}" if held else ""
        return ClusterError(
            f"{', '.join(named)} {'is' if len(going) == 1 else 'are'} being deleted",
            "what is written to it now goes with it",
            f"wait until it is gone, and run this again{out}",
        )
    return None


def going_objects(declared: Iterable[Declared], live: Live) -> list[LiveObject]:
    """Return the declared objects that are on their way out of the cluster."""
    return [found for each in declared if (found := each.found_in(live)) and found.deleting]
