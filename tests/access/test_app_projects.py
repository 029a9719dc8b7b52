"""The section `appProjects`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from components.access.sync_windows import require_duration, require_schedule, require_time_zone
from components.argocd.rbac import policy_problem
from components.checks.access_sections import access_problems
from components.stackfile.problems import SettingsError
from tests.site import settings

NIGHT = {"kind": "allow", "schedule": "0 22 * * *", "duration": "1h", "applications": ["*"]}
GOOD = "p, proj:shop:dev, applications, sync, shop/*, allow"


@pytest.mark.parametrize(
    ("app_projects", "where", "what", "fix"),
    [
        ({"default": {}}, "default", "Argo CD's own AppProject", "take the entry out"),
        ({"My Shop": {}}, '["My Shop"]', "cannot be the name", "my-shop"),
        (
            {"shop": {"destinations": [{"cluster": "edge", "server": "https://x", "namespace": "a"}]}},
            "shop.destinations[0]",
            "cluster and server are set together",
            "take server out",
        ),
        (
            {"shop": {"destinations": [{"cluster": "edge"}]}},
            "shop.destinations[0].namespace",
            "missing",
            "shop-*",
        ),
        (
            {"shop": {"syncWindows": [{**NIGHT, "schedule": "@daily"}]}},
            "shop.syncWindows[0].schedule",
            "has 1 fields",
            "0 22 * * 1-5",
        ),
        (
            {"shop": {"syncWindows": [{**NIGHT, "duration": "1d"}]}},
            "shop.syncWindows[0].duration",
            "not a duration",
            "24h",
        ),
        (
            {"shop": {"syncWindows": [{**NIGHT, "timeZone": "Paris"}]}},
            "shop.syncWindows[0].timeZone",
            "not a time zone",
            "Europe/Paris",
        ),
        (
            {"shop": {"syncWindows": [{**NIGHT, "applications": []}]}},
            "shop.syncWindows[0]",
            "names no applications",
            'applications: ["*"]',
        ),
        ({"shop": {"roles": [{"name": "a b"}]}}, "shop.roles[0].name", "not allowed", "name: developer"),
        (
            {"theirs": {"declare": False, "roles": []}},
            "theirs.roles",
            "does not declare",
            "or declare: false",
        ),
    ],
)
def test_a_mistake_in_an_app_project_is_told_with_its_place(
    app_projects: dict[str, Any], where: str, what: str, fix: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(appProjects=app_projects)
    (problem,) = caught.value.problems
    assert problem.where == f"protobox-cd:appProjects.{where}".replace(".[", "[")
    assert what in problem.what
    assert fix in problem.fix
    assert problem.why


def test_an_unknown_cluster_is_told_and_a_pattern_is_not() -> None:
    patterns = ("edge-*", "edge-?", "edge-[ab]", "{a,b}", "!x")
    named = ("in-cluster", "legacy", *patterns, "egde")
    destinations = [{"cluster": name, "namespace": "shop"} for name in named]
    read = settings(
        appProjects={"shop": {"destinations": destinations}}, clusters={"legacy": {"declare": False}}
    )
    (problem,) = access_problems(read)
    assert problem.where == "protobox-cd:appProjects.shop.destinations[7].cluster"
    assert "no cluster 'egde'" in problem.what


def test_a_policy_of_another_app_project_is_told_with_the_line_to_write() -> None:
    roles = [{"name": "dev", "policies": [GOOD, GOOD.replace("proj:shop", "proj:other")]}]
    (problem,) = access_problems(settings(appProjects={"shop": {"roles": roles}}))
    assert problem.where == "protobox-cd:appProjects.shop.roles[0].policies[1]"
    assert problem.fix == "write proj:shop:dev"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("p, proj:shop:dev, applications, sync, shop/*", "six fields"),
        ("g, proj:shop:dev, applications, sync, shop/*, allow", "six fields"),
        ("p, proj:shop:ops, applications, sync, shop/*, allow", "'proj:shop:ops'"),
        ("p, proj:shop:dev, projects, get, shop/*, allow", "no resource 'projects'"),
        ("p, proj:shop:dev, applications, deploy, shop/*, allow", "no action 'deploy'"),
        ("p, proj:shop:dev, applications, get, other/*, allow", "no object of this AppProject"),
        ("p, proj:shop:dev, applications, get, shop/*, permit", "no effect 'permit'"),
    ],
)
def test_a_policy_that_argo_cd_refuses_is_told(line: str, what: str) -> None:
    told = policy_problem(line, "shop", "dev")
    assert told is not None
    assert what in told[0]


@given(
    app_project=st.from_regex(r"[a-z]([-a-z0-9.]{0,8}[a-z0-9])?", fullmatch=True),
    role=st.from_regex(r"[a-zA-Z0-9]([-_a-zA-Z0-9]{0,8}[a-zA-Z0-9])?", fullmatch=True),
    resource=st.sampled_from(["applications", "applicationsets", "repositories", "exec", "logs", "clusters"]),
    action=st.sampled_from(["get", "sync", "*", "action/apps/Deployment/restart", "delete/*/Pod/*"]),
    target=st.sampled_from(["*", "docserver", "ns/docserver", "ns/*"]),
)
def test_every_policy_of_the_documented_form_is_taken_by_its_own_role_only(
    app_project: str, role: str, resource: str, action: str, target: str
) -> None:
    subject = f"proj:{app_project}:{role}"
    line = ", ".join(["p", subject, resource, action, f"{app_project}/{target}", "deny"])
    assert policy_problem(line, app_project, role) is None
    assert policy_problem(line.replace(" ", ""), app_project, role) is None
    assert policy_problem(line, app_project, f"{role}x") is not None


@given(st.text(max_size=60))
def test_any_text_is_a_policy_or_told_never_a_crash(line: str) -> None:
    assert policy_problem(line, "shop", "dev") is not None or line.count(",") == 5


@pytest.mark.parametrize(
    "schedule", ["0 22 * * 1-5", "*/15 0-6,22 ? jan-MAR sun", "5/10 0 1,15 12 0", "59 23 31 12 6"]
)
def test_schedules_that_argo_cd_reads_are_taken(schedule: str) -> None:
    assert require_schedule(schedule) == schedule


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "@daily",
        "0 0 22 * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "*/0 * * * *",
        "*/00 * * * *",
        "*-5 * * * *",
        "1-2-3 * * * *",
        "1,,2 * * * *",
        "* * * monday *",
        "9999999999999 * * * *",
    ],
)
def test_schedules_that_argo_cd_would_ignore_are_refused(schedule: str) -> None:
    with pytest.raises(PydanticCustomError):
        require_schedule(schedule)


@given(
    st.tuples(
        st.integers(0, 59), st.integers(0, 23), st.integers(1, 31), st.integers(1, 12), st.integers(0, 6)
    )
)
def test_every_single_time_is_a_schedule(fields: tuple[int, ...]) -> None:
    schedule = " ".join(map(str, fields))
    assert require_schedule(schedule) == schedule


@given(st.text(max_size=20))
def test_any_text_is_a_schedule_or_refused_with_a_reason(text: str) -> None:
    try:
        fields = len(require_schedule(text).split())
    except PydanticCustomError as refused:
        told = refused.context or {}
    else:
        told = {"fix": fields == 5}
    assert told["fix"]


@pytest.mark.parametrize("duration", ["1h30m", "90m", "1.5h", "10s", ".5h"])
def test_durations_in_gos_notation_are_taken(duration: str) -> None:
    assert require_duration(duration) == duration


@pytest.mark.parametrize("duration", ["", "1", "1d", "1 h", "0h", "-1h", "h", "1h30"])
def test_other_durations_are_refused(duration: str) -> None:
    with pytest.raises(PydanticCustomError):
        require_duration(duration)


def test_a_machine_without_time_zones_takes_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", set)
    assert require_time_zone("Europe/Paris") == "Europe/Paris"
