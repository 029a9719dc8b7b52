"""The `strategy` of the `dns` section: guessed where it is missing or misspelt, so that the rest is read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from components.settings.fields import known_keys, strategies
from components.stackfile.nearest import nearest
from components.stackfile.problems import Problem

_STRATEGY = "strategy"
_WHY = "it decides how the Git server's name is made to resolve for Argo CD"
_ALIKE = 0.6


def with_strategy(values: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return the sections with the strategy that is probably meant, and what is wrong with the one there.

    Without a guess all other keys of the section would have to be called unknown, or go unread.
    """
    dns = values.get("dns")
    if not isinstance(dns, Mapping) or dns.get(_STRATEGY) in strategies():
        return values, []
    key = _key(dns)
    written = dns.get(key)
    guess = _guess(written, dns)
    problems = []
    if key != _STRATEGY:
        what, fix = f"there is no key {key!r} here", f"did you mean {_STRATEGY!r}? Known here: "
        problems.append(Problem(("dns", key), what, _WHY, fix + ", ".join(known_keys(["dns"], guess))))
    if written is None:
        fix = f"add strategy: {guess or 'dnsmasq'}; known here: {', '.join(strategies())}"
        problems.append(Problem(("dns", key), "the strategy is missing", _WHY, fix))
    elif written not in strategies():
        what = f"there is no strategy {written!r}" if isinstance(written, str) else "this is no strategy"
        problems.append(Problem(("dns", key), what, _WHY, nearest(str(written), strategies())))
    rest = {name: value for name, value in dns.items() if name not in {key, _STRATEGY}}
    return {**values, "dns": {_STRATEGY: guess, **rest} if guess else rest}, problems


def _key(dns: Mapping[str, Any]) -> str:
    """Return the key that the strategy stands behind, or would."""
    if _STRATEGY in dns:
        return _STRATEGY
    known = {key for strategy in strategies() for key in known_keys(["dns"], strategy)}
    unknown = [key for key in dns if key not in known]
    named = [key for key in unknown if dns[key] in strategies()]
    return next(iter(named or difflib.get_close_matches(_STRATEGY, unknown, n=1, cutoff=_ALIKE)), _STRATEGY)


def _guess(written: object, dns: Mapping[str, Any]) -> str:
    """Return the strategy that `written` is like, or that has most of the keys; "" if none has any."""
    if isinstance(written, str) and (
        like := difflib.get_close_matches(written, strategies(), n=1, cutoff=0.5)
    ):
        return like[0]
    in_order = ["dnsmasq", *strategies()]
    counts = {strategy: len(dns.keys() & set(known_keys(["dns"], strategy))) for strategy in in_order}
    best = max(counts, key=lambda strategy: counts[strategy])
    return best if counts[best] else ""
