"""The page's site for one test: the stack in a folder of its own, and what both DNS layers answer."""

from __future__ import annotations

from lab.local_stack import LAYERS, ROOT, LocalStack
from lab.processes import wait_until

__all__ = ["GIT", "LAYERS", "ROOT", "Site"]

GIT = "git.protobox"


class Site(LocalStack):
    """What a test does and asks."""

    def resolves(self, name: str = GIT, address: str = "192.168.1.7") -> None:
        """Wait until both layers answer `name` with `address`."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, addresses=(address,))

    def mend(self, layer: str, text: str, seconds: float = 30) -> bool:
        """Write a Corefile that CoreDNS takes; tell whether it has taken it after at most `seconds`.

        What it says of an earlier one may still be on the way until then.
        """
        log = self.lab.directory / "logs" / f"{layer}.log"
        seen = log.stat().st_size
        self.write_corefile(layer, text)
        return wait_until(lambda: b"Reloading complete" in log.read_bytes()[seen:], seconds)

    def does_not_resolve(self, name: str = GIT) -> None:
        """Wait until both layers say that `name` does not exist."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, rcode="NXDOMAIN")
