"""Helm's own program, which plays the colleague who installs something beside Pulumi."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.programs import find_optional


def helm() -> Path:
    """Return it; skip the test where it is not built."""
    found = find_optional("helm")
    if not found:
        pytest.skip("Helm is not built; `make lab-full` builds it")
    return found
