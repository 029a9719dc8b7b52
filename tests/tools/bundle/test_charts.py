"""The chart of the bundle and the list of images, with a Helm that prints what a test wants."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.argocd.chart import ChartSettings
from components.settings import Settings
from lab.chart import CHART
from tests.lab.helm import helm
from tests.site import settings
from tests.tools.bundle.programs import program
from tools.bundle import MissingError
from tools.bundle.charts import chart_here, place_in_project, write_images
from tools.command_line import Mark

MANIFEST = '{"schemaVersion": 2}'
DIGEST = f"sha256:{hashlib.sha256(MANIFEST.encode()).hexdigest()}"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that comes first on a PATH without Helm and without programs that ask registries."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("cat", "basename", "touch"):
        (folder / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def rendering(tools: Path, *images: str) -> None:
    """Let Helm render a chart with these images."""
    containers = [{"name": "one", "image": image} for image in images]
    crd = {"spec": {"properties": {"image": {"type": "string"}}}}
    rendered = tools / "rendered.yaml"
    text = yaml.safe_dump_all([crd, None, {"spec": {"template": {"spec": {"containers": containers}}}}])
    rendered.write_text(text, encoding="utf-8")
    program(tools, "helm", f'cat > "{tools}/values.json"; cat "{rendered}"')


def values(tools: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((tools / "values.json").read_text(encoding="utf-8"))
    return found


def images(bundle: Path) -> list[str]:
    return [
        line for line in (bundle / "images.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"
    ]


def write(bundle: Path, stack: Settings) -> Mark:
    return write_images(bundle, CHART, stack, "prod").mark


def test_each_image_is_listed_once_in_full_with_the_digest_that_a_registry_tells(
    tools: Path, tmp_path: Path
) -> None:
    rendering(tools, "quay.io/argoproj/argocd:v3.4.4", "quay.io/argoproj/argocd:v3.4.4", "redis:8", "a/b:1")
    calls = program(tools, "skopeo", f"printf %s '{MANIFEST}'")
    assert write(tmp_path, settings()) is Mark.OK
    assert images(tmp_path) == [
        f"docker.io/a/b:1@{DIGEST}",
        f"docker.io/library/redis:8@{DIGEST}",
        f"quay.io/argoproj/argocd:v3.4.4@{DIGEST}",
    ]
    assert "skopeo inspect --raw docker://docker.io/a/b:1" in calls.read_text(encoding="utf-8")


@pytest.mark.parametrize("says", ["exit 1", ":"])
def test_without_an_answer_the_file_says_that_digests_are_missing(
    says: str, tools: Path, tmp_path: Path
) -> None:
    rendering(tools, "redis:8", f"redis:7@{DIGEST}")
    program(tools, "crane", says)
    assert write(tmp_path, settings()) is Mark.WARNING
    assert images(tmp_path) == [f"docker.io/library/redis:7@{DIGEST}", "docker.io/library/redis:8"]
    assert "WITHOUT A DIGEST" in (tmp_path / "images.txt").read_text(encoding="utf-8")


def test_the_chart_is_rendered_with_the_stacks_values_but_from_the_internet(
    tools: Path, tmp_path: Path
) -> None:
    rendering(tools, "redis:8")
    mirrored = {"registry": "registry.protobox/mirror", "tag": "v3.4.5"}
    write(tmp_path, settings(argocd={"images": mirrored, "domain": "cd.protobox"}))
    assert values(tools)["global"] == {"domain": "cd.protobox", "image": {"tag": "v3.4.5"}}


def test_what_comes_from_the_site_itself_is_named_but_not_to_be_copied(tools: Path, tmp_path: Path) -> None:
    own = "registry.protobox/tools/argocd-with-plugins"
    rendering(tools, f"{own}:v3.4.4", "hub.site.example/x:1", "redis:8")
    write(
        tmp_path,
        settings(
            argocd={"images": {"repository": own}},
            nodes={"registries": {"hub.site.example": {"endpoint": "http://192.168.1.7:5000"}}},
        ),
    )
    assert images(tmp_path) == ["docker.io/library/redis:8"]
    text = (tmp_path / "images.txt").read_text(encoding="utf-8")
    assert f"# {own}:v3.4.4\n" in text
    assert "# hub.site.example/x:1\n" in text


def test_images_that_an_application_puts_in_place_of_others_are_listed(tools: Path, tmp_path: Path) -> None:
    rendering(tools)
    kustomize = {"images": ["web=quay.io/site/web:1.4", "quay.io/site/worker:2", "no-tag=quay.io/site/x"]}
    write(tmp_path, settings(projects={"docserver": {"kustomize": kustomize}}))
    assert images(tmp_path) == ["quay.io/site/web:1.4", "quay.io/site/worker:2"]


@pytest.mark.engine
def test_the_labs_chart_has_the_images_of_argo_cd(tools: Path, tmp_path: Path) -> None:
    (tools / "helm").symlink_to(helm())
    write(tmp_path, settings())
    assert [image.partition(":")[0] for image in images(tmp_path)] == [
        "ecr-public.aws.com/docker/library/redis",
        "ghcr.io/dexidp/dex",
        "quay.io/argoproj/argocd",
    ]


def test_a_chart_is_pulled_once_at_the_version_of_the_stack_file(tools: Path, tmp_path: Path) -> None:
    calls = program(tools, "helm", 'for last; do :; done; touch "$last/argo-cd-10.1.1.tgz"')
    chart = ChartSettings(version="v10.1.1", repository="https://charts.protobox/argo")
    for _ in range(2):
        assert chart_here(tmp_path, chart, tmp_path) == tmp_path / "charts" / "argo-cd-10.1.1.tgz"
    (call,) = calls.read_text(encoding="utf-8").splitlines()
    assert call.startswith("helm pull argo-cd --version v10.1.1 --repo https://charts.protobox/argo --dest")
    assert place_in_project(chart) == "charts/argo-cd-10.1.1.tgz"


@pytest.mark.parametrize(("does", "said"), [("", "not on PATH"), ("echo denied >&2; exit 1", "denied")])
def test_a_chart_that_cannot_be_pulled_is_told_with_the_command(
    does: str, said: str, tools: Path, tmp_path: Path
) -> None:
    if does:
        program(tools, "helm", does)
    with pytest.raises(MissingError, match=said) as told:
        chart_here(tmp_path, ChartSettings(oci="oci://registry.protobox/charts/argo-cd"), tmp_path)
    assert told.value.command == "helm pull oci://registry.protobox/charts/argo-cd --version 10.1.1"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("lab/charts/argo-cd", "lab/charts/argo-cd"),
        ("../a.tgz", "charts/a.tgz"),
        ("/b/a.tgz", "charts/a.tgz"),
    ],
)
def test_a_chart_outside_of_the_project_comes_into_it(path: str, place: str) -> None:
    assert place_in_project(ChartSettings(path=path)) == place


def test_a_chart_that_is_not_at_its_path_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"charts/x\.tgz does not exist"):
        chart_here(tmp_path, ChartSettings(path="charts/x.tgz"), tmp_path)
