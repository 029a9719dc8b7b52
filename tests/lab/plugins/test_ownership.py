from typing import Any

from lab.plugins.kubernetes.ownership import must_force, owners, take_over, without_ignored_fields
from lab.plugins.kubernetes.settings import Settings

OURS = "pulumi-kubernetes-1234"


def entry(manager: str, operation: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "fieldsV1": fields, **more}


def live(*entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "metadata": {"name": "a", "resourceVersion": "7", "managedFields": list(entries)},
        "spec": {"path": "live", "other": 1},
    }


PATH_FIELD: dict[str, Any] = {"f:spec": {"f:path": {}}}
OTHER_FIELD: dict[str, Any] = {"f:spec": {"f:other": {}}}


def test_fields_written_by_kubectl_and_at_creation_become_ours() -> None:
    controller = entry("controller", "Update", {"f:status": {}})
    patch = take_over(
        live(
            entry("kubectl-client-side-apply", "Update", PATH_FIELD),
            entry("pulumi-kubernetes", "Update", OTHER_FIELD),
            controller,
        ),
        OURS,
    )
    kept, ours = patch[0]["value"]
    assert kept == controller
    assert (ours["manager"], ours["operation"]) == (OURS, "Apply")
    assert ours["fieldsV1"] == {"f:spec": {"f:path": {}, "f:other": {}}}


def test_taking_over_fails_if_somebody_wrote_in_between() -> None:
    patch = take_over(live(entry("kubectl", "Apply", PATH_FIELD)), OURS)
    assert patch[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}


def test_our_own_earlier_fields_stay_ours() -> None:
    patch = take_over(live(entry(OURS, "Apply", OTHER_FIELD), entry("kubectl", "Update", PATH_FIELD)), OURS)
    (ours,) = patch[0]["value"]
    assert ours["fieldsV1"] == {"f:spec": {"f:other": {}, "f:path": {}}}


def test_nothing_is_taken_from_controllers_or_from_argocd() -> None:
    assert take_over(live(entry("argocd-server", "Update", PATH_FIELD)), OURS) == []
    status = entry("kubectl", "Update", {"f:status": {}}, subresource="status")
    assert take_over(live(status), OURS) == []


def test_owners_are_found_by_field() -> None:
    seen = live(entry("a", "Update", PATH_FIELD), entry("b", "Apply", {"f:spec": {}}))
    assert owners(seen, ("spec", "path")) == {"a"}
    assert owners(seen, ("spec",)) == {"a", "b"}
    assert owners(seen, ("status",)) == set()


def test_force_is_for_those_who_ask_for_it() -> None:
    seen = live(entry("argocd-server", "Update", PATH_FIELD))
    annotated = {"metadata": {"annotations": {"pulumi.com/patchForce": "true"}}}
    assert must_force(annotated, seen, Settings(), preview=False)
    assert must_force({}, seen, Settings(enable_patch_force=True), preview=False)
    assert not must_force({}, seen, Settings(), preview=False)
    assert not must_force({}, seen, Settings(), preview=True)


def test_a_preview_assumes_the_take_over_that_the_deployment_will_do() -> None:
    seen = live(entry("kubectl-client-side-apply", "Update", PATH_FIELD))
    assert must_force({}, seen, Settings(), preview=True)
    assert not must_force({}, seen, Settings(), preview=False)


def test_an_ignored_field_of_another_manager_is_not_sent() -> None:
    seen = live(entry("argocd-server", "Update", PATH_FIELD))
    wanted = {"spec": {"path": "mine", "other": 2}}
    assert without_ignored_fields(wanted, seen, [("spec", "path")], OURS) == {"spec": {"other": 2}}


def test_an_ignored_field_of_ours_is_sent_as_it_is_now() -> None:
    seen = live(entry(OURS, "Apply", PATH_FIELD))
    wanted = {"spec": {"path": "mine", "other": 2}}
    assert without_ignored_fields(wanted, seen, [("spec", "path")], OURS)["spec"] == {
        "path": "live",
        "other": 2,
    }
