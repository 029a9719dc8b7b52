"""Where Pulumi keeps its state, as far as an address says it."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from components.cluster.backend import CLOUD, backend_url, cut_off, half_written, same_for_all
from components.cluster.identity import stack_identity

MACHINE = "4711"


def same(url: str, folder: Path) -> str:
    machine = folder / "machine-id"
    machine.write_text(f"{MACHINE}\n", encoding="utf-8")
    return same_for_all(url, machine)


def test_the_address_is_found_where_pulumi_finds_it(tmp_path: Path) -> None:
    home = {"PULUMI_HOME": str(tmp_path)}
    assert backend_url(tmp_path, home) == ""
    assert backend_url(tmp_path, home | {"PULUMI_ACCESS_TOKEN": "t"}) == CLOUD
    (tmp_path / "credentials.json").write_text(json.dumps({"current": "s3://by-login"}), encoding="utf-8")
    assert backend_url(tmp_path, home) == "s3://by-login"
    (tmp_path / "Pulumi.yaml").write_text("backend: {url: s3://by-project}", encoding="utf-8")
    assert backend_url(tmp_path, home) == "s3://by-project"
    assert backend_url(tmp_path, home | {"PULUMI_BACKEND_URL": "s3://by-shell"}) == "s3://by-shell"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("s3://state?endpoint=minio.protobox&region=eu", "s3://state/?awssdk=v2&endpoint=minio.protobox"),
        ("https://user:token@Pulumi.protobox/", "https://pulumi.protobox"),
        ("https://app.pulumi.com", CLOUD),
        ("", CLOUD),
        ("file:///srv/state/", "file:///srv/state?no_tmp_dir=true"),
    ],
)
def test_two_spellings_of_a_backend_are_the_same(tmp_path: Path, one: str, other: str) -> None:
    assert same(one, tmp_path) == same(other, tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("s3://state?endpoint=minio.protobox", "s3://state?endpoint=minio.other"),
        ("s3://state", "gs://state"),
        ("s3://state/a", "s3://state/b"),
        ("https://pulumi.protobox:8443", "https://pulumi.protobox"),
        ("file:///srv/state", "file:///srv/other"),
    ],
)
def test_two_backends_are_not_the_same(tmp_path: Path, one: str, other: str) -> None:
    assert same(one, tmp_path) != same(other, tmp_path)


def test_a_folder_is_absolute_and_of_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert same("file://state", tmp_path) == same("file://~/state", tmp_path) == f"{MACHINE}:{tmp_path}/state"
    assert same_for_all("file://state", tmp_path / "nothing") == f"{tmp_path}/state"


def test_the_identity_of_a_stack_is_twelve_digits_that_no_other_stack_has() -> None:
    one = ("backend", "organization", "protobox-cd", "dev")
    others = [tuple("x" if at == number else part for at, part in enumerate(one)) for number in range(4)]
    made = [stack_identity(*parts) for parts in [one, *others]]
    assert len(set(made)) == 5
    assert all(len(digits) == 12 and int(digits, 16) >= 0 for digits in made)


@pytest.mark.parametrize("end", ["json", "json.gz"])
def test_of_a_state_that_a_full_disk_has_cut_off_the_newest_whole_copy_is_found(
    tmp_path: Path, end: str
) -> None:
    whole = b'{"version": 3}'
    packed = gzip.compress(whole) if end.endswith("gz") else whole
    stacks = tmp_path / ".pulumi" / "stacks" / "protobox-cd"
    backups = tmp_path / ".pulumi" / "backups" / "protobox-cd" / "dev"
    stacks.mkdir(parents=True)
    backups.mkdir(parents=True)
    state, beside = stacks / f"dev.{end}", stacks / f"dev.{end}.bak"
    assert cut_off(tmp_path, "dev") is None
    state.write_bytes(packed)
    (stacks / f"dev.{end}.attrs").write_text("no state")
    (stacks / "develop.json").write_text("another stack's")
    assert cut_off(tmp_path, "dev") is None

    state.write_bytes(packed[:-1])
    assert cut_off(tmp_path, "dev") == (state, None)
    beside.write_bytes(b"")
    for age in (1, 2):
        (backups / f"dev.{age}.{end}").write_bytes(packed)
        os.utime(backups / f"dev.{age}.{end}", (age, age))
    assert cut_off(tmp_path, "dev") == (state, backups / f"dev.2.{end}")
    beside.write_bytes(packed)
    assert cut_off(tmp_path, "dev") == (state, beside)


STATE, LOCKS = "stacks/protobox-cd", "locks/organization/protobox-cd/dev"


@pytest.mark.parametrize(
    "name",
    [f"{STATE}/dev.json.attrs", f"{STATE}/dev.json.gz.attrs", f"{LOCKS}/1.json", f"{LOCKS}/1.json.attrs"],
)
def test_what_a_killed_run_has_not_written_to_its_end_is_found_of_this_stack_only(
    tmp_path: Path, name: str
) -> None:
    written = tmp_path / ".pulumi" / name
    written.parent.mkdir(parents=True)
    written.write_text('{"user.cache_control":""}')
    assert half_written(tmp_path, "dev", locks=True) is None
    written.write_text("")
    assert half_written(tmp_path, "dev", locks=True) == written
    assert half_written(tmp_path, "dev", locks=False) == (written if name.startswith(STATE) else None)
    assert half_written(tmp_path, "de", locks=True) is None
