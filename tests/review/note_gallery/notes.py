"""The notes of the saved previews, as the job `preview` would post them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Mapping
from typing import Any
from unittest import mock

from review.guard import Verdict
from review.note import note
from review.report import main
from review.texts import MergeRequest, Written
from tests.review.built import application, preview, step
from tests.review.real_previews import FAILED, FOLDER, WORKING

_JOB = {
    "CI_JOB_URL": "http://git.protobox/gitlab/protobox1/protobox-cd/-/jobs/17",
    "CI_COMMIT_SHORT_SHA": "70b1de2a",
}


class _MergeRequest:
    """Keeps the note that it is given; it carries no labels."""

    body = ""

    def labels(self) -> frozenset[str]:
        return frozenset()

    def put_note(self, stack: str, body: str) -> Written:
        self.body = body
        return Written.CREATED


def notes() -> Mapping[str, str]:
    """Return the name of each saved preview with the Markdown of its note."""
    moved = [
        step("update", name=f"argo-p{n}", old=_read_from("192.168.1.7", n), new=_read_from("git.protobox", n))
        for n in range(50)
    ]
    found = {name: _posted(name, failed=name in FAILED) for name in (*WORKING, *FAILED)}
    return {**found, "fifty-projects": note("local", preview(*moved), Verdict(), _JOB)}


def _read_from(host: str, number: int) -> dict[str, Any]:
    inputs = application(f"argo-p{number}")
    inputs["spec"]["source"]["repoURL"] = f"http://{host}/gitlab/protobox1/p{number}.git"
    return inputs


def _posted(name: str, *, failed: bool) -> str:
    request = _MergeRequest()
    arguments = ["local", str(FOLDER / f"{name}.json"), "--preview-exit-code", str(int(failed))]
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        mock.patch.object(MergeRequest, "of_this_pipeline", return_value=request),
    ):
        main(arguments, _JOB)
    return re.sub("<!--.*-->\n", "", request.body)  # which GitLab keeps, and shows to nobody
