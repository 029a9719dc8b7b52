"""Corefiles of many distributions and ages: what planning our zone does with each of them."""

from __future__ import annotations

import pytest

from components.dns.corefile import CorefileError, is_marked, parse, zone_keys
from components.dns.corefile.imports import expand
from components.dns.mounts import custom_key, imported_folder
from components.dns.plan import Surroundings
from tests.dns.corefile.corpus import FOLDER, expectations, read
from tests.dns.planning import again, cut_again, planned

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
    plan = planned(live)
    assert (plan.owned, plan.served_by_others) == (EXPECTED[name].keys, ())
    assert plan.text.startswith(live)
    assert cut_again(plan).encode() == live.encode()
    assert again(plan).text == plan.text


@pytest.mark.parametrize("name", named("spliced"))
def test_the_blocks_of_others_and_their_imports_are_read_as_before(name: str) -> None:
    before = parse(read(name))
    after = parse(planned(read(name)).text)
    assert after.server_blocks[:-1] == before.server_blocks
    assert before.imports == after.imports == EXPECTED[name].imports


@pytest.mark.parametrize("name", [name for name in named("spliced") if EXPECTED[name].imports])
def test_where_the_corefile_imports_users_own_files_the_zone_goes_into_one_of_them(name: str) -> None:
    live, expected = read(name), EXPECTED[name]
    folder, suffix = imported_folder(live) or ("", "")
    around = Surroundings(expected.in_pods, own_file=f"{folder}/{custom_key('dev', suffix)}")
    plan = planned(live, around=around)
    assert (folder, suffix, plan.owned) == ("/etc/coredns/custom", ".server", expected.keys)
    assert tuple(name.name for name in plan.taken) == expected.taken
    loaded = parse(expand(live, {**expected.in_pods, around.own_file: plan.text}).text)
    assert len(loaded.serving(zone_keys(expected.keys[0])[0])) == 1


@pytest.mark.parametrize("name", WITH_BLOCK)
def test_our_block_listens_where_the_block_for_the_root_does(name: str) -> None:
    after = parse(planned(read(name)).text)
    (ours,) = after.serving(zone_keys(EXPECTED[name].keys[0])[0])
    assert is_marked(ours)
    assert ours.bind == EXPECTED[name].bind
    assert [line.args for line in ours.named("forward")] == [(".", "192.168.1.7")]


@pytest.mark.parametrize("name", named("ours"))
def test_a_block_that_is_there_and_right_stays_as_it_is(name: str) -> None:
    plan = planned(read(name))
    assert (plan.text, plan.owned, plan.served_by_others) == (read(name), EXPECTED[name].keys, ())


@pytest.mark.parametrize("name", named("left"))
def test_a_zone_that_somebody_forwards_in_the_same_way_is_left_to_them(name: str) -> None:
    plan = planned(read(name))
    assert (plan.text, plan.owned, plan.served_by_others) == (read(name), (), EXPECTED[name].keys)


@pytest.mark.parametrize("name", named("refused"))
def test_what_must_not_be_edited_is_refused_with_its_reason_and_place(name: str) -> None:
    with pytest.raises(CorefileError) as caught:
        planned(read(name))
    assert (caught.value.reason, caught.value.line) == (EXPECTED[name].reason, EXPECTED[name].line)
