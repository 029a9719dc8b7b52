"""What a deletion of an Application deletes with it: its cascade, which its finalizers say.

Source: Argo CD docs user-guide/app_deletion.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

FINALIZERS: Mapping[str, list[str]] = {
    "none": [],
    "foreground": ["resources-finalizer.argocd.argoproj.io"],
    "background": ["resources-finalizer.argocd.argoproj.io/background"],
}
"""Cascade → finalizers."""


OF_ARGO_CD = frozenset(
    f"{name}.argocd.argoproj.io{stage}"
    for name, stages in (
        ("resources-finalizer", ("", "/foreground", "/background")),
        ("pre-delete-finalizer", ("", "/cleanup")),
        ("post-delete-finalizer", ("", "/cleanup")),
    )
    for stage in stages
)
"""All finalizers that Argo CD takes off (Argo CD v3.4.4, `v1alpha1/application_defaults.go`)."""


def cascade_of(finalizers: Collection[str]) -> str:
    """Return the cascade that an Application's finalizers are, whoever has written them."""
    ours = [name for name in finalizers if name.startswith(FINALIZERS["foreground"][0])]
    return "none" if not ours else "background" if ours == FINALIZERS["background"] else "foreground"


def without_cascade(finalizers: Iterable[str]) -> list[str]:
    """Return the finalizers that are no cascade."""
    return [name for name in finalizers if not name.startswith("resources-finalizer.")]
