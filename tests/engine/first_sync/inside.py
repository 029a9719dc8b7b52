"""The site's own process, with a warm Python: `python -m tests.engine.first_sync.inside <folder>`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from lab.first_sync import inside
from tests.warm_python import warm_python

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, warm_python(Path(folder)) as venv:
        sys.prefix = str(venv)
        inside.main()
