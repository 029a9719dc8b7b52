"""What the check is asked, as data that goes through JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True)
class Host:
    """A repository host, and how the strategy makes it resolve."""

    name: str
    addresses: tuple[str, ...] = ()
    """What hosts entries in the pod say; empty when DNS decides."""
    servers: tuple[str, ...] = ()
    """The servers (`IP:port`) to which its zone is forwarded; empty with hosts entries."""
    asked_as: str = ""
    """The name that those servers are asked for, where a rewrite changes it."""
    repository: str = ""
    """The URL of one repository on it, "" if none is read over HTTP."""
    answers: tuple[str, ...] = ()
    """What the cluster's DNS has to answer from hosts entries of its own; empty where it asks a server."""

    @property
    def name_at_server(self) -> str:
        """The name that the servers know."""
        return self.asked_as or self.name


@dataclass(frozen=True)
class Question:
    """All that the check has to know."""

    context: str
    """The kube-context of the cluster."""
    namespace: str
    """Argo CD's namespace."""
    hosts: tuple[Host, ...]
    seconds: float = 180.0
    """How long to try: CoreDNS reads a changed Corefile after 30 to 160 seconds."""

    def to_json(self) -> str:
        """Return it as JSON, always in the same order."""
        content = asdict(self)
        for host in content["hosts"]:
            if not host["answers"]:
                del host["answers"]  # as earlier versions wrote it: another text would prove all anew
        return json.dumps(content, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Question:
        """Return the question that `to_json` wrote.

        Raises:
            ValueError: it did not.
        """
        try:
            return TypeAdapter(cls).validate_json(text)
        except ValidationError as error:
            raise ValueError(f"not a question of this program: {error}") from None
