"""Which cluster it is."""

from __future__ import annotations

import pytest

from components.cluster.errors import ClusterError
from components.cluster.identity import cluster_uid, same_cluster
from tests.api_server import ApiServer


def test_a_cluster_is_known_by_the_uid_of_kube_system(api: ApiServer) -> None:
    api.uid = "4711"
    assert cluster_uid("test") == same_cluster("test", "") == same_cluster("test", "4711") == "4711"


def test_another_cluster_behind_the_context_is_refused_with_both_identities(api: ApiServer) -> None:
    api.uid = "4712"
    with pytest.raises(ClusterError, match="is another cluster") as caught:
        same_cluster("test", "4711")
    assert {"4711", "4712"} <= set(str(caught.value).replace(",", " ").split())


def test_who_may_not_read_the_identity_goes_by_what_the_state_remembers(api: ApiServer) -> None:
    api.refuse = 403
    assert same_cluster("test", "4711") == "4711"


def test_a_cluster_that_does_not_answer_is_told(api: ApiServer) -> None:
    api.refuse = 500
    with pytest.raises(ClusterError, match="answers 500"):
        cluster_uid("test")
