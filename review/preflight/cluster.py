"""The rows that ask the cluster: whether its API answers, what the user may do, and its version."""

from __future__ import annotations

from collections.abc import Iterable
from queue import Empty, SimpleQueue
from threading import Thread

from components import live
from components.argocd import kubernetes_version
from components.cluster import ClusterError, Reader
from components.live import helm_releases
from components.offline import VARIABLE, is_offline
from components.releases import release_error, release_warning
from components.settings import Settings
from review.preflight.chart import CHART, is_chart
from review.preflight.looking import Check
from review.preflight.rights import EVERYTHING, Right, rights_needed, told
from review.preflight.rows import Mark, Row

API, RIGHTS, VERSION, RELEASE = "API server", "permissions", "Kubernetes version", "Helm release"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_AT_ONCE = 8
_PATIENCE = 2.0  # less than the checks get, so that the row has the API server's words
_EXAMPLES = {"preview": ", as examples/preview-rights.yaml does"}
"""Purpose → where its rights are written down."""


class Cluster:
    """The cluster of a stack.

    Args:
        settings: the stack's settings.
        purpose: `preview` or `up`: what the user has to be allowed.
    """

    def __init__(self, settings: Settings, purpose: str) -> None:
        self._settings = settings
        self._purpose = purpose
        self._context = settings.cluster.context
        self._version = ""

    def checks(self, api_seconds: float, seconds: float) -> list[Check]:
        """Return the checks; `api_seconds` is for the API server, `seconds` for all that follows."""
        log_in = f"`kubectl --context {self._context} get namespaces` has to answer on this machine first"
        late = Row(Mark.FAILED, API, f"{self._named} did not answer within {api_seconds:g} s", log_in)
        return [
            Check(API, self._api, api_seconds, late),
            Check(RIGHTS, self._rights, seconds, self._late(RIGHTS, seconds, log_in), API),
            Check(VERSION, self._fits, seconds, self._late(VERSION, seconds, log_in), API),
            Check(RELEASE, self._release, seconds, self._late(RELEASE, seconds, log_in), API),
        ]

    @property
    def _named(self) -> str:
        return f"the API server of the kube-context {self._context!r}"

    def _late(self, what: str, seconds: float, fix: str) -> Row:
        return Row(Mark.FAILED, what, f"{self._named} did not answer this within {seconds:g} s", fix)

    def _api(self) -> Row:
        try:
            if is_offline():
                return self._not_asked()
            with Reader(self._context, patience=_PATIENCE) as reader:
                answer = reader.get("/version")
        except ClusterError as error:
            return _failed(API, error)
        self._version = str((answer or {}).get("gitVersion", ""))
        return Row(Mark.OK, API, f"{self._named} answers")

    def _not_asked(self) -> Row:
        if self._purpose == "up":
            return Row(
                Mark.FAILED,
                API,
                f"{VARIABLE} is set, with which `up` refuses to work",
                f"take {VARIABLE} out of the environment, or ask with --for preview",
            )
        return Row(Mark.SKIPPED, API, f"{VARIABLE} is set: the preview does not ask the cluster")

    def _rights(self) -> Row:
        needed = rights_needed(self._settings, self._purpose)
        try:
            with Reader(self._context, patience=_PATIENCE) as reader:
                missing = [] if _may(reader, EVERYTHING) else _missing(reader, needed)
        except ClusterError as error:
            return _failed(RIGHTS, error)
        if not missing:
            return Row(Mark.OK, RIGHTS, f"all {len(needed)} rights that `{self._purpose}` needs")
        return Row(
            Mark.FAILED,
            RIGHTS,
            f"the user of the kube-context {self._context!r} lacks {len(missing)} of the {len(needed)} "
            f"rights that `{self._purpose}` needs:\n" + "\n".join(told(missing)),
            f"let an administrator grant them by a Role or ClusterRole{_EXAMPLES.get(self._purpose, '')}; "
            f"`kubectl --context {self._context} auth can-i --list` shows what the user has",
        )

    def _fits(self) -> Row:
        chart = self._settings.argocd.chart
        if chart.path and not is_chart(chart.path):
            return Row(Mark.SKIPPED, VERSION, f"needs the row {CHART!r}")
        if problem := kubernetes_version.problem(chart, self._version):
            return Row(Mark.FAILED, VERSION, problem.what, problem.fix)
        if warning := kubernetes_version.warning(chart, self._version):
            return Row(Mark.WARNING, VERSION, warning)
        return Row(Mark.OK, VERSION, f"{self._version}, which the chart takes")

    def _release(self) -> Row:
        namespace = self._settings.argocd.namespace
        try:
            with Reader(self._context, patience=_PATIENCE) as reader:
                found = helm_releases(reader, namespace).get(live.RELEASE)
        except ClusterError as error:
            return _failed(RELEASE, error)
        if stuck := release_error(self._settings, found):
            return _failed(RELEASE, stuck)
        if warning := release_warning(found, namespace):
            return Row(Mark.WARNING, RELEASE, warning)
        seen = f"{found.status} (revision {found.revision})" if found else "none yet"
        return Row(Mark.OK, RELEASE, seen)


def _missing(reader: Reader, needed: list[Right]) -> list[Right]:
    """Return which rights the user has not, in their order.

    Several questions at once, since a right is one question, and a far API server takes its time for each.
    """
    waiting: SimpleQueue[Right] = SimpleQueue()
    answers: dict[Right, bool | ClusterError] = {}
    for right in needed:
        waiting.put(right)

    def work() -> None:
        try:
            while True:
                right = waiting.get_nowait()
                try:
                    answers[right] = _may(reader, right)
                except ClusterError as error:
                    answers[right] = error
        except Empty:
            return

    workers = [Thread(target=work, daemon=True) for _ in range(_AT_ONCE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    _raise_first(answers.values())
    return [right for right in needed if not answers[right]]


def _raise_first(answers: Iterable[bool | ClusterError]) -> None:
    for answer in answers:
        if isinstance(answer, ClusterError):
            raise answer


def _may(reader: Reader, right: Right) -> bool:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": right.attributes},
    }
    answer = reader.ask(_REVIEWS, review)
    return bool(((answer or {}).get("status") or {}).get("allowed"))


def _failed(what: str, error: ClusterError) -> Row:
    return Row(Mark.FAILED, what, error.what, error.fix)
