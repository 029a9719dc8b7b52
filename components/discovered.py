"""Projects that GitLab has named, as projects of the stack. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.projects.discover import Discovery, Found
from components.projects.manifest_files import ManifestFiles, from_text
from components.settings import Settings
from components.stackfile.problems import PROJECT, Problem

_PLACE = ("discover",)


@dataclass(frozen=True)
class Discovered:
    """What is added to the sections of a stack file.

    Attributes:
        projects: name → entry of `projects`, for those without an Application file of their own.
        paths: name → path in GitLab, of the same.
        manifests: the Application files of the others.
        problems: what stands in the way of declaring them.
    """

    projects: Mapping[str, Mapping[str, Any]]
    paths: Mapping[str, str]
    manifests: Sequence[ManifestFiles]
    problems: Sequence[Problem]

    def added_to(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the sections of the stack file with what was found."""
        manifests = [*(values.get("manifests") or []), *self.manifests]
        projects = {**self.projects, **(values.get("projects") or {})}
        return {**values, "projects": projects, "manifests": manifests}

    def located(self, problem: Problem, files: int) -> Problem:
        """Return a problem of what was found with its place in GitLab; every other one as it is.

        The stack file itself has the first `files` entries of `manifests`.
        """
        section, *below = problem.path or ("",)
        if section == "projects" and below and (path := self.paths.get(str(below[0]))):
            what = f"the project {path}, which was found in GitLab: {problem.what}"
            fix = (
                f"{problem.fix}\nwrite it below {PROJECT}:projects.{below[0]}, or leave the project out with "
                f"{PROJECT}:discover.exclude"
            )
            return replace(problem, path=_PLACE, what=what, fix=fix)
        if section == "manifests" and below and isinstance(below[0], int) and below[0] >= files:
            return replace(problem, path=_PLACE)
        return problem


def discovered(settings: Settings, values: Mapping[str, Any], answer: Discovery) -> Discovered:
    """Return what GitLab's answer adds to a stack, whose `settings` and `values` are without what was found.

    What `projects` names, and whose repository an Application of the stack has already, is left to them.
    """
    git, wanted = settings.git, settings.discover
    assert wanted is not None  # noqa: S101 - the caller has asked because of it
    known = {
        each.repositories[0].url.removesuffix(".git")
        for each in settings.applications
        if len(each.repositories) == 1
    }
    common = dict((values.get("discover") or {}).get("as") or {})
    place = {"path": wanted.having, "revision": wanted.revision}
    common |= {key: value for key, value in place.items() if value}
    projects: dict[str, Mapping[str, Any]] = {}
    paths: dict[str, str] = {}
    manifests: list[ManifestFiles] = []
    problems: list[Problem] = []
    for found in answer.found:
        url = f"{git.base_url}/{found.path}"
        if found.name in settings.projects or url in known:
            continue
        if found.application is not None:
            manifests.append(from_text(f"{found.path}: {wanted.application}", found.application))
        elif found.name in projects:
            problems.append(_namesakes(found, paths[found.name]))
        else:
            is_usual = f"{url}.git" == git.repository(found.name)
            projects[found.name] = common if is_usual else {**common, "repository": f"{url}.git"}
            paths[found.name] = found.path
    return Discovered(projects, paths, manifests, problems)


def _namesakes(found: Found, other: str) -> Problem:
    return Problem(
        _PLACE,
        f"{other} and {found.path} are both called {found.name!r}",
        "an Application has the name of its project, and no two can have the same",
        f"leave one out with {PROJECT}:discover.exclude, and declare it below {PROJECT}:projects by another "
        f"name, with its repository",
    )
