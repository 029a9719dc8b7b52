"""Repository URLs: what Argo CD accepts, and the host that a name server must know."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from components.settings.base import mistake

_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)\S+$")
_SCHEMES = ("http", "https", "ssh", "git")


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


def is_ip(host: str) -> bool:
    """Tell whether `host` is an IP address and so needs no name resolution."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def require_repository_url(url: str) -> str:
    """Return `url` without a final slash, if Argo CD can use it as (the start of) a repository URL."""
    host = repository_host(url)
    scheme = url.partition("://")[0] if "://" in url else "ssh"
    if not host or scheme not in _SCHEMES or re.search(r"\s", url):
        raise mistake(
            f"{url!r} is not a URL with a host",
            "Argo CD clones from this address, and its host is what has to resolve in the cluster",
            "write it in full, for example http://git.protobox/gitlab",
        )
    if scheme in {"http", "https"} and urlsplit(url).username:
        raise mistake(
            "the URL holds a user name or password",
            "it would be stored in clear text in the Application and in Pulumi's state",
            "take it out of the URL and give the credentials to Argo CD as a repository Secret",
        )
    return url.rstrip("/")
