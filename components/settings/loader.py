"""From the engine's configuration values to `Settings`, or to messages that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from components.settings.messages import problem_of
from components.settings.model import Settings
from components.settings.problems import SettingsError
from components.settings.stackfile import StackFile


def load_settings(values: Mapping[str, Any], stack_file: StackFile | None = None) -> Settings:
    """Return the settings in `values` (section name → value, as in the stack file).

    Raises:
        SettingsError: something is missing, misspelt or impossible; all problems are in it, in the
            order of the file.
    """
    file = stack_file or StackFile()
    unknown = {name: None for name in file.sections() if name not in values}
    problems = file.duplicates()
    try:
        settings = Settings.model_validate({**values, **unknown})
    except ValidationError as error:
        problems += [problem_of(details, file) for details in error.errors()]
    else:
        if not problems:
            return settings
    raise SettingsError(sorted(problems, key=lambda p: (p.line == 0, p.line, p.where)), file.name)
