"""What goes wrong in the lab, said in one or more plain sentences for the person at the terminal."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot do what was asked; the text says what, why and what to try."""
