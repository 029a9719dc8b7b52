"""What the sections of a stack file say of each other that cannot be."""

from collections.abc import Sequence

from components.checks.access_sections import access_problems, access_warnings
from components.checks.applications import application_problems, application_warnings, problems_of_sets
from components.projects.file_form import set_problems, set_warnings
from components.settings import Settings
from components.stackfile.problems import Problem


def _of_sets(settings: Settings) -> Sequence[Problem]:
    return [*set_problems(settings.application_sets, settings.argocd), *problems_of_sets(settings)]


CHECKS = (application_problems, _of_sets, access_problems)
"""What to ask of a whole stack file, in this order: `load_settings` takes them."""


def warnings(settings: Settings) -> list[str]:
    """Return what Argo CD takes, but not as its author may expect."""
    return [
        *application_warnings(settings, settings.applications),
        *set_warnings(settings.application_sets),
        *access_warnings(settings),
    ]
