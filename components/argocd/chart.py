"""The Helm chart that Argo CD is installed from: which one, where it comes from, and one on this machine."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, Field, model_validator

from components.stackfile.base import Section, mistake, mistakes
from components.stackfile.forms import Form
from components.stackfile.problems import Problem
from components.stackfile.secret_text import SecretText
from components.stackfile.urls import HOST

CHART_YAML = "Chart.yaml"
DEFAULT_REPOSITORY = "https://argoproj.github.io/argo-helm"
DEFAULT_VERSION = "10.1.1"
_NUMBER, _PART = r"(0|[1-9]\d*)", r"(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
VERSION = rf"^v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_PART}(\.{_PART})*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$"
"""An exact version of a chart, as Semantic Versioning 2.0.0 has it; Helm takes no other."""

_REPOSITORY = Form(
    rf"https?://{HOST}(/\S*)?",
    "{} is not the address of a chart repository",
    "Helm reads the list of charts from there by HTTP",
    lambda url: (
        "write the chart's place as oci: in place of repository:"
        if url.startswith("oci://")
        else f"write it in full, for example {DEFAULT_REPOSITORY}"
    ),
)
_OCI = Form(
    rf"oci://{HOST}/\S+",
    "{} is not a chart in an OCI registry",
    "Helm asks the registry for the chart by this name",
    "write it in full, for example oci://registry.protobox/charts/argo-cd",
)


def _without_login(form: Form, what: str, fix: str) -> AfterValidator:
    """Return the validator of an address that Helm asks; it refuses a user name or password in it."""

    def require(url: str) -> str:
        if "@" in url and not form.fits(url):
            why = "it would stand in clear text in the stack file and in Pulumi's state"
            raise mistake(f"{what} holds a user name or password", why, fix)
        return url

    return AfterValidator(require)


_BESIDE = "take it out of the address and write username: and password: beside repository:"
_LOGIN = "take it out, and log in on the machine that runs Pulumi: helm registry login"
Repository = Annotated[
    str, _without_login(_REPOSITORY, "the chart repository's address", _BESIDE), _REPOSITORY
]
OciChart = Annotated[str, _without_login(_OCI, "the chart's address", _LOGIN), _OCI]


class ChartSettings(Section):
    """Where the Argo CD chart comes from. The default is argo-helm's chart repository."""

    version: str = Field(default=DEFAULT_VERSION, pattern=VERSION, examples=["10.1.1", "7.3.11"])
    """The exact chart version, since a preview must not change by itself. 10.1.1 is Argo CD v3.4.4;
    for Kubernetes 1.25 use 7.3.11 (Argo CD v2.11.7)."""
    repository: Repository | None = Field(default=None, examples=[DEFAULT_REPOSITORY])
    """The chart repository's URL. The chart's name in it is `argo-cd`. If it wants to know who asks, say
    `username` and `password`."""
    username: str | None = Field(default=None, min_length=1, examples=["deploy"])
    """Who logs in to `repository`, together with `password`; nobody by default."""
    password: SecretText | None = Field(default=None, examples=["{secure: ...}"])
    """The password for `repository`, or a token in its place, set with `pulumi config set --secret`."""
    oci: OciChart | None = Field(default=None, examples=["oci://registry.protobox/charts/argo-cd"])
    """An OCI reference, for a site that mirrors charts in its own registry. `username` and `password` do not
    apply to it: the login is that of the machine that runs Pulumi, by `helm registry login`."""
    path: str | None = Field(default=None, min_length=1, examples=["charts/argo-cd-10.1.1.tgz"])
    """A packaged chart or a chart folder, seen from the project's root, for a site without a mirror.
    `version` does not apply to it."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        named = [name for name in ("repository", "oci", "path") if getattr(self, name)]
        if len(named) > 1:
            raise mistake(
                f"{' and '.join(named)} are set together",
                "a chart comes from one place; with two, nobody can tell which one is installed",
                f"take {named[1]} out, or {named[0]}",
            )
        if problems := [*self._of_login()]:
            raise mistakes(problems)
        return self

    def _of_login(self) -> Iterator[Problem]:
        given = [key for key in ("username", "password") if getattr(self, key)]
        if len(given) == 1:
            missing = "password" if self.username else "username"
            yield Problem(
                (given[0],),
                f"there is {given[0]} without {missing}",
                "a chart repository asks for both",
                f"add {missing}:",
            )
        if given and not self.repository:
            place = "oci" if self.oci else "path" if self.path else "argo-helm's own repository"
            yield Problem(
                (given[0],),
                f"{' and '.join(given)} would be used for nothing: the chart comes from {place}",
                "they are sent to a chart repository that is named here, and to nobody else",
                "take them out, and log in on the machine that runs Pulumi: helm registry login"
                if self.oci
                else "take them out, or add repository:",
            )


class ChartFileError(Exception):
    """There is no chart at a path; the message says why, to go on after the path."""


def read_chart_yaml(path: Path) -> dict[str, Any]:
    """Return the Chart.yaml of the chart at `path`.

    Raises:
        ChartFileError: nothing is there, it is no chart, or it cannot be read.
    """
    text = next((content for name, content in _files(path) if name == CHART_YAML), None)
    if text is None:
        raise ChartFileError(f"is an archive without <chart>/{CHART_YAML}")
    try:
        chart = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ChartFileError(f"has a {CHART_YAML} that is no YAML: {error}") from None
    if not isinstance(chart, dict) or not chart.get("name"):
        raise ChartFileError(f"has a {CHART_YAML} that names no chart")
    return chart


def read_chart(path: Path) -> dict[str, str]:
    """Return the files of the chart at `path`, without those of charts within it: name → text.

    Raises:
        ChartFileError: nothing is there, or it cannot be read.
    """
    files = ((name, content) for name, content in _files(path) if not name.startswith("charts/"))
    return {name: content.decode(errors="replace") for name, content in files}


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file of a chart by its name within the chart; of a folder, Chart.yaml first."""
    try:
        if not path.exists():
            raise ChartFileError("does not exist")
        if path.is_dir():
            yield CHART_YAML, (path / CHART_YAML).read_bytes()
            for file in path.rglob("*.*"):
                if file.is_file():
                    yield file.relative_to(path).as_posix(), file.read_bytes()
            return
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                name = member.name.removeprefix("./").partition("/")[2]
                if member.isfile() and (content := tar.extractfile(member)):
                    yield name, content.read()
    except FileNotFoundError:
        raise ChartFileError(f"is a folder without {CHART_YAML}") from None
    except OSError as error:
        raise ChartFileError(f"cannot be read: {error.strerror or error}") from None
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ChartFileError(f"is no complete .tgz archive: {error}") from None
