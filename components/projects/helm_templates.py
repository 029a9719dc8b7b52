"""Tell a Helm template, which only Helm can fill in, from a manifest."""

from __future__ import annotations

import re

import yaml

from components.stackfile import yaml_nodes
from components.stackfile.kubectl_yaml import DEEPEST, UnreadableError
from components.stackfile.problems import PROJECT

_ACTION = re.compile(
    r"\{\{-?\s*([.$]|/\*|(include|template|if|range|with|end|else|define|tpl|toYaml|quote)\b).*"
)
"""An action of Helm's template language."""
_OF_OTHERS = frozenset({"valuesObject", "annotations", "info"})
"""What may hold another program's templates."""


def template_in_text(text: str) -> UnreadableError | None:
    """Return that `text`, which is no YAML, is a Helm template; None if it is none."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _ACTION.search(line):
            return _a_template(found[0].strip(), number, found.start() + 1)
    return None


def template_in_node(node: yaml.Node, depth: int = 0) -> UnreadableError | None:
    """Return that a manifest has a value that Helm has to fill in; None if it has none."""
    if isinstance(node, yaml.ScalarNode):
        is_action = not node.style and _ACTION.search(str(node.value))
        return _a_template(str(node.value), *yaml_nodes.position(node)) if is_action else None
    pairs = yaml_nodes.entries(node)
    if any(isinstance(key, yaml.MappingNode) for key, _ in pairs):
        return _a_template("{{ … }}", *yaml_nodes.position(node))
    values = [value for key, value in pairs if yaml_nodes.text(key) not in _OF_OTHERS]
    items = node.value if isinstance(node, yaml.SequenceNode) else values
    below = (template_in_node(item, depth + 1) for item in items if depth < DEEPEST)
    return next(filter(None, below), None)


def _a_template(written: str, line: int, column: int) -> UnreadableError:
    return UnreadableError(
        f"this is a Helm template, not a manifest: {written}",
        "only Helm can fill it in; what stands there now is no value that Argo CD could use",
        "render the chart and name the file that comes out: helm template . --output-dir rendered; or make "
        f"the chart itself a project in {PROJECT}:projects",
        line,
        column,
    )
