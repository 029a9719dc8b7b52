"""What is in the cluster already: taken over when the stack file says so, never overwritten otherwise.

One rule for every object. What bears this very stack's mark, or is in its state, is its own; where the state
lacks it, after a run that was killed or with the state lost, it is imported. All else is adopted, or refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.access.secrets import secret_entries
from components.cluster.helm_records import RELEASE
from components.cluster.live import Live
from components.cluster.objects import ADOPTED, ADOPTED_RELEASE, APPLICATION_SET, FORCE, LiveObject, Mark
from components.cluster.ownership import RELEASE_NAME, REPLACES, Adoption, Name, Remembered
from components.projects.application import Application
from components.projects.finalizers import no_controller, way_out
from components.settings import Settings
from components.stackfile.problems import PROJECT, Key, Problem, key_path

_ADOPT = f"{PROJECT}:argocd.adopt: true"
_NOTHING_IS_OVERWRITTEN = "this program overwrites nothing that it has not made"


@dataclass(frozen=True)
class Declared:
    """An object that the stack declares."""

    kind: str
    name: str
    adopt: bool
    """Whether one that is there already may be taken over."""
    entry: tuple[Key, ...]
    """Where the stack file says so, with `adopt` behind it."""
    application: Application | None = None
    manifest: Mapping[str, Any] | None = None
    """Of an AppProject or a Secret: what is declared."""
    drop: Collection[str] = ()
    """What of it an adoption may change or drop, by paths."""
    elsewhere: str = ""
    """Its namespace, if that is not Argo CD's; what is there already is not taken over in such a one."""

    def found_in(self, live: Live) -> LiveObject | None:
        """Return what the cluster has of it."""
        there = live.elsewhere.get((self.elsewhere, self.name))
        return there if self.elsewhere else live.find(self.kind, self.name)


def declared_objects(
    settings: Settings, applications: Sequence[Application], others: Iterable[Mapping[str, Any]]
) -> list[Declared]:
    """Return the objects that a stack declares."""
    argocd = settings.argocd
    entries: dict[str, tuple[tuple[Key, ...], Any]] = {**secret_entries(settings.credentials)}
    found = [Declared("Namespace", argocd.namespace, argocd.adopt, ("argocd",))]
    for manifest in others:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        place, entry = entries.get(name, (("argocd",), argocd))
        if kind == "AppProject":
            place, entry = ("appProjects", name), settings.app_projects[name]
        if kind == APPLICATION_SET:
            place, entry = ("defaults",), settings.defaults
        found.append(Declared(kind, name, entry.adopt, place, None, manifest, entry.drop))
    for each in applications:
        place = ("defaults",) if each.document else each.path
        namespace = each.manifest["metadata"]["namespace"]
        elsewhere = namespace if namespace != argocd.namespace else ""
        adopt = each.options.adopt and not elsewhere
        found.append(Declared("Application", each.name, adopt, place, each, elsewhere=elsewhere))
    return found


def adoption(
    declared: Iterable[Declared],
    namespace: str,
    live: Live | None,
    state: Mapping[Name, Remembered],
    mark: Mark,
) -> Adoption:
    """Return what the stack has to do with what is there; `adoption_problems` says what stands in its way.

    In an offline preview, which knows nothing of the cluster, `live` is None.
    """
    imported: dict[Name, str] = {}
    forced: set[Name] = set()
    lost: dict[Name, str] = {}
    kept: dict[Name, Mapping[str, str]] = {}
    adopted: set[Name] = set()
    taken: set[Name] = set()
    for each in declared:
        name = (each.kind, each.name)
        found, known = each.found_in(live) if live else None, state.get(name)
        before = (known or found or Remembered("")).annotations
        kept[name] = {key: before[key] for key in (FORCE, REPLACES) if key in before}
        place = each.elsewhere or namespace
        if found and not known:
            imported[name] = each.name if each.kind == "Namespace" else f"{place}/{each.name}"
        if found and (not known or (each.adopt and not mark.is_on(found))):
            forced.add(name)
        certainly_gone = live and not found and each.kind not in live.not_served
        if certainly_gone and known and known.namespace in {"", place}:
            lost[name] = known.uid
        if found and not mark.is_on(found) and (each.adopt or not _is_ours(found, state, mark)):
            taken.add(name)  # also if a run has died that had only imported it
        if name in taken or ((found or not live) and _stays(each, found, known)):
            adopted.add(name)
    there = ("Namespace", namespace)
    of_namespace = live.find(*there) if live else None
    is_installed = bool(live and RELEASE in live.releases)
    if is_installed and RELEASE_NAME not in state:
        imported[RELEASE_NAME] = f"{namespace}/{RELEASE}"
    if is_installed and there in taken:
        taken.add(RELEASE_NAME)
    before = (of_namespace or state.get(there) or Remembered("")).annotations
    if RELEASE_NAME in taken or ADOPTED_RELEASE in before:
        adopted.add(RELEASE_NAME)
    description = state[RELEASE_NAME].description if RELEASE_NAME in state else ""
    return Adoption(mark, imported, forced, lost, kept, adopted, taken, description, of_namespace)


def _stays(each: Declared, found: LiveObject | None, known: Remembered | None) -> bool:
    """Tell whether it was adopted by an earlier run.

    Where there is no mark at all, the state tells: a run that was killed has taken it off.
    """
    if found and found.stack:
        by_an_earlier_version = each.adopt and each.kind == "Namespace" and not found.identity
        return found.adopted or by_an_earlier_version
    return bool(known and ADOPTED in known.annotations)


def adoption_problems(
    settings: Settings, declared: Sequence[Declared], live: Live, state: Mapping[Name, Remembered], mark: Mark
) -> list[Problem]:
    """Return what stands in the way: what would be overwritten, or cannot be taken over or deleted."""
    others = [
        (each, found)
        for each in declared
        if (found := each.found_in(live)) and not _is_ours(found, state, mark)
    ]
    namesakes = [(each, found) for each, found in others if found.stack == mark.stack and not each.adopt]
    refused = [(each, found) for each, found in others if found.stack != mark.stack and not each.adopt]
    theirs = any(each.kind == "Namespace" for each, _ in others)
    if live.crds_of not in {None, (settings.argocd.namespace, RELEASE)} and RELEASE not in live.releases:
        return [_elsewhere(*(live.crds_of or ("", "")), settings.argocd.namespace)]
    return [
        *_namesake_problems(namesakes, mark),
        *(_argocd_problems(settings, live) if theirs and not namesakes else ()),
        *_object_problems([pair for pair in refused if pair[0].kind != "Namespace"]),
        *_stuck(declared, live, mark),
    ]


def _is_ours(found: LiveObject, state: Mapping[Name, Remembered], mark: Mark) -> bool:
    """Tell whether an object is this stack's; earlier versions have marked no AppProject and no Secret."""
    known = state.get((found.kind, found.name))
    return mark.is_on(found) or (not found.stack and known is not None and known.uid == found.uid)


def _namesake_problems(namesakes: Sequence[tuple[Declared, LiveObject]], mark: Mark) -> Iterator[Problem]:
    identities = dict.fromkeys(found.identity for _, found in namesakes)
    for identity in identities:
        named = [f"the {found.kind} {found.name}" for _, found in namesakes if found.identity == identity]
        yield Problem(
            ("cluster", "stackIdentity"),
            f"in the cluster are already {', '.join(named)}, which a stack has made that is called "
            f"{mark.stack!r} too, but has its state in another backend (its identity is {identity}, that of "
            f"this stack {mark.identity})",
            f"the two would fight for the same objects; {_NOTHING_IS_OVERWRITTEN}",
            "work with the state of that stack (`pulumi whoami -v` tells the backend of this one). If its "
            "state was moved here, or is lost, write its identity into the stack file, and nothing is "
            f'made anew:\n  {PROJECT}:cluster:\n    stackIdentity: "{identity}"\n'
            "to take the objects away from that stack, write adopt: true as for anybody else's, in "
            f"{PROJECT}:argocd, {PROJECT}:defaults and what else has them",
        )


def _argocd_problems(settings: Settings, live: Live) -> Iterator[Problem]:
    namespace = settings.argocd.namespace
    without = sorted(name for name, release in live.workloads.items() if not release)
    other = sorted({release for release in live.workloads.values() if release not in {"", RELEASE}})
    place = ("argocd", "adopt")
    if without:
        yield _plain_manifests(namespace, without)
    elif other:
        yield Problem(
            place,
            f"the namespace {namespace!r} has an Argo CD that Helm installed as {', '.join(other)}, "
            f"not as {RELEASE}",
            "a Helm release cannot be renamed, and a second Argo CD in the namespace would fight with it "
            "for the same Applications",
            f"uninstall it and keep what it declares (helm --namespace {namespace} uninstall {other[0]}; the "
            f"CRDs and with them the Applications stay), or choose another {PROJECT}:argocd.namespace",
        )
    elif not settings.argocd.adopt and live.namespace:
        found = f"a Helm release {RELEASE!r}" if RELEASE in live.releases else "nothing of Argo CD"
        yield Problem(
            place,
            f"the namespace {namespace!r} exists already, with {found} in it{_of(live.namespace)}",
            _NOTHING_IS_OVERWRITTEN,
            f"to take it over, write {_ADOPT} (`destroy` then leaves the namespace); otherwise choose "
            f"another {PROJECT}:argocd.namespace",
        )


def _elsewhere(other: str, release: str, namespace: str) -> Problem:
    adopts = f"{PROJECT}:argocd: {{namespace: {other}, adopt: true}}"
    return Problem(
        ("argocd", "namespace"),
        f"Argo CD's CRDs belong to the Helm release {release!r} in the namespace {other!r}",
        "Helm installs nothing over what another release has installed, and fails in the middle of the up",
        (f"to take that Argo CD over, write {adopts}; " if release == RELEASE else "")
        + "if that release is gone, or is to go, hand the CRDs over:\n"
        f"  kubectl annotate --overwrite crd -l app.kubernetes.io/part-of=argocd "
        f"meta.helm.sh/release-name={RELEASE} meta.helm.sh/release-namespace={namespace}",
    )


def _plain_manifests(namespace: str, workloads: Sequence[str]) -> Problem:
    kinds = "deployments,statefulsets,services,networkpolicies,roles,rolebindings,serviceaccounts"
    selector = "-l app.kubernetes.io/part-of=argocd"
    return Problem(
        ("argocd", "adopt"),
        f"the namespace {namespace!r} has an Argo CD that was installed from plain manifests, not by Helm "
        f"({', '.join(workloads)})",
        "the chart cannot take it over: the selectors of its Deployments differ, and Kubernetes does not let "
        "anybody change a selector",
        "move once, in this order; the Applications and what they have deployed stay:\n"
        f"  kubectl -n {namespace} get applications,appprojects,configmaps,secrets -o yaml > before.yaml\n"
        f"  kubectl -n {namespace} delete {kinds} {selector}\n"
        f"  kubectl -n {namespace} delete configmaps,secrets {selector}\n"
        f"  kubectl delete clusterroles,clusterrolebindings {selector}\n"
        f"  kubectl annotate crd {selector} meta.helm.sh/release-name={RELEASE} "
        f"meta.helm.sh/release-namespace={namespace}\n"
        f"  kubectl label crd {selector} app.kubernetes.io/managed-by=Helm\n"
        f"then write {_ADOPT} and {PROJECT}:defaults.adopt: true, carry settings over from before.yaml "
        f"into {PROJECT}:argocd, and run `pulumi up`",
    )


def _object_problems(others: Sequence[tuple[Declared, LiveObject]]) -> Iterator[Problem]:
    applications = [found for each, found in others if each.application and not each.elsewhere]
    if len(applications) > 1:  # told once: one line takes them all over
        names = [f"{found.name!r}{_of(found)}" for found in applications]
        yield Problem(
            ("defaults", "adopt"),
            f"{len(names)} Applications are in the cluster already: {', '.join(names)}",
            _NOTHING_IS_OVERWRITTEN,
            "to take them over without deleting them, write (or adopt: true in some of the projects alone):\n"
            f"  {PROJECT}:defaults:\n    adopt: true",
        )
    for each, found in others:
        what = f"the {each.kind} {each.name!r} is in the cluster already{_of(found)}"
        fix = f"to take it over without deleting it, write {key_path((*each.entry, 'adopt'))}: true"
        if each.elsewhere:
            what = f"the {each.kind} {each.name!r} is in the namespace {each.elsewhere!r} already{_of(found)}"
            fix = "give it another name, or take its file out: only what is in Argo CD's namespace is adopted"
        if not each.application:
            yield Problem((*each.entry, "adopt"), what, _NOTHING_IS_OVERWRITTEN, fix)
        elif each.elsewhere or len(applications) == 1:
            yield each.application.problem(["metadata", "name"], [], what, _NOTHING_IS_OVERWRITTEN, fix)


def _stuck(declared: Iterable[Declared], live: Live, mark: Mark) -> Iterator[Problem]:
    """Tell of deletions that would wait for a controller that is not there."""
    if not live.idle:
        return
    names = {each.name for each in declared if each.kind == "Application"}
    for found in live.objects:
        is_application = found.kind == "Application"
        goes = is_application and mark.is_on(found) and not found.adopted and found.name not in names
        if goes and found.finalizers:
            yield Problem(
                ("projects",),
                f"the Application {found.name!r} is no longer in the stack, but cannot be deleted",
                no_controller(live.idle),
                way_out([found.name], live.namespace.name if live.namespace else RELEASE),
            )


def _of(found: LiveObject) -> str:
    return f"; it belongs to the stack {found.stack!r}" if found.stack else ""
