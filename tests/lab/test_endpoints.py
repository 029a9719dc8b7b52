from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lab.endpoints import Endpoint, Endpoints, free_port
from lab.errors import LabError


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_free_port_can_be_listened_on(kind: socket.SocketKind) -> None:
    port = free_port("127.0.25.10")
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.25.10", port))
        assert server.getsockname() == ("127.0.25.10", port)


def test_a_free_port_is_below_those_of_outgoing_connections() -> None:
    assert 20000 <= free_port() < 30000


def test_a_preferred_port_is_taken_when_it_is_free() -> None:
    wanted = free_port()
    assert free_port(preferred=wanted) == wanted


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_preferred_port_that_somebody_uses_is_not_taken(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        taken = other.getsockname()[1]
        assert free_port(preferred=taken) != taken


def test_an_address_of_somebody_else_is_refused_with_the_reason() -> None:
    with pytest.raises(LabError, match=r"does not answer on 192\.0\.2\.1\. The lab needs Linux"):
        free_port("192.0.2.1")


def test_the_ports_of_the_last_start_are_chosen_again(tmp_path: Path) -> None:
    names = {"etcd": "127.0.0.1", "dns": "127.0.25.10"}
    first = Endpoints(tmp_path / "endpoints.json")
    first.choose(names)
    second = Endpoints(tmp_path / "endpoints.json")
    second.choose(names)
    assert [first[name] for name in names] == [second[name] for name in names]


def test_no_two_names_share_a_port(tmp_path: Path) -> None:
    endpoints = Endpoints(tmp_path / "endpoints.json")
    names = {f"page-{number}": "127.0.0.1" for number in range(50)}
    endpoints.choose(names)
    assert len({endpoints[name].port for name in names}) == len(names)


def test_a_damaged_file_of_ports_only_costs_new_ports(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text("{ not JSON", encoding="utf-8")
    endpoints = Endpoints(file)
    endpoints.choose({"etcd": "127.0.0.1"})
    assert Endpoints(file)["etcd"] == endpoints["etcd"]


def test_a_fixed_endpoint_is_kept_as_it_is(tmp_path: Path) -> None:
    fixed = {"nodelocaldns": Endpoint("169.254.25.10", 53)}
    Endpoints(tmp_path / "endpoints.json").choose({"etcd": "127.0.0.1"}, fixed)
    assert Endpoints(tmp_path / "endpoints.json")["nodelocaldns"] == fixed["nodelocaldns"]
