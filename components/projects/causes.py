"""What Argo CD's errors mean, what helps, and what is told of Applications that it is not done with.

Source of the words: Argo CD v3.1.9 and its Git.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from components.cluster.errors import ClusterError
from components.stackfile.printable import printable

_NOT_YET = re.compile(
    r"code = (Unavailable|DeadlineExceeded|ResourceExhausted)"
    r"|server\.secretkey is missing|cache: key is missing"
    r"|failed to load initial state of resource .*(connection refused|i/o timeout)"
)
_CAUSES = (
    (
        r"no such host|server misbehaving|lookup \S+ on \S+: ",
        "the host's name is not found where Argo CD asks for it",
        (
            "correct the host in the repository's URL, or let protobox-cd:dns cover it; `make verify` tells "
            "which DNS layer does not know it"
        ),
    ),
    (
        r"connection refused|no route to host|i/o timeout|connection reset|network is unreachable",
        "the Git server does not answer",
        "is it running, does it listen on that port, and do firewalls let the cluster's nodes in?",
    ),
    (
        r"x509:|certificate signed by unknown authority|tls: |SSL certificate problem",
        "the Git server's certificate is not trusted",
        "name the site's CA in protobox-cd:argocd.tlsCertificates",
    ),
    (
        (
            r"authentication required|Authentication failed|could not read Username|\b40[13]\b|"
            r"Permission denied \(publickey|unable to authenticate|HTTP Basic: Access denied|"
            r"authorization failed"
        ),
        "the Git server refuses it without the right credentials",
        (
            "give Argo CD credentials that may read it: an entry in protobox-cd:credentialTemplates or "
            "protobox-cd:repositories; a deploy token of GitLab with read_repository does"
        ),
    ),
    (
        r"knownhosts: |host key (is unknown|verification failed|mismatch)",
        "the SSH key of the Git server is not known",
        "add it to protobox-cd:argocd.sshKnownHosts",
    ),
    (
        (
            r"unable to resolve '?[^']*'? to a commit SHA|couldn't find remote ref|unknown revision|"
            r"unable to resolve git revision|reference not found|invalid revision"
        ),
        "there is no such branch, tag or commit",
        "correct the revision of the project, or protobox-cd:git.revision; or push that branch",
    ),
    (
        r"app path does not exist|app path is not a directory|no such file or directory",
        "there is no such path in the repository at that revision",
        "correct the path of the project, or protobox-cd:git.path; or commit that folder",
    ),
    (
        r"repository not found|Repository not found|project you were looking for could not be found|\b404\b",
        "there is no such repository, or the credentials may not see it",
        (
            "compare the URL with that in GitLab (its sub-path, the group, .git at the end), or give Argo CD "
            "credentials"
        ),
    ),
    (
        (
            r"not permitted in project|do not match any of the allowed destinations|"
            r"is not allowed in project|not permitted to use project|is not permitted|can't be managed"
        ),
        "its AppProject forbids it",
        (
            "allow it in that entry of protobox-cd:appProjects (sourceRepos, destinations, "
            "clusterResourceWhitelist), or name another appProject"
        ),
    ),
    (
        r"references project .* which does not exist|appproject\S* \S+ not found",
        "there is no such AppProject",
        "declare it in protobox-cd:appProjects, or name another appProject",
    ),
    (
        (
            r"there are no clusters with this (name|URL)|cluster .* (has not been configured|not found)|"
            r"there are \d+ clusters with the same name"
        ),
        "Argo CD knows no such cluster",
        "register it in protobox-cd:clusters, or correct the destination",
    ),
    (
        (
            r"failed to generate manifest|`(helm|kustomize) |Manifest generation error|failed to unmarshal|"
            r"error converting YAML|YAML parse error"
        ),
        "the manifests in the repository cannot be rendered",
        "run what Argo CD names on a clone of the repository, and mend it there",
    ),
)
_UNKNOWN = (
    "Argo CD says so",
    "look at the Application's page in Argo CD, or kubectl describe application",
)
_NOISE = re.compile(r"(Failed to load target state: )?(failed to generate manifest for source \d+ of \d+: )?")
_CODE = re.compile(r"rpc error: code = \w+ desc = ")
_NAMED = 5
_LONGEST = 600
_WHY = "what the stack file declares is not deployed; the Application itself is declared, and stays"
_AGAIN = "then run pulumi up again, which asks Argo CD once more"


@dataclass(frozen=True)
class Cause:
    """What an error of Argo CD's means."""

    what: str
    fix: str


def cause_of(message: str) -> Cause:
    """Return the probable cause of an error, and what helps."""
    said = _without_noise(message)
    return Cause(*next(((what, fix) for sign, what, fix in _CAUSES if re.search(sign, said)), _UNKNOWN))


def is_passing(message: str) -> bool:
    """Tell whether the error is of an Argo CD that is still starting, and passes by itself."""
    return bool(_NOT_YET.search(message))


def in_short(message: str) -> str:
    """Return an error without what only says which step of Argo CD's has met it, on one line, cut if long."""
    words = printable(" ".join(_without_noise(message).split()))
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …"


def _without_noise(message: str) -> str:
    return _CODE.sub("", _NOISE.sub("", message, count=1))


@dataclass(frozen=True)
class Failure:
    """Why an Application has not come as far as it has to."""

    name: str
    place: str
    """Where it is declared: `protobox-cd:projects.docserver`; "" if it is not known."""
    words: str
    """Argo CD's own words; "" if it has said nothing."""
    late: str = ""
    """What there is to say of the time that is over; "" where Argo CD's words ended the waiting."""

    @property
    def cause(self) -> Cause:
        """What it means, and what helps."""
        if self.words:
            return cause_of(self.words)
        return Cause(
            self.late, "look at its page in Argo CD and at Argo CD's pods, or give it more waitSeconds"
        )


def as_error(failures: Sequence[Failure], count: int, seconds: float) -> ClusterError:
    """Return the error that tells of `failures`, those with the same cause together."""
    causes: dict[Cause, list[Failure]] = {}
    for failure in failures:
        causes.setdefault(failure.cause, []).append(failure)
    applications = f"{len(failures)} of {count} Application{'s' * (count != 1)}"
    what = [f"Argo CD is not done with {applications}, after {seconds:.0f} s"]
    what += [line for cause, same in causes.items() for line in _lines(cause, same)]
    if len(causes) == 1:
        ((cause, _),) = causes.items()
        fix = f"{cause.fix}; {_AGAIN}"
    else:
        told = [f"{listed([each.name for each in same])}: {cause.fix}" for cause, same in causes.items()]
        fix = "\n".join([*told, _AGAIN])
    return ClusterError("\n".join(what), _WHY, fix)


def listed(names: Sequence[str]) -> str:
    """Return some names, and how many others there are."""
    if len(names) <= _NAMED + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} others"


def _lines(cause: Cause, same: Sequence[Failure]) -> list[str]:
    first = same[0]
    names = [f"{each.name} ({each.place})" if each.place else each.name for each in same]
    lines = [f"{listed(names)}: {cause.what}"]
    if first.words:
        lines.append(f"Argo CD says: {in_short(first.words)}")
        lines += [first.late] if first.late else []
    return lines
