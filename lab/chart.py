"""The lab's stand-in for argo-helm's chart, and Argo CD's own CRDs in it.

The chart is in the repository. The CRDs, 1.4 MB of them, are not: they lie in a folder of the chart that Git
ignores, where Helm can read them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from lab.programs import Programs

CHART = Path(__file__).parent / "charts" / "argo-cd"


def complete_chart(programs: Programs) -> Path:
    """Put the CRDs into the chart unless they are there already; return the chart's folder."""
    folder = CHART / "files" / "crds"
    folder.mkdir(parents=True, exist_ok=True)
    for crd in programs.argocd_crds:
        place, content = folder / crd.name, crd.read_bytes()
        if not place.is_file() or place.read_bytes() != content:
            _write_at_once(place, content)
    return CHART


def _write_at_once(place: Path, content: bytes) -> None:
    # Not beside it: Helm reads every file of the chart, and another lab may be running Helm.
    with tempfile.TemporaryDirectory(prefix=".crds-", dir=CHART.parent) as arriving:
        new = Path(arriving) / place.name
        new.write_bytes(content)
        new.chmod(0o644)
        new.replace(place)
