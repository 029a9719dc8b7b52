"""The rows that ask the cluster: whether its API answers, what the user may do, and its version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from components.argocd.requirements import chart_problem
from components.cluster import helm_records
from components.cluster.api import Reader
from components.cluster.errors import ClusterError
from components.cluster.offline import VARIABLE, is_offline
from components.cluster.releases import release_warning, unfinished
from components.settings import Settings
from review.preflight.rows import Check
from tools.command_line import Mark, Row
from tools.rights import EVERYTHING, Right, rights_needed, told

_ROWS = API, RIGHTS, VERSION, RELEASE = "API server", "permissions", "Kubernetes version", "Helm release"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_PATIENCE = 2.0  # less than the check gets, so that the row has the API server's words


def cluster_check(settings: Settings, purpose: str) -> Check:
    """Return the check of API server, rights and version."""
    log_in = f"`kubectl --context {settings.cluster.context} get namespaces` has to answer here first"
    return Check(API, lambda: _look(settings, purpose), log_in)


def _look(settings: Settings, purpose: str) -> list[Row]:
    context = settings.cluster.context
    rows: list[Row] = []
    try:
        if is_offline():
            fix = f"take {VARIABLE} out of the environment, or ask with --for preview"
            rows.append(Row(Mark.SKIPPED, API, f"{VARIABLE} is set: the preview does not ask the cluster"))
            if purpose == "up":
                rows = [Row(Mark.FAILED, API, f"{VARIABLE} is set, with which `up` refuses to work", fix)]
        else:
            with Reader(context, patience=_PATIENCE) as reader:
                version = str((reader.get("/version") or {}).get("gitVersion", ""))
                rows.append(Row(Mark.OK, API, f"that of the kube-context {context!r} answers"))
                rows.append(_rights(reader, settings, purpose))
                rows.append(_fits(settings, version))
                rows.append(_release(reader, settings))
    except ClusterError as error:
        rows.append(Row(Mark.FAILED, _ROWS[len(rows)], error.what, error.fix))
    needed = f"needs the row {rows[-1].what!r}"
    return [*rows, *(Row(Mark.SKIPPED, what, needed) for what in _ROWS[len(rows) :])]


def _rights(reader: Reader, settings: Settings, purpose: str) -> Row:
    needed = rights_needed(settings, purpose)
    missing: list[Right] = []
    if not _may(reader, EVERYTHING):
        # Several questions at once: each right is a question, and a far API server takes its time.
        with ThreadPoolExecutor(8) as pool:
            allowed = pool.map(lambda right: _may(reader, right), needed)
            missing = [right for right, may in zip(needed, allowed, strict=True) if not may]
    if not missing:
        return Row(Mark.OK, RIGHTS, f"all {len(needed)} rights that `{purpose}` needs")
    context = settings.cluster.context
    lacks = f"the user of the kube-context {context!r} lacks {len(missing)} of the {len(needed)} rights"
    fix = (
        f"let an administrator grant them: `make rights STACK=… ARGS='--for {purpose}'` prints the manifest; "
        f"`kubectl --context {context} auth can-i --list` shows what the user has"
    )
    return Row(Mark.FAILED, RIGHTS, "\n".join([f"{lacks} that `{purpose}` needs:", *told(missing)]), fix)


def _may(reader: Reader, right: Right) -> bool:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": right.attributes},
    }
    answer = reader.ask(_REVIEWS, review)
    return bool(((answer or {}).get("status") or {}).get("allowed"))


def _fits(settings: Settings, version: str) -> Row:
    chart = settings.argocd.chart
    if problem := chart_problem(chart, version):
        return Row(Mark.FAILED, VERSION, problem.what, problem.fix)
    return Row(Mark.OK, VERSION, f"{version}, which the chart takes" if chart.path else version)


def _release(reader: Reader, settings: Settings) -> Row:
    namespace = settings.argocd.namespace
    found = helm_records.helm_releases(reader, namespace).get(helm_records.RELEASE)
    if half := unfinished(settings.argocd.namespace, settings.argocd.timeout_seconds, found):
        if half.is_of_pulumi:
            return Row(Mark.WARNING, RELEASE, half.warning())
        stuck = half.error(settings.cluster.context)
        return Row(Mark.FAILED, RELEASE, stuck.what, stuck.fix)
    if warning := release_warning(found, namespace):
        return Row(Mark.WARNING, RELEASE, warning)
    return Row(Mark.OK, RELEASE, f"{found.status} (revision {found.revision})" if found else "none yet")
