"""Whatever others do to the two Corefiles: the next `up` puts our block there, and nobody loses a byte."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from lightkube.resources.core_v1 import ConfigMap

from tests.engine import dns_program
from tests.engine.gate import CutOffError, Gate, kill
from tests.engine.site import LAYERS, ROOT, Site

pytestmark = pytest.mark.engine

BLOCK = re.compile(r"\n# protobox-cd[^\n]*\nprotobox:53 \{\n.*?\n\}\n", re.DOTALL)
"""What we add to a Corefile, recognised without the program's own parser."""
BINDS = {"coredns": "", "nodelocaldns": "    bind 169.254.25.10\n"}
API_SERVER = "kubernetes.default.svc.cluster.local"


@pytest.fixture
def site(site: Site, tmp_path: Path) -> Site:
    """The site with the DNS part of the program only."""
    shutil.copy(str(dns_program.__file__), tmp_path / "__main__.py")
    return site


def assert_in_order(site: Site, others: Mapping[str, str]) -> None:
    """Our block is in both layers once, everything else in them is `others`, and DNS answers rightly."""
    assert {name: BLOCK.subn("", text) for name, text in site.corefiles().items()} == {
        name: (text, 1) for name, text in others.items()
    }
    site.resolves()
    site.does_not_resolve("nothing.protobox")
    site.resolves(API_SERVER, "10.233.0.1")


def assert_taken_away(site: Site, others: Mapping[str, str]) -> None:
    """`destroy` leaves `others`, byte for byte, and the name is unknown again."""
    site.destroy()
    assert site.corefiles() == others
    site.does_not_resolve()
    site.resolves(API_SERVER, "10.233.0.1")


def write_notes(site: Site, layer: str, notes: str | None) -> None:
    """Write a key that has nothing to do with DNS; None takes it out."""
    with site.lab.client() as client:
        client.patch(ConfigMap, layer, {"data": {"notes": notes}}, namespace="kube-system")


def test_drift_is_shown_as_lines_by_the_preview_and_repaired_by_the_next_up(
    deployed: Site, originals: dict[str, str]
) -> None:
    written = deployed.corefiles()
    drifted = {  # Kubespray has run, and a colleague has edited our block
        "coredns": originals["coredns"],
        "nodelocaldns": written["nodelocaldns"].replace("forward . 192.168.1.7", "forward . 192.168.1.99"),
    }
    for layer in LAYERS:
        deployed.write_corefile(layer, drifted[layer])
    shown = deployed.engine.run("preview", "--diff")
    assert '"+protobox:53 {"' in shown
    assert shown.count('"-    forward . 192.168.1.99"') == 1
    assert "~ 2 to update" in shown
    assert deployed.corefiles() == drifted
    deployed.up()
    assert deployed.corefiles() == written
    assert_in_order(deployed, originals)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_up_killed_around_the_second_write_is_finished_by_the_next_one(
    site: Site, originals: dict[str, str], gate: Gate, moment: str
) -> None:
    written = {"before": 1, "after": 2}[moment]

    def kill_at_the_second(_layer: str) -> None:
        if len(gate.answers) == written:
            kill(up)
            raise CutOffError

    setattr(gate, moment, kill_at_the_second)
    with gate.up(site.lab) as up:
        assert up.wait(120) == -9
    assert sum("protobox:53" in text for text in site.corefiles().values()) == written
    site.engine.run("cancel", "--yes")  # what the engine itself asks for after a kill
    site.up()
    assert_in_order(site, originals)
    # The engine keeps a warning about what was under way when it was killed, until a refresh.
    site.engine.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert site.preview() == {}
    assert_taken_away(site, originals)


def test_a_colleague_who_writes_at_the_same_moment_loses_nothing(
    site: Site, originals: dict[str, str], gate: Gate
) -> None:
    def colleague(layer: str) -> None:
        match len(gate.answers[layer]):
            case 0:
                write_notes(site, layer, "written while `up` ran")
            case 1 | 2 as seen:
                site.write_corefile(layer, f"# seen {seen}\n{site.corefile(layer)}")

    gate.before = colleague
    with gate.up(site.lab) as up:
        printed, _ = up.communicate(timeout=600)
    assert up.returncode == 0, printed
    assert gate.answers == {layer: [409, 409, 409, 200] for layer in LAYERS}
    assert_in_order(site, {name: f"# seen 2\n# seen 1\n{text}" for name, text in originals.items()})
    for layer in LAYERS:
        write_notes(site, layer, None)


def test_a_colleague_who_never_stops_writing_is_told_and_loses_nothing(
    site: Site, originals: dict[str, str], gate: Gate
) -> None:
    def colleague(layer: str) -> None:
        site.write_corefile(layer, f"# seen {len(gate.answers[layer])}\n{originals[layer]}")

    gate.before = colleague
    with gate.up(site.lab) as up:
        printed, _ = up.communicate(timeout=600)
    assert up.returncode
    assert "nothing was written" in " ".join(printed.split())
    assert "Traceback" not in printed
    assert {status for layer in LAYERS for status in gate.answers[layer]} == {409}
    lasting = {name: f"# seen {len(gate.answers[name]) - 1}\n{text}" for name, text in originals.items()}
    assert site.corefiles() == lasting
    site.up()
    assert_in_order(site, lasting)


def test_a_renamed_resource_is_healed_by_the_up_after_it(
    deployed: Site, originals: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "components").unlink()
    shutil.copytree(ROOT / "components", tmp_path / "components")
    file = tmp_path / "components" / "dns" / "component.py"
    before = "layer: CorefileZones(\n                layer,"
    assert before in file.read_text(encoding="utf-8")
    renamed = file.read_text(encoding="utf-8").replace(before, before.replace(" layer,", ' f"new-{layer}",'))
    file.write_text(renamed, encoding="utf-8")
    assert deployed.preview() == {"create": 2, "delete": 2}
    deployed.up()  # the engine creates the new one first, and the old one's delete then takes the block out
    deployed.up()
    assert_in_order(deployed, originals)
    assert deployed.preview() == {}
    assert_taken_away(deployed, originals)


def test_destroy_leaves_what_others_have_edited_meanwhile(deployed: Site, originals: dict[str, str]) -> None:
    theirs: dict[str, str] = {}
    for layer, bind in BINDS.items():
        other = f"\nother:53 {{\n{bind}    hosts {{\n        10.1.2.3 x.other\n    }}\n}}\n"
        edited = f"# looked at by a colleague\n{deployed.corefile(layer)}".replace(
            "cache 30\n", "cache 31\n", 1
        )
        deployed.write_corefile(layer, edited + other)
        theirs[layer] = BLOCK.sub("", edited) + other
    assert deployed.preview() == {}
    assert_taken_away(deployed, theirs)
    deployed.resolves("x.other", "10.1.2.3")


def test_an_equal_block_put_there_by_hand_stays_theirs(site: Site) -> None:
    for layer, bind in BINDS.items():
        block = f"\nprotobox:53 {{\n    errors\n    cache 30\n{bind}    forward . 192.168.1.7\n}}\n"
        site.write_corefile(layer, site.corefile(layer) + block)
    theirs = site.corefiles()
    site.up()
    assert site.preview() == {}
    assert site.corefiles() == theirs
    site.resolves()
    site.destroy()
    assert site.corefiles() == theirs
    site.resolves()
