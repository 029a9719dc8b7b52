"""Which jobs a pipeline has, and what stands in each, after GitLab's `extends`, `!reference` and `matrix`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import yaml

from tests.gitlab_ci.expressions import holds

GLOBAL = ("default", "include", "stages", "variables", "workflow")
"""The keys at the top that are no jobs."""
_WITH_DEFAULTS = ("after_script", "artifacts", "before_script", "cache", "image", "interruptible", "retry")
_SCRIPTS = ("before_script", "script", "after_script", "rules")

Tree = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Leaves `!reference [.job, key]` as a list with that tag, to be followed later."""


@dataclass(frozen=True)
class Reference:
    """A part of another job."""

    path: tuple[str, ...]


def _reference(loader: _Loader, node: yaml.Node) -> Reference:
    if not isinstance(node, yaml.SequenceNode):
        raise yaml.YAMLError(f"!reference takes a list{node.start_mark}")
    return Reference(tuple(loader.construct_sequence(node)))


_Loader.add_constructor("!reference", _reference)


@dataclass(frozen=True)
class Job:
    """One job as a runner gets it: nothing in it is inherited any more.

    Attributes:
        name: as GitLab shows it, such as `preview: [dev]`.
        content: its keys.
        variables: those of the file; a value may name others.
    """

    name: str
    content: Tree
    variables: Mapping[str, str]

    @property
    def script(self) -> list[str]:
        """What its shell runs, line by line."""
        return [*self.content.get("before_script", []), *self.content["script"]]


def load(text: str) -> Tree:
    """Return the content of a `.gitlab-ci.yml`, in which references are not followed yet."""
    content: Tree = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader with one more tag
    return content


def jobs(config: Tree) -> list[Job]:
    """Return every job that the file declares, one for each cell of its matrix."""
    names = [name for name in config if name not in GLOBAL and not name.startswith(".")]
    return [job for name in names for job in _cells(name, config)]


def pipeline(config: Tree, variables: Mapping[str, str], changed: set[str] | None = None) -> dict[str, str]:
    """Return the jobs of a new pipeline, name → `on_success`, `manual` and so on.

    Args:
        config: the file's content.
        variables: GitLab's own for this pipeline.
        changed: the files that a merge request or a push changes. None for another pipeline, in which
            `changes` is always true.
    """
    everywhere = {**variables, **_words(config.get("variables", {}))}
    workflow = _first(config["workflow"]["rules"], everywhere, changed)
    if workflow is None or workflow.get("when") == "never":
        return {}
    everywhere |= _words(workflow.get("variables", {}))
    found = {}
    for job in jobs(config):
        rule = _first(job.content["rules"], {**everywhere, **job.variables}, changed)
        when = rule.get("when", "on_success") if rule is not None else "never"
        if when != "never":
            found[job.name] = when
    return found


def pipeline_variables(
    config: Tree, variables: Mapping[str, str], changed: set[str] | None = None
) -> dict[str, str]:
    """Return the file's variables of a new pipeline: the global ones, and those of its `workflow` rule."""
    rule = _first(config["workflow"]["rules"], {**variables, **_words(config["variables"])}, changed) or {}
    return _words(config["variables"]) | _words(rule.get("variables", {}))


def _first(rules: Sequence[Tree], variables: Mapping[str, str], changed: set[str] | None) -> Tree | None:
    """Return the first rule that applies."""
    return next((rule for rule in rules if _applies(rule, variables, changed)), None)


def _applies(rule: Tree, variables: Mapping[str, str], changed: set[str] | None) -> bool:
    unknown = rule.keys() - {"if", "changes", "when", "variables"}
    if unknown:
        raise ValueError(f"this small GitLab does not know {unknown} in a rule")
    if "if" in rule and not holds(rule["if"], variables):
        return False
    if "changes" not in rule or changed is None:
        return True
    return any(fnmatchcase(file, pattern) for file in changed for pattern in rule["changes"])


def _cells(name: str, config: Tree) -> Iterator[Job]:
    content = _whole(name, config)
    own = _words(content.pop("variables", {}))
    matrix = content.pop("parallel", {}).get("matrix")
    for cell in _combinations(matrix) if matrix else [{}]:
        title = f"{name}: [{', '.join(cell.values())}]" if cell else name
        yield Job(title, content, own | cell)


def _combinations(matrix: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for row in matrix:
        columns = [value if isinstance(value, list) else [value] for value in row.values()]
        for values in itertools.product(*columns):
            yield dict(zip(row, map(str, values), strict=True))


def _whole(name: str, config: Tree) -> Tree:
    """Return a job with all that it inherits."""
    defaults = {key: value for key, value in config.get("default", {}).items() if key in _WITH_DEFAULTS}
    own = defaults | _extended(name, config)
    return {key: _followed(value, config, flat=key in _SCRIPTS) for key, value in own.items()}


def _extended(name: str, config: Tree) -> Tree:
    own = dict(config[name])
    parents = own.pop("extends", [])
    found: Tree = {}
    for parent in [parents] if isinstance(parents, str) else parents:
        found = _merged(found, _extended(parent, config))
    return _merged(found, own)


def _merged(base: Tree, over: Tree) -> Tree:
    """Return `base` with `over` on top: mappings are joined key by key, everything else is replaced."""
    both = {
        key: _merged(base[key], value)
        for key, value in over.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return base | over | both


def _followed(value: Any, config: Tree, *, flat: bool = False) -> Any:
    """Return `value` with each reference replaced by what it names; in a script or in rules, line by line."""
    if isinstance(value, Reference):
        found: Any = config
        for key in value.path:
            found = found[key]
        return _followed(found, config, flat=flat)
    if isinstance(value, dict):
        return {key: _followed(item, config) for key, item in value.items()}
    if isinstance(value, list):
        items: list[Any] = []
        for item in value:
            one = _followed(item, config, flat=flat)
            items += one if flat and isinstance(item, Reference) and isinstance(one, list) else [one]
        return items
    return value


def _words(variables: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in variables.items()}
