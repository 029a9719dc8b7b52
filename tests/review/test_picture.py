from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.picture import picture
from review.words import Kind
from tests.review.built import HOSTILE, application, layer, preview, step
from tests.review.real_previews import WORKING, real

LINE = re.compile(
    r"flowchart LR"
    r'|  subgraph s\d+\["[^"`]+"\]|    direction (TB|LR)|  end'
    r'|  (  )?n\d+\["[^"`]+"\](:::[a-z]+)?'
    r'|  n\d+ -\.?->\|"[^"`]+"\| n\d+'
    r"|  classDef [a-z]+ [a-z0-9:#,-]+"
)


@pytest.mark.parametrize("name", [name for name in WORKING if name != "no-changes"])
def test_every_line_is_plain_mermaid(name: str) -> None:
    assert [line for line in picture(real(name)).splitlines() if not LINE.fullmatch(line)] == []


def test_a_switch_shows_the_name_server_of_before_and_the_one_to_come() -> None:
    drawn = picture(real("to-consul"))
    assert '["name server 192.168.1.7:8600"]' in drawn
    assert drawn.count('|"zone protobox"|') == 2
    assert drawn.count('|"until now protobox"|') == 2


@pytest.mark.parametrize(("name", "directions"), [("to-consul", ["LR"]), ("to-host-aliases", ["TB", "LR"])])
def test_few_changes_stand_in_a_row_and_what_has_arrows_in_a_column(name: str, directions: list[str]) -> None:
    lines = picture(real(name)).splitlines()
    assert [line.split()[1] for line in lines if line.startswith("    direction ")] == directions


def test_nothing_draws_nothing() -> None:
    assert picture(real("no-changes")) == ""


@pytest.mark.parametrize("count", [1, 8, 9, 200, 5000])
def test_it_stays_small_however_many_changes_there_are(count: int) -> None:
    steps = [step("create", name=f"argo-p{n}", new=application(f"argo-p{n}")) for n in range(count)]
    drawn = picture(preview(*steps, step("create", Kind.DNS_LAYER, "coredns", new=layer("10.0.0.1"))))
    assert 0 < len(drawn) <= 2000
    assert drawn.count('["') <= 30
    assert ('["Application argo-p0 (add)"]' in drawn) == (count <= 8)
    assert (f'["{count} Applications (add)"]' in drawn) == (count > 8)


def test_too_many_namespaces_for_any_picture_draw_none() -> None:
    steps = [step("create", name=f"a{n}", new=application(f"a{n}", namespace=f"n{n}")) for n in range(100)]
    assert picture(preview(*steps)) == ""


@given(st.sampled_from(HOSTILE) | st.text(max_size=20), st.sampled_from(HOSTILE) | st.text(max_size=20))
def test_no_text_gets_out_of_its_label(name: str, server: str) -> None:
    drawn = picture(
        preview(
            step("create", new=application(name, namespace=server)),
            step("create", Kind.DNS_LAYER, "coredns", new=layer(server, zone=name)),
        )
    )
    assert [line for line in drawn.splitlines() if not LINE.fullmatch(line)] == []
