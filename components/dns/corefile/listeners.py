"""Refuse two server blocks for one zone, port and address, as CoreDNS's `register.go` does."""

from __future__ import annotations

from collections.abc import Sequence

from components.dns.corefile.corefile_error import CorefileError
from components.dns.corefile.keys import ZoneKey
from components.dns.corefile.structure import ServerBlock

_Addresses = frozenset[str | None]
_EVERY_ADDRESS: _Addresses = frozenset({None})


def refuse_overlaps(text: str, blocks: Sequence[ServerBlock]) -> None:
    """Refuse what CoreDNS would: a zone twice on one listener, or once bound and once not.

    Raises:
        CorefileError: there are such blocks.
    """
    # CoreDNS before 1.10 gives a block's `bind` only to its first key when it looks for overlaps.
    taken: dict[ZoneKey, _Addresses] = {}
    taken_in_old: dict[ZoneKey, _Addresses] = {}
    for block in blocks:
        bind = block.bind
        addresses: _Addresses = frozenset(bind) if bind else _EVERY_ADDRESS
        if len(addresses) < len(bind):
            raise CorefileError("a server block binds twice to one address", text, block.start)
        viewed = bool(block.named("view"))
        for index, key in enumerate(block.zone_keys):
            if viewed:  # may share a zone, if it is bound in the same way; older versions know no views
                if _mixed(taken.get(key), addresses):
                    raise _overlap(text, block, key)
                continue
            _take(taken, key, addresses, text, block)
            _take(taken_in_old, key, _EVERY_ADDRESS if index else addresses, text, block)


def _take(
    taken: dict[ZoneKey, _Addresses], key: ZoneKey, addresses: _Addresses, text: str, block: ServerBlock
) -> None:
    there = taken.get(key)
    if there is None:
        taken[key] = addresses
    elif there & addresses or _mixed(there, addresses):
        raise _overlap(text, block, key)
    else:
        taken[key] = there | addresses


def _mixed(there: _Addresses | None, addresses: _Addresses) -> bool:
    """Tell whether one of the two listens on every address, and the other on some."""
    return there is not None and (None in there) != (None in addresses)


def _overlap(text: str, block: ServerBlock, key: ZoneKey) -> CorefileError:
    return CorefileError(f"two server blocks answer for {key}", text, block.start)
