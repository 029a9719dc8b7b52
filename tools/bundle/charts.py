"""The chart of the bundle, and the images that it runs."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml import CSafeLoader

from components.argocd.chart import DEFAULT_REPOSITORY, ChartSettings
from components.argocd.chart_values import chart_values
from components.argocd.release import CHART
from components.argocd.section import ArgoCDSettings
from components.cluster.helm_records import RELEASE
from components.dns.zones import in_zone
from components.nodes.section import registry_of
from components.projects.application import Application
from components.settings import Settings
from components.stackfile.printable import printable
from tools.bundle import MissingError, arriving
from tools.command_line import Mark, Row
from tools.images import private_names

IMAGES = "images.txt"
_SECONDS = 60
_HEAD = """\
# The images that Argo CD's chart and the stack file name; `sh push-images.sh` copies them.
"""
_NO_DIGESTS = "# WITHOUT A DIGEST where none stands: crane or skopeo is not here, or has got no answer.\n"
_ASKING = {"crane": ("manifest", "%s"), "skopeo": ("inspect", "--raw", "docker://%s")}
"""Program → how it prints an image's manifest, byte for byte: for several processors, the list of them."""


def chart_here(bundle: Path, chart: ChartSettings, root: Path) -> Path:
    """Return where the stack's chart is on this machine: at its path, or pulled into the bundle.

    Raises:
        MissingError: it is not there, or Helm cannot pull it.
    """
    if chart.path:
        path = root / chart.path
        if not path.exists():
            raise MissingError(f"{chart.path} does not exist", "put it there, and run this again")
        return path
    target = bundle / "charts" / f"{CHART}-{chart.version.removeprefix('v')}.tgz"
    if not target.exists():
        repository = [] if chart.oci else ["--repo", chart.repository or DEFAULT_REPOSITORY]
        pull = ["pull", chart.oci or CHART, "--version", chart.version, *repository]
        with arriving(target) as made:
            try:
                _helm(*pull, "--destination", str(made.parent))
            except MissingError as error:
                fix = f"{error.fix}; or put it at {target} by hand:"
                raise MissingError(str(error), fix, f"helm {' '.join(pull)}") from None
            (pulled,) = made.parent.glob("*.tgz")
            pulled.rename(made)
    return target


def place_in_project(chart: ChartSettings) -> str:
    """Return what `argocd.chart.path` has to be on the site."""
    if not chart.path:
        return f"charts/{CHART}-{chart.version.removeprefix('v')}.tgz"
    path = Path(chart.path)
    outside = path.is_absolute() or ".." in path.parts
    return f"charts/{path.name}" if outside else path.as_posix()


def write_images(bundle: Path, chart: Path, settings: Settings, stack: str) -> Row:
    """List the images of the chart, rendered as this stack installs it, and of its Applications.

    Raises:
        MissingError: Helm cannot render it.
    """
    rendered = _helm(
        *("template", RELEASE, str(chart), "--namespace", settings.argocd.namespace, "--values", "-"),
        given=json.dumps(chart_values(_from_the_internet(settings.argocd), stack)),
    )
    named = [image for manifest in yaml.load_all(rendered, Loader=CSafeLoader) for image in _images(manifest)]
    named += _of_applications(settings.applications)
    images = sorted({_in_full(image) for image in named})
    of_site = [image for image in images if _is_of_site(image, settings)]
    public = [image if "@" in image else image + _digest(image) for image in images if image not in of_site]
    without = [image for image in public if "@" not in image]
    lines = [_HEAD, *([_NO_DIGESTS] if without else []), *(f"{image}\n" for image in public)]
    if of_site:
        lines += [
            "# From the site's registry, which has them already:\n",
            *(f"# {image}\n" for image in of_site),
        ]
    with arriving(bundle / IMAGES) as made:
        made.write_text("".join(lines), encoding="utf-8")
    if without:
        seen = f"{len(public)} in {IMAGES}, {len(without)} of them WITHOUT a digest"
        fix = "run this again with skopeo or crane on PATH, where the registries answer"
        return Row(Mark.WARNING, "images", seen, fix)
    return Row(Mark.OK, "images", f"{len(public)} in {IMAGES}, each with its digest")


def _helm(*arguments: str, given: str = "") -> str:
    helm = shutil.which("helm")
    if not helm:
        raise MissingError("MISSING: Helm is not on PATH", "install helm, and run this again")
    done = subprocess.run([helm, *arguments], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(
            f"MISSING, helm has failed: {printable(done.stderr.strip())}",
            "run this again when that is mended",
        )
    return done.stdout


def _from_the_internet(argocd: ArgoCDSettings) -> ArgoCDSettings:
    if not argocd.images:
        return argocd
    return argocd.model_copy(update={"images": argocd.images.model_copy(update={"registry": None})})


def _images(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _images(item)
    elif isinstance(value, dict):
        for key, below in value.items():
            if key == "image" and isinstance(below, str):
                yield below
            else:
                yield from _images(below)


def _of_applications(applications: Iterable[Application]) -> list[str]:
    """Return the images with which Kustomize replaces others, where a tag or digest makes them whole."""
    found = []
    for application in applications:
        spec = application.manifest["spec"]
        for source in [spec.get("source") or {}, *(spec.get("sources") or [])]:
            names = (source.get("kustomize") or {}).get("images") or []
            found += [name.rpartition("=")[2] for name in names]
    return [name for name in found if ":" in name.rpartition("/")[2]]


def _in_full(image: str) -> str:
    registry, slash, _ = image.partition("/")
    if slash and registry_of(image) == registry.lower():
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"


def _is_of_site(image: str, settings: Settings) -> bool:
    registry = registry_of(image)
    known = {*settings.nodes.registries}
    if images := settings.argocd.images:
        known |= {registry_of(f"{name}/") for name in (images.registry, images.repository) if name}
    known -= {"docker.io"}
    host = registry.partition(":")[0]
    return registry in known or any(in_zone(host, name.lower()) for name in private_names(settings))


def _digest(image: str) -> str:
    """Return `@sha256:…` of what a registry has there now; nothing where none answers."""
    for program, words in _ASKING.items():
        if shutil.which(program):
            command = [program, *(word.replace("%s", image) for word in words)]
            try:
                done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            if done.returncode == 0 and done.stdout:
                return f"@sha256:{hashlib.sha256(done.stdout).hexdigest()}"
    return ""
