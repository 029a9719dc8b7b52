"""Argo CD's CRDs, as Argo CD v3.4.4 ships them (Apache License 2.0), without the descriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[1] / "projects" / "crds.json"
CRDS: dict[Any, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
"""Kind → the schema of its `spec`."""
