"""The kube-contexts of this machine, found as kubectl finds them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from lightkube import KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError

from components.cluster.errors import ClusterError, MissingError

DEFAULT_KUBECONFIG = "~/.kube/config"


def contexts() -> list[str]:
    """Return the names of all kube-contexts of this machine, in the order of the kubeconfig files.

    Raises:
        ClusterError: a kubeconfig cannot be read.
    """
    configs = [config for path in kubeconfig_files() if (config := _read(path))]
    return list(dict.fromkeys(name for config in configs for name in config.contexts))


def api_server(context: str) -> str:
    """Return the URL of the API server to which the kube-context `context` leads.

    Raises:
        ClusterError: the context is in no kubeconfig.
    """
    return str(_find_context(context).cluster.server)


def kubeconfig_files() -> list[Path]:
    """Return the kubeconfig files in the order of precedence, as kubectl finds them."""
    listed = [name for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    return [Path(name).expanduser() for name in listed or [DEFAULT_KUBECONFIG]]


@contextmanager
def usable(context: str) -> Iterator[SingleConfig]:
    """Return the kubeconfig's entry of `context`, for a client that is made of it inside.

    Raises:
        ClusterError: the context is in no kubeconfig, or no client can be made of its entry.
    """
    config = _find_context(context)
    try:
        yield config
    except (ConfigError, OSError, AssertionError, ValueError) as error:
        raise ClusterError(
            f"the kube-context {context!r} cannot be used: {error}",
            "without it the cluster cannot be read or changed",
            log_in(context),
        ) from None


def _find_context(context: str) -> SingleConfig:
    contexts: list[str] = []
    files = kubeconfig_files()
    for path in files:
        config = _read(path)
        if config is None:
            continue
        if context in config.contexts:
            try:
                found = config.get(context)
            except (KeyError, TypeError) as missing:
                raise ClusterError(
                    f"the kube-context {context!r} names a cluster or a user that {path} has not: {missing}",
                    "without it the cluster cannot be read or changed",
                    "write all of it into one file, as `kubectl config view --raw --flatten` prints it, and "
                    "set KUBECONFIG to that one",
                ) from None
            if found is not None:
                return found
        contexts += map(str, config.contexts)
    looked_in = ", ".join(map(str, files))
    known = f"known are {', '.join(sorted(contexts))}" if contexts else "no context is in it"
    error = (
        MissingError if contexts else ClusterError
    )  # a machine without a kubeconfig is not the file's fault
    raise error(
        f"the kube-context {context!r} does not exist in {looked_in}; {known}",
        "the stack must say which cluster it changes, and never takes the current one by accident",
        "set protobox-cd:cluster.context to a context that exists, or KUBECONFIG to the file that has it",
    )


def _read(path: Path) -> KubeConfig | None:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return KubeConfig.from_dict(content, fname=path) if content else None
    except FileNotFoundError:
        return None
    except (OSError, yaml.YAMLError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except (AttributeError, KeyError, TypeError, ValueError):  # lightkube takes its form for granted
        reason = "it has another form than a kubeconfig"
    raise ClusterError(
        f"the kubeconfig {path} cannot be read: {reason}",
        "it says where the cluster is",
        "repair the file, or set KUBECONFIG to another one",
    )


def log_in(context: str) -> str:
    """Return what helps where the API server of `context` does not answer."""
    return f"`kubectl --context {context} get namespaces` has to answer on this machine first"
