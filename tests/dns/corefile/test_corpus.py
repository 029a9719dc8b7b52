"""Corefiles of many distributions and ages: what planning our zone does with each of them."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, cut, is_marked, parse, zone_keys
from components.dns.zones import plan_zones
from tests.dns.corefile.corpus import FOLDER, expectations, read
from tests.dns.corefile.differential import ZONES

EXPECTED = expectations()
WITH_BLOCK = [name for name, one in EXPECTED.items() if one.result in {"spliced", "ours"}]


def named(result: str) -> list[str]:
    return [name for name, one in EXPECTED.items() if one.result == result]


def test_every_corefile_has_an_expectation_and_every_expectation_a_corefile() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in FOLDER.glob("*.corefile"))
    assert len(EXPECTED) >= 25


@pytest.mark.parametrize("name", named("spliced"))
def test_a_block_is_added_behind_the_text_and_cutting_it_gives_back_the_very_bytes(name: str) -> None:
    live = read(name)
    plan = plan_zones(live, ZONES, (), "dev")
    assert (plan.owned, plan.left) == ((EXPECTED[name].key,), ())
    assert plan.text.startswith(live)
    assert cut(plan.text, plan.owned).encode() == live.encode()
    assert plan_zones(plan.text, ZONES, plan.owned, "dev").text == plan.text


@pytest.mark.parametrize("name", named("spliced"))
def test_the_blocks_of_others_and_their_imports_are_read_as_before(name: str) -> None:
    before = parse(read(name))
    after = parse(plan_zones(read(name), ZONES, (), "dev").text)
    assert after.server_blocks[:-1] == before.server_blocks
    assert before.imports == after.imports == EXPECTED[name].imports


@pytest.mark.parametrize("name", WITH_BLOCK)
def test_our_block_listens_where_the_block_for_the_root_does(name: str) -> None:
    after = parse(plan_zones(read(name), ZONES, (), "dev").text)
    (ours,) = after.serving(zone_keys(EXPECTED[name].key)[0])
    assert is_marked(ours)
    assert ours.bind == EXPECTED[name].bind
    assert [line.args for line in ours.named("forward")] == [(".", "192.168.1.7")]


@pytest.mark.parametrize("name", named("ours"))
def test_a_block_that_is_there_and_right_stays_as_it_is(name: str) -> None:
    plan = plan_zones(read(name), ZONES, (), "dev")
    assert (plan.text, plan.owned, plan.left) == (read(name), (EXPECTED[name].key,), ())


@pytest.mark.parametrize("name", named("left"))
def test_a_zone_that_somebody_forwards_in_the_same_way_is_left_to_them(name: str) -> None:
    plan = plan_zones(read(name), ZONES, (), "dev")
    assert (plan.text, plan.owned, plan.left) == (read(name), (), (EXPECTED[name].key,))


@pytest.mark.parametrize("name", named("refused"))
def test_what_must_not_be_edited_is_refused_with_its_reason_and_place(name: str) -> None:
    with pytest.raises(CorefileError) as caught:
        plan_zones(read(name), ZONES, (), "dev")
    assert (caught.value.reason, caught.value.line) == (EXPECTED[name].reason, EXPECTED[name].line)
