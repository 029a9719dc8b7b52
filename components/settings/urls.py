"""Repository URLs: what Argo CD accepts, and the host that a name server must know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from components.settings.base import mistake

_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)\S+$")
_REGISTRY = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[-a-z0-9]+)+/[a-z0-9][-a-z0-9._/]*")
_SCHEMES = ("http", "https", "ssh", "git", "oci")
_GITLAB_COM = "gitlab.com"


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
    name = hosts.get(host)
    if not name:
        return url
    start = url.lower().index(host, url.find("@") + 1 if "@" in url else url.find("://") + 1)
    return url[:start] + name + url[start + len(host) :]


def lacks_dot_git(url: str, git_server: str) -> bool:
    """Tell whether GitLab would redirect `url`, which Argo CD does not follow (argo-cd#2640).

    Args:
        url: a Git repository's URL.
        git_server: the host of the site's own Git server, which is a GitLab.
    """
    over_http = url.lower().startswith(("http://", "https://"))
    on_gitlab = repository_host(url) in {git_server, _GITLAB_COM}
    return over_http and on_gitlab and not url.endswith(".git")


def is_ip(host: str) -> bool:
    """Tell whether `host` is an IP address and so needs no name resolution."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def require_repository_url(url: str) -> str:
    """Return `url` without a final slash, if Argo CD can use it as (the start of) a repository URL."""
    scheme = url.partition("://")[0] if "://" in url else "ssh"
    if has_credentials(url, scheme):
        raise mistake(
            "the URL holds a user name or password",
            "it would be stored in clear text in the Application and in Pulumi's state",
            "take it out of the URL and give it to Argo CD by protobox-cd:credentialTemplates",
        )
    if not repository_host(url) or scheme not in _SCHEMES or re.search(r"\s", url):
        raise mistake(
            f"{url!r} is not a URL with a host",
            "Argo CD clones from this address, and its host is what has to resolve in the cluster",
            "write it in full, for example http://git.protobox/gitlab",
        )
    return url.rstrip("/")


def require_source_url(url: str) -> str:
    """Return `url` as `require_repository_url` does; `registry.protobox/charts` too.

    Argo CD names an OCI registry with charts without a scheme. That there is a chart is checked elsewhere.
    """
    return url if _REGISTRY.fullmatch(url) else require_repository_url(url)


def has_credentials(url: str, scheme: str) -> bool:
    """Tell whether the URL holds what must not be seen; `git@` of SSH is no secret."""
    authority = url.partition("://")[2].partition("/")[0]
    userinfo, at, _ = authority.rpartition("@")
    return bool(at) and (scheme not in {"ssh", "git"} or ":" in userinfo)
