"""The page's site for one test: the stack in a folder of its own, and what both DNS layers answer."""

from __future__ import annotations

from lab.local_stack import LAYERS, ROOT, LocalStack

__all__ = ["GIT", "LAYERS", "ROOT", "Site"]

GIT = "git.protobox"


class Site(LocalStack):
    """What a test does and asks."""

    def resolves(self, name: str = GIT, address: str = "192.168.1.7") -> None:
        """Wait until both layers answer `name` with `address`."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, addresses=(address,))

    def does_not_resolve(self, name: str = GIT) -> None:
        """Wait until both layers say that `name` does not exist."""
        for layer in LAYERS:
            self.lab.wait_for_answer(layer, name, rcode="NXDOMAIN")
