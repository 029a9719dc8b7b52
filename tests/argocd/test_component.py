"""The component's wiring: which Secrets come first, and what of them and of the values is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from components.argocd.component import ArgoCD
from components.cluster.ownership import Adoption
from tests.argocd.options import EVERYTHING, argocd
from tests.engine_mock import Engine, until_drained

RELEASE, SECRET = "kubernetes:helm.sh/v3:Release", "kubernetes:core/v1:Secret"
NAMES = {"argocd-protobox-cd", "argocd-protobox-cd-notifications"}


def installed(**options: Any) -> tuple[Engine, dict[str, Mapping[str, Any]]]:
    """Declare Argo CD; return the engine, and what was declared by type and name, Outputs included."""
    engine, declared = Engine(), {}
    pulumi.runtime.set_mocks(engine, project="protobox-cd", stack="dev", preview=False)

    def keep(args: pulumi.ResourceTransformationArgs) -> None:
        declared[f"{args.type_} {args.name}"] = args.props

    def declare() -> None:
        pulumi.runtime.register_stack_transformation(engine.spy)
        pulumi.runtime.register_stack_transformation(keep)
        ArgoCD("argocd", argocd(**options), Adoption())

    until_drained(declare)()
    return engine, declared


def outputs(tree: Mapping[str, Any], *path: str) -> Iterator[tuple[tuple[str, ...], pulumi.Output[Any]]]:
    """Yield every Output in `tree` with its place."""
    for key, value in tree.items():
        if isinstance(value, pulumi.Output):
            yield (*path, key), value
        elif isinstance(value, Mapping):
            yield from outputs(value, *path, key)


def secret(output: pulumi.Output[Any]) -> bool:
    seen: list[bool] = []

    async def look() -> None:
        seen.append(await output.is_secret())

    until_drained(look)()
    return seen == [True]


def test_without_secrets_there_is_a_release_and_nothing_else() -> None:
    engine, declared = installed()
    assert engine.of_type(SECRET) == []
    assert engine.depends_on(RELEASE, "argocd") == set()
    assert declared[f"{RELEASE} argocd"]["values"] == {}


def test_of_the_values_only_the_admins_hash_is_hidden() -> None:
    _, declared = installed(**EVERYTHING)
    ((place, hashed),) = outputs(declared[f"{RELEASE} argocd"]["values"])
    assert place == ("configs", "secret", "argocdServerAdminPassword")
    assert secret(hashed)


def test_values_may_say_nothing_where_the_hash_would_stand() -> None:
    _, declared = installed(values={"configs": None})
    assert declared[f"{RELEASE} argocd"]["values"] == {"configs": None}


def test_the_secrets_come_before_the_release_and_their_texts_are_hidden() -> None:
    engine, declared = installed(**EVERYTHING)
    assert {resource.name for resource in engine.of_type(SECRET)} == NAMES
    assert engine.depends_on(RELEASE, "argocd") == NAMES
    assert all(resource.inputs["stringData"] for resource in engine.of_type(SECRET))
    assert all(secret(declared[f"{SECRET} {name}"]["stringData"]) for name in NAMES)


def test_the_login_for_a_chart_repository_reaches_helm_and_its_password_is_hidden() -> None:
    login = {"username": "deploy", "password": "chart-password"}
    engine, declared = installed(chart={"repository": "https://charts.protobox/argo", **login})
    (release,) = engine.of_type(RELEASE)
    options = declared[f"{RELEASE} argocd"]["repository_opts"]
    assert (options.repo, options.username) == ("https://charts.protobox/argo", "deploy")
    assert secret(options.password)
    sent = release.inputs["repositoryOpts"]  # on its way to the engine the mapping is hidden with its secret
    assert sent["value"] == {"repo": "https://charts.protobox/argo", **login}
