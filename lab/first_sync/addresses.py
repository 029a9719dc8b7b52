"""Furnish the private network and mount namespace that this process is in, as the site's machines are."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from pyroute2 import IPRoute

from lab import site

# A pod's resolv.conf as the kubelet writes it where a node-local cache runs.
RESOLV_CONF = f"""\
search argocd.svc.cluster.local svc.cluster.local cluster.local
nameserver {site.NODE_LOCAL_DNS}
options ndots:5
"""
# Fedora's own asks systemd-resolved first, by a socket file, which a private network does not hide.
_NSSWITCH_CONF = "passwd: files\ngroup: files\nhosts: files dns\n"
_CACHE_OF_NAMES = Path("/run/nscd")
"""Where glibc asks a machine's cache of names before it asks anybody else, also by a socket file."""
_MANAGED = (
    "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
)


def hosts_file(aliases: list[tuple[str, list[str]]]) -> str:
    """Return a pod's /etc/hosts as the kubelet writes it (kubernetes pkg/kubelet/kubelet_pods.go)."""
    if not aliases:
        return _MANAGED
    lines = "".join("\t".join([ip, *names]) + "\n" for ip, names in aliases)
    return f"{_MANAGED}\n# Entries added by HostAliases.\n{lines}"


def furnish(folder: Path) -> None:
    """Give the loopback interface the site's addresses, and this namespace a pod's files in /etc."""
    with IPRoute() as network:
        (loopback,) = network.link_lookup(ifname="lo")
        network.link("set", index=loopback, state="up")
        for address in sorted({place.address for place in site.PLACES}):
            network.addr("add", index=loopback, address=address, prefixlen=32)
    needed = {"resolv.conf": RESOLV_CONF, "hosts": hosts_file([])}
    # A machine may do without this file, and there is nothing then on which another one can be mounted.
    optional = {"nsswitch.conf": _NSSWITCH_CONF} if Path("/etc/nsswitch.conf").exists() else {}
    _mount(folder, needed | optional)
    if _CACHE_OF_NAMES.is_dir():
        subprocess.run(["mount", "-t", "tmpfs", "none", _CACHE_OF_NAMES], check=True)


def _mount(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.write_text(text, encoding="utf-8")
        # A link, as where systemd-resolved runs, is followed: a mount replaces the file that it leads to.
        subprocess.run(["mount", "--bind", file, Path("/etc", name).resolve()], check=True)
