"""A stand-in for GitLab on loopback, for the part of its REST API that the review uses.

GitLab itself cannot be had in a test: it is over a gigabyte to download, needs PostgreSQL, Redis and much
memory, and minutes until it answers. So this server keeps to what GitLab's documentation, and the source of
its API, say about paths, rights, pages, limits and errors. On demand it also shows what a real GitLab does
not: errors, delays, and something else that happens just before a request.
"""

from tests.review.gitlab.faults import Fault
from tests.review.gitlab.objects import Issue, MergeRequest, Note, Token, User
from tests.review.gitlab.server import GitLab, serving

__all__ = ["Fault", "GitLab", "Issue", "MergeRequest", "Note", "Token", "User", "serving"]
