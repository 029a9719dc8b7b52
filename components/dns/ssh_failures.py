"""The ways in which ssh fails: how each is recognised, what it means, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from components.settings.base import PROJECT

MISSING, NO_FILE, UNREADABLE = 103, 104, 105
"""Exit codes of our own script on the other machine."""
HANGS = 124
"""The exit code of `timeout`."""

OVERRIDE = f"write the entries themselves: {PROJECT}:dns.hosts.entries: {{192.168.1.7: [git.protobox]}}"
NEEDED = "its entries are what makes the Git server's name resolve in Argo CD's pods"

_TAKE_IN = (
    "  {scan}\nand compare what `ssh-keygen -lf` says of that file with the fingerprint that the "
    "administrator of {host} reads on the machine itself"
)


@dataclass(frozen=True)
class Failure:
    """One way to fail: how ssh says it, and what we say."""

    said: str
    """A pattern in what ssh prints (OpenSSH 7 to 10)."""
    key: str
    """The key of `ssh` that is to blame; "" for all of them."""
    what: str
    why: str
    fix: str


# In this order: a changed host key is also a failed verification, an unusable private key a refused one.
FAILURES = (
    Failure(
        r"Could not resolve hostname",
        "host",
        "the machine that runs Pulumi does not know the name {host}",
        NEEDED,
        "name a machine that `{try_it}` reaches, or its IP",
    ),
    Failure(
        r"Connection refused",
        "host",
        "{host} refuses the connection to port {port}",
        NEEDED,
        f"start the SSH server there, or name its port in {PROJECT}:dns.hosts.ssh.port",
    ),
    Failure(
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed",
        "knownHosts",
        "{host} shows another host key than the one that is known",
        "the machine was set up anew, or another one answers in its place and could send Argo CD to a false "
        "Git server",
        "ask the administrator of {host} which it is. If its key is new, take the old one out and the new "
        f"one in:\n  ssh-keygen -R {{known_name}}{{of_file}}\n{_TAKE_IN}",
    ),
    Failure(
        r"Host key verification failed|host key is known for",
        "knownHosts",
        "the host key of {host} is not known on the machine that runs Pulumi",
        "without it any machine could answer in its place, and send Argo CD to a false Git server",
        f"take the key in:\n{_TAKE_IN}; name the file in {PROJECT}:dns.hosts.ssh.knownHosts if it is not "
        "~/.ssh/known_hosts",
    ),
    Failure(
        r"UNPROTECTED PRIVATE KEY FILE|bad permissions",
        "key",
        "others may read the private key, so ssh does not use it",
        NEEDED,
        "chmod 600 {key}",
    ),
    Failure(
        r"Load key .*(passphrase|libcrypto|invalid format)",
        "key",
        "the private key cannot be used: it has a passphrase, or is no private key ({said})",
        "nobody is asked for a passphrase during a preview",
        "name a private key without passphrase, or take `key` out and load it into the agent: ssh-add {key}",
    ),
    Failure(
        r"Permission denied|Too many authentication failures|Authentication failed|no mutual signature",
        "",
        "{host} does not let {user} in ({said})",
        NEEDED,
        f"make `{{try_it}}` work without password or passphrase. The user is {PROJECT}:dns.hosts.ssh.user; "
        "the private key is `key` beside it, or in the agent (ssh-add KEY) if it has a passphrase; the "
        "public one comes to {host} with: ssh-copy-id -i KEY.pub{option} {login}",
    ),
    Failure(
        r"timed out|Timeout|No route to host|Network is unreachable",
        "host",
        "{host} does not answer on port {port} ({said})",
        NEEDED,
        "look whether the machine is up and no firewall is in between: {try_it}",
    ),
)
BY_CODE = {
    MISSING: Failure(
        "",
        "file",
        "there is no file {file} on {host}",
        NEEDED,
        f"name the hosts file in {PROJECT}:dns.hosts.ssh.file; on most systems it is /etc/hosts",
    ),
    NO_FILE: Failure(
        "", "file", "{file} on {host} is a directory, a device or a pipe", NEEDED, "name a file"
    ),
    UNREADABLE: Failure(
        "",
        "file",
        "{host} does not let {user} read {file}",
        NEEDED,
        "make it readable there, as /etc/hosts is on every system: chmod a+r {file}",
    ),
    HANGS: Failure(
        "",
        "host",
        "{host} does not finish: its log-in or the reading of {file} hangs",
        "a preview cannot wait for ever",
        "see where it stops: {try_it} -v",
    ),
}
OTHERWISE = Failure(
    "",
    "",
    "the hosts file {file} of {host} cannot be read: ssh ends with code {code}{and_says}",
    NEEDED,
    "make this work: {try_it} head {file}; or " + OVERRIDE.replace("{", "{{").replace("}", "}}"),
)
