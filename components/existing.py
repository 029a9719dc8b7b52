"""What exists before anything is declared, in the cluster and in Pulumi's state, and what to do about it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pulumi

from components.access.component import AccessArgs
from components.access.secrets import foreign_credentials
from components.adoption import Declared, adoption, adoption_problems, declared_objects
from components.argocd.chart_values import secret_manifests as argocd_secrets
from components.argocd.release import HIDDEN
from components.argocd.requirements import chart_problem, worker_problem
from components.beforehand import going_objects, leftovers, not_known_offline, taken_over, unsettled
from components.cluster.api import PATIENCE, Reader
from components.cluster.backend import backend_url, same_for_all
from components.cluster.errors import MissingError
from components.cluster.helm_records import RELEASE
from components.cluster.identity import same_cluster, stack_identity
from components.cluster.live import Live, read_cluster
from components.cluster.objects import APPLICATION_SET, LiveObject, Mark
from components.cluster.offline import is_offline
from components.cluster.ownership import RELEASE_NAME, Adoption, remembered, remembered_cluster
from components.cluster.releases import Unfinished, release_warning, unfinished
from components.marks import Adopted
from components.sdk import resources_before, warn
from components.settings import Settings
from components.stackfile.problems import Problem, SettingsError


def what_to_adopt(settings: Settings, allowed: AccessArgs) -> Adoption:
    """Return what to take over, and what to make anew, of what the cluster and Pulumi's state have.

    Raises:
        SettingsError: the context does not exist, the chart does not fit the cluster, or something is there
            that this stack must not overwrite.
        ClusterError: the API server does not answer, or forbids it; or a run that was killed has left what
            nobody can work on.
    """
    argocd = settings.argocd
    sets = [each.manifest for each in settings.application_sets]
    others = [*argocd_secrets(argocd), *allowed.secrets, *allowed.app_projects, *sets]
    declared, mark = declared_objects(settings, settings.applications, others), _mark(settings)
    resources = resources_before(len(declared))
    state = remembered(resources)
    if is_offline():
        _nothing_known(settings)
        return adoption(declared, argocd.namespace, None, state, mark)
    known = state.get(RELEASE_NAME)
    urn = known.urn if known and known.namespace == argocd.namespace else ""
    live, half = _settled(settings, declared, urn)
    if before := remembered_cluster(resources):  # what the state has is missed in that cluster only
        same_cluster(settings.cluster.context, before)
    adopted = adoption(declared, argocd.namespace, half.after(live) if half else live, state, mark)
    taken = taken_over(settings, declared, adopted, pulumi.Config(HIDDEN).get)
    problems = [
        chart_problem(argocd.chart, live.version),
        worker_problem(argocd, live.nodes),
        *adoption_problems(settings, declared, live, state, mark),
        *taken.problems,
    ]
    if wrong := [problem for problem in problems if problem]:
        raise SettingsError(wrong)
    if error := unsettled(settings, declared, live):
        raise error
    if half:
        description = half.description or adopted.description
        _take_up(half, settings, live.namespace, adopted)
        if not live.namespace and not pulumi.runtime.is_dry_run():  # now it is there
            live, _ = _settled(settings, declared, urn)
            adopted = adoption(declared, argocd.namespace, live, state, mark)
        adopted = replace(adopted, description=description)
    of_the_cluster = [
        release_warning(live.releases.get(RELEASE), argocd.namespace),
        leftovers(settings, declared, live, state, mark),
        taken.text,
    ]
    warn(*of_the_cluster)
    return adopted


def adopted_objects(settings: Settings, adopted: Adoption) -> list[pulumi.Resource]:
    """Declare what makes sure that the marks go with the stack, before all that it has taken over."""
    objects, mark = adopted.objects(settings.argocd.namespace), adopted.mark
    place = {"context": settings.cluster.context, "stack": mark.stack, "identity": mark.identity}
    return [Adopted("adopted", {**place, "objects": objects})] if objects else []


def _take_up(half: Unfinished, settings: Settings, namespace: LiveObject | None, adopted: Adoption) -> None:
    """Say what `up` does about a release that is unfinished; in an `up`, do it.

    Raises:
        ClusterError: it may be somebody else's who is at work on it, or the API server refuses.
    """
    context, mark = settings.cluster.context, adopted.mark
    if not (half.is_of_pulumi and (half.urn or (namespace and mark.is_on(namespace)))):
        raise half.error(context)
    warn(half.warning())
    if not pulumi.runtime.is_dry_run():  # this run has the stack's lock: no other works on it
        with Reader(context) as cluster:
            if not namespace:
                about = {"name": settings.argocd.namespace, "annotations": mark.annotations}
                cluster.ask(
                    "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": about}
                )
            half.take_up(cluster)


def _settled(settings: Settings, declared: Sequence[Declared], urn: str) -> tuple[Live, Unfinished | None]:
    """Return what the cluster has, once nothing of it is on its way out any more; after a while in any case.

    With it, what is unfinished of the release all the same.

    Whoever kills Pulumi leaves its plugin at work: a Helm that installs, a deletion that takes its time. An
    `up`, which goes on from there, waits until that Helm must have ended; a preview does not.
    """
    context, argocd = settings.cluster.context, settings.argocd
    sets = any(one.kind == APPLICATION_SET for one in declared)
    elsewhere = [(one.elsewhere, one.name) for one in declared if one.elsewhere]
    began, told_before = time.monotonic(), False
    while True:
        try:
            live = read_cluster(
                context, argocd.namespace, nodes=argocd.high_availability, sets=sets, elsewhere=elsewhere
            )
        except MissingError as error:
            raise no_context(error) from None
        waiting = [f"the {one.kind} {one.name} is being deleted" for one in going_objects(declared, live)]
        half = unfinished(argocd.namespace, argocd.timeout_seconds, live.releases.get(RELEASE), urn)
        at_most = PATIENCE
        if half and (left := half.seconds_left(live.clock)):
            waiting.append(half.what)
            at_most = max(left, PATIENCE) if not pulumi.runtime.is_dry_run() else PATIENCE
        if not waiting or time.monotonic() > began + at_most:
            return live, half
        if not told_before:
            pulumi.log.info(f"waiting up to {at_most:.0f} s: {', '.join(waiting)}")
        told_before = True
        time.sleep(1)


def no_context(error: MissingError) -> SettingsError:
    """Return the error of a stack file whose kube-context does not exist."""
    return SettingsError([Problem(("cluster", "context"), error.what, error.why, error.fix)])


def _mark(settings: Settings) -> Mark:
    """Return what this stack marks its objects with."""
    backend = same_for_all(backend_url(Path.cwd(), os.environ))
    stack = pulumi.get_stack()
    by_backend = stack_identity(backend, pulumi.get_organization(), pulumi.get_project(), stack)
    return Mark(stack, settings.cluster.stack_identity or by_backend)


def _nothing_known(settings: Settings) -> None:
    """Tell what a preview without the cluster does not know.

    Raises:
        SettingsError: there is no chart at the stack file's path.
    """
    if problem := chart_problem(settings.argocd.chart):
        raise SettingsError([problem])
    adopting = [one.name for one in settings.applications if one.options.adopt]
    warn(not_known_offline(settings, adopting, foreign_credentials(settings.credentials)))
