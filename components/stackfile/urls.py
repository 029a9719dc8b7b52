"""Repository URLs and folders, as Argo CD accepts them, and the host that a name server must know."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from components.stackfile.addresses import canonical_ip
from components.stackfile.base import mistake
from components.stackfile.forms import IPV6, Form
from components.stackfile.problems import behind_login

_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)\S+$")

_HOST_IN_URL = re.compile(r"[^:/?#]*://(?:[^/?#]*@)?(\[[^\]/?#]*\]|[^:/?#@\[\]]+)(?=[:/?#]|$)")
"""An `@` further on is part of the path: `http://git.protobox/team@home/a.git` has no user."""

HOST = rf"([A-Za-z0-9_][-A-Za-z0-9_.]*|\[{IPV6}\])(:[0-9]{{1,5}})?"
"""The host of a URL, and its port."""
_USER = r"([^@/:\s]+@)?"
_URL = rf"((https?|oci)://|(ssh|git)://{_USER}){HOST}(/\S*)?"
_SHORT = rf"(?![^@:]*:[0-9]+(/|$)){_USER}[A-Za-z0-9_][-A-Za-z0-9_.]*:(?!/?/)[^@/\s]*(/\S*)?(?<!:)"
"""Git's short form of SSH. `git.protobox:8080/gitlab` is none, but a URL without its `http://`."""
_PORT = ":[0-9]{1,5}"
_REGISTRY = (
    rf"[a-z0-9]([-a-z0-9]*[a-z0-9])?((\.[-a-z0-9]+)+({_PORT})?|{_PORT})(/[A-Za-z0-9][-A-Za-z0-9._/]*)?"
)
"""A host without a dot is one by its port only: `localhost:5000/charts`, but not `group/charts`."""

_REPOSITORY = Form(f"{_URL}|{_SHORT}")
_SOURCE = Form(f"{_URL}|{_SHORT}|{_REGISTRY}")
_LOCATION = Form(rf"{_URL}|{_SHORT}|{HOST}(/\S*)?")
_CHARTS = Form(
    rf"{HOST}(/\S*)?",
    "{} is not the address of a registry with charts",
    "Argo CD looks for the chart there, and its host is what has to resolve in the cluster",
    "write its host, its port if it has one, and the path, for example registry.protobox/charts",
)
UNKNOWN_HOST = "unknown.invalid"
"""What stands in for the Git server where its address has a mistake: nothing is asked of it."""
_GITLAB_COM = "gitlab.com"
_PORTS = 65536


def repository_host(url: str) -> str:
    """Return the host name or IP in `url`, lower case; "" when there is none.

    Both forms that Git knows are read: `http://git.protobox/a/b.git` and `git@git.protobox:a/b.git`.
    """
    if "://" not in url:
        match = _SCP.match(url)
        return match.group(1).lower() if match else ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def with_host_name(url: str, hosts: Mapping[str, str]) -> str:
    """Return `url` with its host replaced by what `hosts` says of it; everything else stays."""
    host = repository_host(url)
    name = hosts.get(canonical_ip(host))
    found = _HOST_IN_URL.match(url) if "://" in url else _SCP.match(url)
    if not (name and found and found.group(1).lower() in {host, f"[{host}]"}):
        return url
    named = url[: found.start(1)] + name + url[found.end(1) :]
    # Of `http://[fd00::7]:]` the name would not be the host.
    return named if repository_host(named) == name.lower() else url


def _with_port(url: str) -> str:
    """Return what `git@host:2222/path` is probably meant to be, with a port; "" if it is another form."""
    found = re.fullmatch(r"([^@/\s]+@[^:/\s]+):(\d{1,5})((/\S*)?)", url)
    return (
        f"ssh://{found[1]}:{found[2]}{found[3]}".rstrip("/") if found and 0 < int(found[2]) < _PORTS else ""
    )


def lacks_dot_git(url: str, git_servers: Container[str]) -> bool:
    """Tell whether GitLab would redirect `url`, which Argo CD does not follow (argo-cd#2640).

    A final slash changes nothing: git itself takes it off before it asks. `git_servers` are the names of the
    site's own Git server, which is a GitLab.
    """
    over_http = url.lower().startswith(("http://", "https://"))
    host = repository_host(url).removesuffix(".")
    on_gitlab = host == _GITLAB_COM or host in git_servers
    return over_http and on_gitlab and not url.rstrip("/").endswith(".git")


def require_repository_url(url: str) -> str:
    """Return `url` without a final slash, if Argo CD can use it as (the start of) a repository URL."""
    scheme = url.partition("://")[0] if "://" in url else "ssh"
    if has_credentials(url, scheme):
        raise _holds_a_login(url)
    if not _REPOSITORY.fits(url):
        raise mistake(
            f"{_shown(url)!r} is not a URL with a host",
            "Argo CD clones from this address, and its host is what has to resolve in the cluster",
            f"write it in full, for example {_in_full(url)}",
        )
    if better := _with_port(url):
        raise mistake(
            f"{_shown(url)!r} asks port 22 for a path that begins with a number",
            "in this short form of SSH, Git takes what stands behind the colon for a path, never for a port",
            f"write {better}",
        )
    return url.rstrip("/")


def _shown(url: str) -> str:
    """Return what may be shown of an address: the user `git` is no secret, any other may be a token."""
    return url if re.fullmatch(r"(ssh://)?git@[^@]*", url) else behind_login(url)


def _in_full(url: str) -> str:
    """Return an address like `url` that Argo CD can use."""
    behind = re.sub(r"^[a-z]*:?//?|^[a-z]+:/+", "", behind_login(url))
    host, _, below = behind.partition("/")
    host = re.sub(r":(?!\d{1,5}$).*", "", host)
    if not re.fullmatch(HOST, host) or ("." not in host and "/" not in behind):
        return "http://git.protobox/gitlab"
    named = f"ssh://git@{host}" if url.startswith(("git@", "ssh://")) else f"http://{host}"
    path = "/".join(re.findall(r"[^\s/?#@]+", below))
    return f"{named}/{path}" if path else named


def require_source_url(url: str) -> str:
    """Return `url` as `require_repository_url` does; `registry.protobox/charts` too.

    Argo CD names an OCI registry with charts without a scheme. That there is a chart is checked elsewhere.
    """
    return url if re.fullmatch(_REGISTRY, url) else require_repository_url(url)


def require_charts(url: str) -> str:
    """Return `url`, if charts can be there: over HTTP, or in an OCI registry, which has no scheme."""
    if "://" not in url:
        if "@" in url:
            raise _holds_a_login(url)
        return _CHARTS.require(url)
    require_repository_url(url)
    scheme, _, rest = url.partition("://")
    if scheme.lower() in {"http", "https"}:
        return url
    raise mistake(
        f"{_shown(url)!r} is no repository with charts",
        "Argo CD gets a chart over HTTP, or from an OCI registry, which it wants without oci:// in front: "
        "with it, it ignores the chart's name",
        f"write {rest if scheme.lower() == 'oci' else 'https://charts.protobox/stable'}",
    )


def _holds_a_login(url: str) -> PydanticCustomError:
    scheme, separator = url.partition("://")[:2] if "://" in url else ("", "")
    return mistake(
        "the URL holds a user name or password",
        "it would be stored in clear text in the Application and in Pulumi's state",
        f"write {scheme}{separator}{behind_login(url)}, and give the login to Argo CD by "
        "protobox-cd:credentialTemplates",
    )


def require_location(url: str) -> str:
    """Return `url`, if a repository can be there: as a URL, in Git's short form, or as `registry/charts`."""
    if "://" not in url and url.endswith(":") and not has_credentials(url, "ssh"):
        raise mistake(
            f"{url!r} ends in the middle of an SSH address",
            "Argo CD compares it with git@git.protobox/…, in which there is no colon left",
            f"write ssh://{url.removesuffix(':')}/, which holds for the short form too",
        )
    if not _LOCATION.fits(url):
        require_repository_url(url if "://" in url or repository_host(url) else f"oci://{url}")
    return url


def has_credentials(url: str, scheme: str) -> bool:
    """Tell whether the URL holds what must not be seen; `git@` of SSH is no secret."""
    if "://" not in url:
        return ":" in url.partition("@")[0] and "@" in url.partition("/")[0]
    authority = url.partition("://")[2].partition("/")[0]
    userinfo, at, _ = authority.rpartition("@")
    return bool(at) and (scheme not in {"ssh", "git"} or ":" in userinfo)


BaseUrl = Annotated[str, AfterValidator(require_repository_url), _REPOSITORY]
RepositoryUrl = Annotated[str, AfterValidator(require_source_url), _SOURCE]
Location = Annotated[str, AfterValidator(require_location), _LOCATION]


def _inside(path: str) -> str:
    inside = "/".join(part for part in path.split("/") if part not in {"", ".", ".."})
    return f"write {inside}" if inside else "write ., which is the root itself"


_FOLDER = Form(
    r"(?!/|\.\.(/|$))[\s\S]+",
    "{} is not a folder in the repository",
    "Argo CD takes a path as seen from the repository's root, and refuses one that begins with / or leads "
    "out of the repository",
    _inside,
)
"""Source: Argo CD v3.1.9, `util/app/path/path.go`: "app path is absolute", "app path outside root"."""
require_folder = _FOLDER.require
Folder = Annotated[str, _FOLDER]
