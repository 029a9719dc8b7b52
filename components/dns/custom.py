"""Clusters whose Corefile imports a ConfigMap for further server blocks: k3s, AKS, Gardener and others.

Their operators overwrite the Corefile itself at any time, and leave `coredns-custom` to the user. Which
key suffix is imported as server blocks differs (`.server`, `.include`, `.custom`): the live `import` tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from components.dns.corefile import CorefileError, parse, render
from components.dns.zones import ForwardedZone, Plan, forwards_alike, overlapping, root_block, zone_block

CONFIG_MAP = "coredns-custom"

_GLOB = re.compile(r".*/custom/\*(\.[A-Za-z0-9._-]+)")


def imported_suffix(corefile: str) -> str:
    """Return the suffix of the keys that `corefile` imports at top level (`.server`); "" for none.

    Raises:
        CorefileError: the text does not parse.
    """
    matches = (_GLOB.fullmatch(target) for target in parse(corefile).imports)
    return next((match[1] for match in matches if match), "")


def custom_key(stack: str, suffix: str) -> str:
    """Return the key that holds this stack's zones."""
    return f"protobox-cd-{re.sub(r'[^A-Za-z0-9_.-]', '-', stack)}{suffix}"


def plan_custom(
    corefile: str, files: Mapping[str, str], key: str, zones: Sequence[ForwardedZone], stack: str
) -> Plan:
    """Return the text of `key` in `coredns-custom` that forwards `zones`; "" if nothing is ours to forward.

    Args:
        corefile: the live Corefile, whose block for `.` sets port and addresses.
        files: the other keys that are imported in the same way, with their texts.
        key: our own key.
        zones: the zones to forward.
        stack: the stack's name, for the comment.

    Raises:
        CorefileError: a text does not parse, or somebody else serves a zone differently.
    """
    main = parse(corefile)
    others = [main, *(parse(text) for name, text in files.items() if name != key)]
    root = root_block(main)
    mine, left = [], []
    for zone in zones:
        block = zone_block(zone, root, stack)
        standing = next((found for other in others if (found := overlapping(other, block))), None)
        if standing is None:
            mine.append(block)
        elif forwards_alike(standing, block):
            left.append(block.keys[0])
        else:
            reason = (
                f"a server block of somebody else answers for {block.keys[0]}, and not as this stack would"
            )
            raise CorefileError(reason)
    text = "\n\n".join(map(render, mine)) + "\n" if mine else ""
    if list(parse(text).server_blocks) != mine:
        raise CorefileError("a rendered block cannot be read back as it was meant")
    return Plan(text, tuple(block.keys[0] for block in mine), tuple(left))
