"""A recording stand-in for the Pulumi engine, for tests of the wiring only."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

from tests.site import SITE

PROGRAM = Path(__file__).parents[1] / "__main__.py"


@dataclass
class Recorded:
    """One resource as the program declared it."""

    type: str
    name: str
    inputs: dict[str, Any]
    options: pulumi.ResourceOptions


@dataclass
class Engine(Mocks):
    """Answers every declaration with its own inputs, and remembers it."""

    resources: list[Recorded] = field(default_factory=list)
    options: dict[tuple[str, str], pulumi.ResourceOptions] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    """URN → type and outputs of what is in the state before."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        options = self.options.get((args.typ, args.name)) or pulumi.ResourceOptions()
        self.resources.append(Recorded(args.typ, args.name, args.inputs, options))
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        if args.token == "pulumi:pulumi:readStackResourceOutputs":  # noqa: S105 - a function's name
            return {"outputs": self.state}, []
        raise AssertionError(f"the program must not call {args.token}")

    def spy(self, args: pulumi.ResourceTransformationArgs) -> None:
        """Remember the options, which mocks do not show otherwise."""
        self.options[args.type_, args.name] = args.opts

    def depends_on(self, kind: str, name: str) -> set[str]:
        """Return the names of the resources that this one depends on by option."""
        listed = cast("list[pulumi.Resource]", self.options[kind, name].depends_on or [])
        return {resource._name for resource in listed}  # noqa: SLF001 - the SDK has no public way

    def of_type(self, wanted: str) -> list[Recorded]:
        return [resource for resource in self.resources if resource.type == wanted]

    def one(self, wanted: str) -> Recorded:
        (resource,) = self.of_type(wanted)
        return resource


until_drained: Callable[[Callable[[], object]], Callable[[], None]] = pulumi.runtime.test
"""Run a function and wait for every declaration and Output that it has set off."""


def declared(*, preview: bool = False, state: dict[str, Any] | None = None, **sections: Any) -> Engine:
    """Run the program to its end, as a preview or an `up` would, and return what it declared."""
    engine = Engine(state=state or {})
    until_drained(lambda: run_program(engine, preview=preview, **sections))()
    return engine


def run_program(engine: Engine, *, preview: bool = False, **sections: Any) -> None:
    """Run the whole program with the page's site and `sections` in place of its own."""
    pulumi.runtime.set_mocks(engine, project="protobox-cd", stack="test", preview=preview)
    values = {f"protobox-cd:{name}": json.dumps(value) for name, value in {**SITE, **sections}.items()}
    pulumi.runtime.set_all_config(values)
    pulumi.runtime.register_stack_transformation(engine.spy)
    runpy.run_path(str(PROGRAM), run_name="__main__")
