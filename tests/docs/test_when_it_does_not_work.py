"""The page for people who arrive with an error text, and the glossary."""

from __future__ import annotations

import re

import pytest

from components.dns.proof.observing import COREDNS, NODE_LOCAL
from components.dns.proof.verdict import FORWARDER, HOSTS_FILE, HTTP
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/when-it-does-not-work.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (.+)\n((?:(?!##).*\n)*)", PAGE, re.MULTILINE))
GLOSSARY = re.findall(
    r"^\| (.+?) \| .+ \|$", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(
    "text",
    [
        "no such host",
        "server misbehaving",
        "SERVFAIL",
        "i/o timeout",
        "x509",
        "HTTP Basic: Access denied",
        "Redirect",
        "ComparisonError",
        "is not permitted in project",
        "the stack is currently locked by",
        "passphrase must be set",
        "pending operations",
        "no stack named",
        "PULUMI_ACCESS_TOKEN must be set for login",
        "is another cluster than that of the last pulumi up",
    ],
)
def test_the_error_text_has_a_section_with_something_to_run(text: str) -> None:
    (section,) = [content for heading, content in SECTIONS.items() if text in heading]
    assert re.search(r"`(make|kubectl|pulumi|openssl|curl|export) ", section) or "](" in section


def test_a_section_with_a_table_says_what_it_means_how_to_see_it_and_what_to_do() -> None:
    tables = [section for section in SECTIONS.values() if "| what it means |" in section]
    assert len(tables) > 8
    for section in tables:
        assert "| how to see it |" in section
        assert "| what to do |" in section


def test_each_layer_that_the_proof_names_is_on_the_page() -> None:
    for layer in (HOSTS_FILE, FORWARDER, HTTP, NODE_LOCAL, COREDNS):
        assert layer in PAGE


def test_the_words_of_the_glossary_are_in_order_and_each_is_there_once() -> None:
    words = GLOSSARY[1:]
    assert words == sorted(set(words), key=str.casefold)
    assert {"site", "supervisor", "layer", "zone", "adopt", "own", "strategy"} <= set(words)
