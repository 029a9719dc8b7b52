"""The rules for an Application's metadata: what Kubernetes refuses in it."""

from __future__ import annotations

from collections.abc import Iterator

from components.projects.declared import DeclaredApplication
from components.settings import Problem
from components.settings.labels import annotation_problems, is_qualified, label_problems


def metadata_problems(application: DeclaredApplication) -> Iterator[Problem]:
    """Yield what Kubernetes refuses of labels, annotations and finalizers."""
    metadata = application.manifest["metadata"]
    for key, problems in (("labels", label_problems), ("annotations", annotation_problems)):
        for refused in problems(metadata.get(key) or {}):
            yield application.wrong(("metadata", key, refused.key), refused.what, refused.why, refused.fix)
    for number, finalizer in enumerate(metadata.get("finalizers") or []):
        if not is_qualified(finalizer):
            yield application.wrong(
                ("metadata", "finalizers", number),
                f"{finalizer!r} cannot be a finalizer",
                "Kubernetes would refuse the Application: a finalizer is a name, perhaps with a domain and /",
                "write resources-finalizer.argocd.argoproj.io, or take it out",
            )
