"""Write a Corefile, and prove that every pod that reads it has loaded it; if one refuses it, take it back.

A Corefile that CoreDNS refuses shows nowhere but in a log, until a pod restarts: then it takes down the whole
cluster's DNS.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from time import monotonic

from components.cluster.api import CLIENT_ERRORS, connect_many
from components.cluster.errors import ClusterError
from components.dns.change import Change
from components.dns.configmaps import ConfigMaps, data_of
from components.dns.corefile import CorefileError
from components.dns.corefile.lexer import tokens
from components.dns.proof.dns_pods import ForbiddenError, PodsApi
from components.dns.proof.following import SECONDS, Followed, Following, NewText, Say
from components.dns.proof.pod_log import digests
from components.stackfile.printable import say

_LINE = re.compile(r":(\d+) - Error during parsing")


def write_and_follow(maps: ConfigMaps, plan: Callable[[], Change | None], say: Say = say) -> Change | None:
    """Write what `plan` says as `ConfigMaps.write` does, and return when all pods have loaded it.

    Where nobody can tell whether they have, a warning is said.

    Raises:
        ClusterError: nothing was written; or a pod refused the text, and the earlier text is back unless
            somebody has written since.
    """
    written: list[tuple[str, float]] = []
    edit = maps.write(plan, lambda version: written.append((version, monotonic())))
    if edit is None or not written:
        return edit
    ((version, moment),) = written
    text = NewText(
        edit.config_map,
        edit.data,
        _digests(edit.before, edit),
        _digests(edit.after, edit),
        moment,
    )
    if text.before == text.after and text.before:
        return edit  # a comment at the end, or the like: CoreDNS sees no change, and loads nothing
    place = f"{maps.namespace}/{edit.config_map}"
    followed = asyncio.run(_follow(maps, text, lambda line: say(f"{place}: {line}")))
    if followed and followed.refused:
        raise _refusal(maps, edit, version, followed.refused)
    return edit


async def _follow(maps: ConfigMaps, text: NewText, say: Say) -> Followed | None:
    """Follow the pods and say how it ends; None where they cannot be followed."""
    async with connect_many(maps.context) as http:
        following = Following(PodsApi(http, maps.namespace), text, say)
        try:
            pods = await following.first_look()
            names = {name for pod in pods for name in pod.config_maps}
            if pods and not _reloads(maps, names):
                say(_NO_RELOAD)
                return None
            followed = await following.until_loaded()
        except ForbiddenError as error:
            say(_warning(f"the API server says: {error}", _RIGHTS))
            return None
        except CLIENT_ERRORS as error:
            say(_warning(f"its pods cannot be looked at: {error}", _LOOK))
            return None
    if not followed.refused:
        for line in _ending(followed):
            say(line)
    return followed


_RIGHTS = (
    "give this user the rights to list pods and to get pods/log in that namespace, as `make preflight` "
    "names them"
)
_OVERWRITTEN = "somebody else has written another text over it"
_UP = "run `pulumi up` again; it edits the text that is there then"
_LOOK = "look yourself: kubectl logs of each CoreDNS pod, for `Reloading complete`"
_NO_RELOAD = (
    "warning: written, but not loaded: no server block has the plugin `reload`, so CoreDNS reads a new "
    "Corefile only when its pod starts. fix: add a line `reload` to the block for `.`, and restart the pods "
    "once, the first of them alone: kubectl delete pod NAME"
)


def _warning(reason: str, fix: str) -> str:
    return f"warning: written, but whether CoreDNS has loaded it is not known: {reason}. fix: {fix}"


def _ending(followed: Followed) -> list[str]:
    lines = []
    if followed.overwritten and followed.missing:
        lines.append(_warning(_OVERWRITTEN, _UP))
    elif followed.missing:
        known = "; ".join(f"{name}: {what}" for name, what in followed.missing.items())
        reason = f"after {SECONDS:.0f} s it is {followed}; {known}"
        lines.append(_warning(reason, _LOOK))
    elif followed.pods:
        lines.append(f"{followed} after {followed.seconds:.0f} s")
    elif not followed.frozen:
        lines.append(_warning("no pod that runs in this namespace mounts this ConfigMap", _LOOK))
    if followed.frozen:
        names = ", ".join(followed.frozen)
        reason = f"{names} mounts the file by subPath, which is never brought up to date"
        lines.append(_warning(reason, "restart them, the first of them alone: kubectl delete pod NAME"))
    return lines


def _reloads(maps: ConfigMaps, names: set[str]) -> bool:
    """Tell whether one of the Corefiles in these ConfigMaps has the plugin `reload`, or may have it."""
    for name in names:
        try:
            live = maps.get(name)
        except ClusterError:
            return True  # nobody can tell, and waiting tells in the end
        for text in data_of(live).values():
            try:
                if any(token.first and token.text == "reload" for token in tokens(text)):
                    return True
            except CorefileError:
                continue  # no Corefile
    return False


def _digests(texts: Mapping[str, str], edit: Change) -> frozenset[str]:
    return frozenset().union(*(digests(texts[key]) for key in edit.data))


def _refusal(maps: ConfigMaps, edit: Change, version: str, refused: tuple[str, str]) -> ClusterError:
    """Take the edit back, and return what is to be told about it."""
    pod, words = refused
    place = f"ConfigMap {maps.namespace}/{edit.config_map}"
    why = "its running pods go on with what they have; one that restarts would not start with this text"
    if number := _LINE.search(words):
        words += _line(edit, int(number[1]))
    what = f"{place}: CoreDNS in the pod {pod} refuses the new Corefile: {words}"
    if maps.restore(edit, version):
        return ClusterError(
            f"{what}; the earlier text is back",
            f"{why}, so nothing of it stays",
            f"mend what this line names (kubectl -n {maps.namespace} edit configmap {edit.config_map}), or "
            "the zones and servers in the stack file, and run this again",
        )
    return ClusterError(
        f"{what}; it still stands there, since somebody else has written the ConfigMap meanwhile",
        f"{why}, and taking it back would undo somebody else's change",
        f"mend it at once: kubectl -n {maps.namespace} edit configmap {edit.config_map}",
    )


def _line(edit: Change, number: int) -> str:
    lines = {
        lines[number - 1].strip()
        for lines in map(str.splitlines, edit.after.values())
        if number <= len(lines)
    }
    return f" (line {number}: `{lines.pop()}`)" if len(lines) == 1 else ""
