"""The stack file: its sections put together, and read."""

from components.settings.loader import load_settings as load_settings
from components.settings.model import Settings as Settings
