"""The rules for how an Application is synchronised: what Argo CD ignores without a word.

Source: Argo CD v3.4.4, `controller/sync.go` and docs user-guide/{sync-options,diffing}.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from components.projects.application import Application
from components.stackfile.forms import Form
from components.stackfile.object_names import refused_metadata
from components.stackfile.problems import Problem

_YES_NO = ("true", "false")
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "CreateNamespace",
            "ServerSideApply",
            "ClientSideApplyMigration",
            "PruneLast",
            "ApplyOutOfSyncOnly",
            "Replace",
            "Force",
            "Validate",
            "SkipDryRunOnMissingResource",
            "FailOnSharedResource",
            "RespectIgnoreDifferences",
        ),
        _YES_NO,
    ),
    **dict.fromkeys(("Prune", "Delete"), (*_YES_NO, "confirm")),
    "PrunePropagationPolicy": ("foreground", "background", "orphan"),
}
GO_DURATION = r"(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+"
"""A duration in Go's notation (`time.ParseDuration`)."""
_PAUSE = Form(
    rf"[0-9]{{1,9}}|{GO_DURATION}",
    "{} is not a duration",
    "Argo CD could not read it, and would not try again after a synchronisation that failed",
    "write hours, minutes and seconds without spaces, for example 1m30s",
)
"""Seconds, or a duration in Go's notation (Argo CD v3.1.9, `v1alpha1/types.go`, parseStringToDuration)."""
_MEANS = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")


def sync_problems(application: Application) -> Iterator[Problem]:
    """Yield what Argo CD would ignore of `syncPolicy` and `ignoreDifferences`."""
    policy = application.spec.get("syncPolicy", {})
    for number, option in enumerate(policy.get("syncOptions", [])):
        if better := meant_option(option):
            yield application.wrong(
                ("spec", "syncPolicy", "syncOptions", number),
                f"{option!r} is no sync option",
                "Argo CD compares options letter by letter, and ignores this one without a word",
                f"write {better}",
            )
    backoff = policy.get("retry", {}).get("backoff", {})
    for key in filter(backoff.get, ("duration", "maxDuration")):
        yield from application.refused(("spec", "syncPolicy", "retry", "backoff", key), _PAUSE.require)
    automated = "automated" in policy and policy["automated"].get("enabled", True)
    if application.options.wait in {"synced", "healthy"} and not automated:
        yield application.problem(
            ("spec", "syncPolicy", "automated"),
            ("wait",),
            f"wait: {application.options.wait}, but {application.called} is not synchronised automatically",
            "`up` would wait for somebody who presses Sync, until its time is over",
            "add syncPolicy: {automated: {}}, or write wait: compared",
        )
    for key, refused in refused_metadata(policy.get("managedNamespaceMetadata", {})):
        place = ("spec", "syncPolicy", "managedNamespaceMetadata", key, refused.key)
        yield application.wrong(place, refused.what, refused.why, refused.fix)
    for number, rule in enumerate(application.spec.get("ignoreDifferences", [])):
        yield from _pointers(application, number, rule)


def unknown_options(application: Application) -> Iterator[str]:
    """Yield the sync options that are like none that is known here; a newer Argo CD may know them."""
    for option in application.spec.get("syncPolicy", {}).get("syncOptions", []):
        if option.partition("=")[0] not in _OPTIONS and not meant_option(option):
            yield option


def meant_option(option: str) -> str:
    """Return the sync option that `option` is a misspelling of; "" if it is right, or like none."""
    name, _, value = (part.strip() for part in option.partition("="))
    lower = {known.lower(): known for known in _OPTIONS}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.85)
    if not near:
        return ""
    known = lower[near[0]]
    values = _OPTIONS[known]
    meant = f"{known}={value.lower() if value.lower() in values else values[0]}"
    return "" if meant == option else meant


def _pointers(application: Application, number: int, rule: Mapping[str, Any]) -> Iterator[Problem]:
    place = ("spec", "ignoreDifferences", number)
    for index, pointer in enumerate(rule.get("jsonPointers", [])):
        if not pointer.startswith("/"):
            better = "/" + "/".join(part.replace("~", "~0") for part in pointer.strip("./").split("."))
            yield application.wrong(
                (*place, "jsonPointers", index),
                f"{pointer!r} is no JSON pointer",
                "Argo CD would ignore it without a word, and go on showing the difference (RFC 6901)",
                f"write {better}",
            )
    if not any(rule.get(key) for key in _MEANS):
        yield application.wrong(
            place,
            f"nothing is said of what to ignore in {rule.get('kind') or 'the objects'}",
            "Argo CD would ignore no difference",
            "add jsonPointers:, for example jsonPointers: [/spec/replicas]",
        )
