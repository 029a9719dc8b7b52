"""Fixes that several checks offer, each as it can be pasted into the stack file."""

from __future__ import annotations

from components.settings.base import PROJECT


def declare_app_project(name: str) -> str:
    """Return what makes the AppProject `name` known to the stack."""
    return (
        "correct the name, or add the entry (with declare: false in it, if somebody else declares it):\n"
        f"  {PROJECT}:appProjects:\n    {name}: {{}}"
    )
