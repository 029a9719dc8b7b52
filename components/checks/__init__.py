"""What the sections of a stack file say of each other that cannot be."""

from components.checks.access_sections import access_problems, access_warnings
from components.checks.applications import application_problems, application_warnings, problems_of_sets
from components.settings import Settings

CHECKS = (application_problems, problems_of_sets, access_problems)
"""What to ask of a whole stack file, in this order: `load_settings` takes them."""


def warnings(settings: Settings) -> list[str]:
    """Return what Argo CD takes, but not as its author may expect."""
    return [*application_warnings(settings), *access_warnings(settings)]
