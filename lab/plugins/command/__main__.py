"""Start the stand-in for the command plugin."""

from lab.plugins.command.provider import Command
from lab.plugins.serve import serve

serve(Command)
