"""`command:local:Command` and `command:local:run`."""

import secrets
from collections.abc import Sequence

from lab.plugins.command.running import Output, run
from lab.plugins.diff import compare, mark_replacements, without_ignored
from lab.plugins.properties import UNKNOWN, Properties, Secret, has_secret, plain
from lab.plugins.serve import Checked, Difference, Found, Old, Refusal, Resource, StandIn
from lab.plugins.versions import sdk_version

COMMAND = "command:local:Command"
RUN = "command:local:run"

_OUTPUTS = ("stdout", "stderr")
_REFUSED = ("archivePaths", "assetPaths")


class Command(StandIn):
    """Commands on this machine."""

    name = "command"
    version = sdk_version("command")

    def check(self, resource: Resource, olds: Properties, news: Properties, proposed_name: str) -> Checked:
        """Refuse what needs the real plugin."""
        del olds, proposed_name
        if resource.type != COMMAND:
            raise Refusal(
                f"the lab's stand-in for the plugin `command` does not do `{resource.type}`, only `{COMMAND}`"
            )
        return Checked(news, _refused(news))

    def diff(self, resource: Resource, old: Old, news: Properties, ignored: Sequence[str]) -> Difference:
        """Every change runs the command again; one of `triggers` replaces the resource."""
        del resource
        inputs = plain(
            old.inputs or {key: item for key, item in old.properties.items() if key not in _OUTPUTS}
        )
        changes = mark_replacements(compare(inputs, inputs, plain(news)), [("triggers",)], plain(news))
        return Difference(without_ignored(changes, ignored))

    def create(
        self, resource: Resource, news: Properties, timeout: float, *, preview: bool
    ) -> tuple[str, Properties]:
        """Run `create`."""
        del timeout
        if preview:
            return "", {**news, **dict.fromkeys(_OUTPUTS, UNKNOWN)}
        output = self._run(news, plain(news).get("create"), Output(), resource.urn)
        return f"{resource.name}{secrets.token_hex(4)}", _state(news, output)

    def read(self, resource: Resource, old: Old) -> Found | None:
        """Return the state: what a command has done cannot be read again."""
        del resource
        return Found(old.resource_id, old.inputs, old.properties)

    def update(  # noqa: PLR0913 - as the protocol
        self,
        resource: Resource,
        old: Old,
        news: Properties,
        ignored: Sequence[str],
        timeout: float,
        *,
        preview: bool,
    ) -> Properties:
        """Run `update`, or `create` if there is none."""
        del ignored, timeout
        if preview:
            return {**news, **dict.fromkeys(_OUTPUTS, UNKNOWN)}
        inputs = plain(news)
        command = inputs.get("update") if inputs.get("update") is not None else inputs.get("create")
        return _state(news, self._run(news, command, _printed(old), resource.urn))

    def delete(self, resource: Resource, old: Old, timeout: float) -> None:
        """Run `delete`."""
        del timeout
        self._run(old.properties, plain(old.properties).get("delete"), _printed(old), resource.urn)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Run a command at once, in every preview too."""
        if token != RUN:
            return super().invoke(token, arguments)
        if failures := _refused(arguments):
            name, reason = failures[0]
            raise Refusal(f"{name}: {reason}")
        return _state(arguments, self._run(arguments, plain(arguments)["command"], Output(), ""))

    def _run(self, properties: Properties, command: str | None, previous: Output, urn: str) -> Output:
        if command is None:
            return previous

        def log(line: str) -> None:
            self.engine.status(line, urn)

        return run(command, plain(properties), previous, log, self.cancelled)


def _refused(inputs: Properties) -> list[tuple[str, str]]:
    reason = "the lab's stand-in for the plugin `command` collects no files; it needs the real plugin"
    return [(name, reason) for name in _REFUSED if inputs.get(name)]


def _printed(old: Old) -> Output:
    known = plain(old.properties)
    return Output(known.get("stdout") or "", known.get("stderr") or "")


def _state(inputs: Properties, output: Output) -> Properties:
    """Return the inputs and the output; what a command prints may repeat a secret that it was given."""
    printed: Properties = {"stdout": output.stdout, "stderr": output.stderr}
    if has_secret(inputs):
        printed = {name: Secret(text) for name, text in printed.items()}
    return {**inputs, **printed}
