"""Translate a pod's Corefile from the site's addresses to the lab's, as a NAT would translate packets.

Every address that CoreDNS would listen on or talk to becomes a loopback address; what is only data
(`hosts` entries, `template` answers) stays. What cannot be translated becomes a text that CoreDNS
refuses, never one with a real address: the running CoreDNS then keeps its old configuration, which is
what it does on the site as well when it is given a Corefile that it cannot load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address

from components.dns.corefile.lexer import CorefileError, Token, tokens
from lab.dns.blocks import Block, Directive, blocks
from lab.dns.network import NOWHERE, PAGES, Network
from lab.endpoints import Endpoint
from lab.site import DNS_PORT

# The shortest that CoreDNS accepts. On the site it is 30 s, after up to two minutes for the kubelet.
RELOAD = ("2s", "1s")
_RESOLV_CONF = "/etc/resolv.conf"
_LOWEST_FREE_PORT = 1024
_TO_ANOTHER_PORT = 40000
_CONNECTION_OPTIONS = ("endpoint", "kubeconfig", "tls")


def translate(corefile: str, network: Network) -> str:
    """Return `corefile` as the lab's CoreDNS gets it; a text that CoreDNS refuses if that is impossible."""
    try:
        return _Translation(corefile, network).text()
    except (CorefileError, _CannotTranslateError) as error:
        return refused(str(error))


def refused(reason: str) -> str:
    """Return a Corefile that no CoreDNS loads; its log then shows the unknown directive."""
    return f"# Not served: {' '.join(reason.split())}\n. {{\n    refused-by-the-lab\n}}\n"


class _CannotTranslateError(Exception):
    """The site's CoreDNS could not load this, or the lab does not play it."""


class _Translation:
    """The replacements for one text, collected block by block."""

    def __init__(self, corefile: str, network: Network) -> None:
        self._corefile = corefile
        self._network = network
        self._edits: list[tuple[int, int, str]] = []
        self._rules: Mapping[str, Callable[[Directive], None]] = {
            "bind": self._bind,
            "forward": self._forward,
            "hosts": self._hosts,
            "kubernetes": self._kubernetes,
            "reload": self._reload,
        } | dict.fromkeys(PAGES, self._page)

    def text(self) -> str:
        for block in blocks(tokens(self._corefile)):
            self._block(block)
        text, position = "", 0
        for start, end, new in sorted(self._edits):
            text += self._corefile[position:start] + new
            position = end
        return text + self._corefile[position:]

    def _block(self, block: Block) -> None:
        for key in block.keys:
            self._key(key)
        if not block.opening:
            raise _CannotTranslateError("the Corefile has no braces, or its last block is not complete")
        for directive in block.directives:
            name = directive.name.text
            if name not in self._network.plugins:
                raise _CannotTranslateError(f"line {directive.name.line}: there is no plugin {name!r} here")
            if rule := self._rules.get(name):
                rule(directive)
        if not any(directive.name.text == "bind" for directive in block.directives):
            self._insert(block.opening.end, f"\n    bind {self._network.wildcard}\n")

    def _key(self, key: Token) -> None:
        name = key.text.removesuffix(",").removeprefix("dns://")
        if not name:
            return
        if "://" in name or "{" in name or name.startswith("(") or name == "import":
            raise _CannotTranslateError(f"line {key.line}: the lab does not play {name!r}")
        zone, colon, port = name.rpartition(":")
        if not (colon and port.isdecimal()):
            zone, port = name, str(DNS_PORT)
        comma = "," if key.text.endswith(",") else ""
        self._replace(key, f"{zone}:{self._port(int(port))}{comma}")

    def _port(self, port: int) -> int:
        """Return the port for a key's port: only 53 is the port on which the pod is asked."""
        if port == DNS_PORT:
            return self._network.listen.port
        other = port if port >= _LOWEST_FREE_PORT else port + _TO_ANOTHER_PORT
        return other if other != self._network.listen.port else other + 1

    def _bind(self, directive: Directive) -> None:
        for address in directive.args:
            if address.text not in self._network.binds:
                raise _CannotTranslateError(
                    f"line {address.line}: {address.text!r} is not an address on which this pod can listen"
                )
            self._replace(address, self._network.binds[address.text])

    def _forward(self, directive: Directive) -> None:
        for target in directive.args[1:]:
            self._replace(target, str(self._reached(target)))

    def _reached(self, target: Token) -> Endpoint:
        if target.text == _RESOLV_CONF:
            return self._network.resolv_conf
        scheme, separator, rest = target.text.rpartition("://")
        address, port = _address_and_port(rest)
        if not _is_address(address):
            raise _CannotTranslateError(
                f"line {target.line}: not an IP address or file: {target.text!r} "
                "(CoreDNS before 1.14.4 does not look up the name of a server)"
            )
        if separator and scheme != "dns":
            return NOWHERE  # nothing on the site speaks DNS over TLS
        return self._network.routes.get(Endpoint(address, port), NOWHERE)

    def _page(self, directive: Directive) -> None:
        self._argument(directive, str(self._network.pages[directive.name.text]))
        for value in directive.options("lameduck"):
            if value.text.removesuffix("s").isdecimal():
                self._replace(value, "0s")  # it only makes every stop slow

    def _reload(self, directive: Directive) -> None:
        if not directive.args:
            self._insert(directive.end, " " + " ".join(RELOAD))
        for value, short in zip(directive.args, RELOAD, strict=False):
            self._replace(value, short)

    def _hosts(self, directive: Directive) -> None:
        # The pod's own file, not the one of the machine that runs the lab.
        self._argument(directive, "/dev/null")

    def _kubernetes(self, directive: Directive) -> None:
        if any(token.first and token.text in _CONNECTION_OPTIONS for token in directive.body):
            raise _CannotTranslateError(
                f"line {directive.name.line}: the lab has one API server and gives it to `kubernetes` itself"
            )
        path = str(self._network.kubeconfig).replace('"', '\\"')
        line = f'\n        kubeconfig "{path}" lab\n'
        if directive.opening:
            self._insert(directive.opening.end, line)
        else:
            self._insert(directive.end, f" {{{line}    }}\n")

    def _argument(self, directive: Directive, value: str) -> None:
        """Make `value` the directive's first argument."""
        if directive.args:
            self._replace(directive.args[0], value)
        else:
            self._insert(directive.end, f" {value}")

    def _replace(self, token: Token, new: str) -> None:
        self._edits.append((token.start, token.end, new))

    def _insert(self, position: int, new: str) -> None:
        self._edits.append((position, position, new))


def _address_and_port(target: str) -> tuple[str, int]:
    """Split `192.168.1.7:8600`, `[fd00::7]:53` and addresses without a port, which mean 53."""
    address, colon, port = target.rpartition(":")
    if colon and port.isdecimal() and (address.endswith("]") or ":" not in address):
        return address.strip("[]"), int(port)
    return target.strip("[]"), DNS_PORT


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
