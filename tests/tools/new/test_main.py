"""`make new` on a terminal, and without one."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tools.check import check
from tools.new.__main__ import main
from tools.new.found import patterns_of

ROOT = Path(__file__).parents[3]
KUBECONFIG = {
    "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "u", "user": {"token": "x"}}],
    "contexts": [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("site-a", "site-b")],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a kubeconfig of two contexts beside it."""
    config = tmp_path / "kubeconfig"
    config.write_text(yaml.safe_dump(KUBECONFIG), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", str(config))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def test_a_person_answers_on_a_terminal_and_the_file_has_no_mistake(folder: Path) -> None:
    argo = folder / "docserver" / "factory" / "CD" / "argo"
    argo.mkdir(parents=True)
    page = ROOT / "examples" / "applications" / "docserver.yml"
    (argo / "application.yml").write_bytes(page.read_bytes())
    terminal = pexpect.spawn(sys.executable, ["-m", "tools.new", "prod"], encoding="utf-8", timeout=30)
    terminal.expect_exact("2  site-b")
    terminal.sendline("2")
    terminal.expect_exact("sub-path [http://git.protobox/gitlab]:")
    terminal.sendline("git.protobox")
    terminal.expect_exact("is not a URL with a host")
    terminal.expect_exact("sub-path [http://git.protobox/gitlab]:")
    terminal.sendline("")
    terminal.expect_exact("group of the projects")
    terminal.sendline("protobox1")
    terminal.expect_exact("checked out [..]:")
    terminal.sendline(".")
    terminal.expect_exact("found docserver/factory/CD/argo/application.yml")
    terminal.expect_exact("name of 192.168.1.7, which manifests use [git.protobox]:")
    terminal.sendline("")
    terminal.expect_exact("1  dnsmasq: the cluster's DNS forwards a zone")
    terminal.expect_exact("[dnsmasq]:")
    terminal.sendline("1")
    for question in (
        "zone [protobox]:",
        "server [192.168.1.7]:",
        "follows [CD]:",
        "repository [factory/CD/base]:",
        "yes or no [no]:",
        "chart [10.1.1]:",
    ):
        terminal.expect_exact(question)
        terminal.sendline("")
    terminal.expect_exact("Pulumi.prod.yaml: 1 Application, DNS strategy dnsmasq")
    terminal.expect_exact("make preflight STACK=prod")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    config = yaml.safe_load((folder / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    assert config["protobox-cd:cluster"] == {"context": "site-b"}
    assert config["protobox-cd:git"]["hosts"] == {"192.168.1.7": "git.protobox"}


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_leaves_no_file(folder: Path) -> None:
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "tools.new", "prod"],
        encoding="utf-8",
        timeout=30,
        # A build server may run the tests in the background, where Ctrl-C is ignored, by children too.
        preexec_fn=_heed_ctrl_c,
    )
    terminal.expect_exact("cluster [site-a]:")
    terminal.sendintr()
    # One that comes between the prompt and the wait for a key is seen with the next key only.
    if terminal.expect_exact(["Nothing was written.", pexpect.TIMEOUT], timeout=15):
        terminal.sendintr()
        terminal.expect_exact("Nothing was written.", timeout=15)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("strategy", ["hosts", "hostAliases"])
def test_options_answer_everything_without_a_question(
    strategy: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: pytest.fail("a question was asked"))
    options = ["--yes", "--context", "site-a", "--project", "docserver", "--project", "billing"]
    assert main(["prod", *options, "--strategy", strategy, "--address", "192.168.1.7"]) == 0
    config = yaml.safe_load((folder / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    assert config["protobox-cd:projects"] == {"docserver": {}, "billing": {}}
    assert config["protobox-cd:dns"]["hosts"] == {"entries": {"192.168.1.7": ["git.protobox"]}}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--context", "nowhere"], "'nowhere' is not one of them"),
        (["--base-url", "git.protobox"], "--base-url"),
        (["--scan", "nowhere"], "there is no folder 'nowhere'"),
        (["--strategy", "dnsmask", "--project", "a"], "'dnsmask' is not one of them"),
        (["--strategy", "hostAliases", "--project", "a", "--address", "127.0.0.1"], "--address"),
        (["--project", "a", "--zone", "168.1.7"], "is a piece of an IP address"),
        (["--project", "a", "--server", "supervisor"], "'supervisor' is not an IP address"),
        (["--project", "a", "--group", "my docs"], "write it as it stands in the Git server's own URLs"),
        (["--project", "a", "--path", "/deploy"], "write deploy"),
        (["--project", "My_Docs"], "write my-docs"),
        (["--project", "a", "--zone", "dnsmasq"], "git.protobox is not in the zone dnsmasq"),
        (["--project", "a", "--chart-version", "latest"], "'latest' is no exact version"),
        (
            ["--project", "a", "--base-url", "http://192.168.1.7/gitlab", "--strategy", "hostAliases"],
            "192.168.1.7 is an address, so that there is no name to resolve",
        ),
    ],
)
def test_a_wrong_option_is_told_and_nothing_is_written(
    folder: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prod", "--yes", *options]) == 1
    assert told in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("option", ["--project", "--group"])
def test_two_dashes_are_no_value(folder: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["prod", "--yes", f"{option}=--"])
    assert f"argument {option}: -- is no value" in capsys.readouterr().err
    assert not any(folder.glob("Pulumi.prod.yaml"))


def test_a_file_that_is_there_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Pulumi.prod.yaml").write_text("mine", encoding="utf-8")
    assert main(["prod", "--yes"]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err
    assert (folder / "Pulumi.prod.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("stack", ["a/b", "", "a b", "é", "a\n", "../x", "y" * 101])
def test_a_name_that_pulumi_would_refuse_is_told_and_nothing_is_asked(
    folder: Path, stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([stack, "--yes", "--project", "a"]) == 1
    assert "is no name for a stack" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Pulumi.prod.yaml").symlink_to("nowhere/Pulumi.prod.yaml")
    assert main(["prod", "--yes", "--project", "a"]) == 1
    assert "Pulumi.prod.yaml cannot be written: No such file or directory" in capsys.readouterr().err


def test_an_address_needs_no_resolution_and_the_reader_learns_what_that_costs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prod.eu", "--yes", "--project", "a", "--base-url", "http://192.168.1.7/gitlab"]) == 0
    assert "webhooks" in capsys.readouterr().out
    config = yaml.safe_load((folder / "Pulumi.prod.eu.yaml").read_text(encoding="utf-8"))["config"]
    assert config["protobox-cd:dns"] == {"strategy": "none"}


def _checked_out(folder: Path, name: str) -> Path:
    """Put a project with the page's own Application into `folder`."""
    argo = folder / name / "factory" / "CD" / "argo"
    argo.mkdir(parents=True)
    page = ROOT / "examples" / "applications" / "docserver.yml"
    (argo / "application.yml").write_bytes(page.read_bytes())
    return argo.parents[2]


def test_a_projects_folder_with_brackets_is_found_again(folder: Path) -> None:
    _checked_out(folder, "team[1]")
    assert main(["prod", "--yes", "--scan", "."]) == 0
    config = yaml.safe_load((folder / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    assert config["protobox-cd:manifests"] == ["team[[]1]/factory/CD/argo/application.yml"]


def _site_of_twelve(folder: Path) -> None:
    """Check out twelve projects; one of them names a second address, and an AppProject of somebody else."""
    for number in range(12):
        manifest = _checked_out(folder, f"p{number}") / "factory" / "CD" / "argo" / "application.yml"
        text = manifest.read_text(encoding="utf-8").replace("argo-docserver", f"argo-p{number}")
        if number == 3:
            text = text.replace("192.168.1.7", "192.168.1.99").replace("project: default", "project: metier")
        manifest.write_text(text, encoding="utf-8")


def test_a_site_of_twelve_projects_is_one_glob_and_only_git_gets_its_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _site_of_twelve(folder)
    assert main(["prod", "--yes", "--scan", ".", "--adopt", "--chart-version", "9.7.1"]) == 0
    config = yaml.safe_load((folder / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    assert config["protobox-cd:manifests"] == ["*/factory/CD/argo/application.yml"]
    assert config["protobox-cd:git"]["hosts"] == {"192.168.1.7": "git.protobox"}
    assert config["protobox-cd:argocd"] == {"adopt": True, "chart": {"version": "9.7.1"}}
    assert config["protobox-cd:defaults"] == {"adopt": True}
    assert config["protobox-cd:appProjects"] == {"metier": {"declare": False}}
    printed = capsys.readouterr().out
    assert "12 Applications" in printed
    assert "pulumi stack init prod" in printed
    assert "make up STACK=prod" in printed


def test_files_that_a_glob_would_not_mean_alone_are_named_each(folder: Path) -> None:
    _site_of_twelve(folder)
    paths = sorted(folder.glob("p[1-3]/factory/CD/argo/application.yml"))
    assert patterns_of(paths) == [str(path) for path in paths]


def test_nothing_is_written_that_the_check_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = _checked_out(folder, "docserver") / "factory" / "CD" / "argo" / "application.yml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("CreateNamespace=true", "CreateNamespace=True"), encoding="utf-8")
    assert main(["prod", "--yes", "--scan", "."]) == 1
    assert list(folder.glob("Pulumi.*.yaml")) == []
    printed = capsys.readouterr().out
    assert "write CreateNamespace=true" in printed
    assert "Pulumi.prod.yaml is not written" in printed


def test_an_address_is_not_called_a_name(folder: Path) -> None:
    assert main(["prod", "--yes", "--project", "a", "--base-url", "http://192.168.1.7/gitlab"]) == 0
    text = (folder / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    assert "by name" not in text
    assert "baseUrl: http://192.168.1.7/gitlab    # an address" in text


def test_addresses_stay_in_manifests_where_nobody_knows_a_name(folder: Path) -> None:
    _checked_out(folder, "docserver")
    assert main(["prod", "--yes", "--scan", ".", "--base-url", "http://192.168.1.7/gitlab"]) == 0
    config = yaml.safe_load((folder / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    assert "hosts" not in config["protobox-cd:git"]


ANSWERS = st.lists(
    st.sampled_from(
        ["", "1", "2", "9", ".", "..", "site-a", "a b", "http://git.protobox", "ftp://x", "protobox"]
    )
    | st.sampled_from(["http://192.168.1.7/gitlab", "http://[fd00::7]", "http://192.168.1", "168.1.7"])
    | st.sampled_from(
        ["192.168.1.7", "127.0.0.1", "x:53", "consul", "hostAliases", "none", "é", "\t", "-", "y" * 300]
    )
    | st.text(max_size=8),
    max_size=40,
)


STACKS = st.sampled_from(["random", "prod.eu", "-", "..", "a/b", ""]) | st.text(max_size=4)
FOLDERS = st.text(alphabet="ab[]*?!- é#:", min_size=1, max_size=5)


@hypothesis_settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANSWERS, STACKS, FOLDERS)
def test_a_hundred_random_answers_never_crash_it(
    folder: Path, answers: list[str], stack: str, project: str
) -> None:
    waiting: Iterator[str] = iter(answers)

    def answer(_prompt: str) -> str:
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    checked_out = _checked_out(folder, project)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("builtins.input", answer)
        code = main(["--", stack])
    written = list(folder.glob("Pulumi.*.yaml"))
    assert code in {0, 1, 130}
    assert bool(written) <= (code != 130)
    for one in written:
        assert check(one).problems == []
        one.unlink()
    shutil.rmtree(checked_out)


@pytest.mark.parametrize("address", ["[::ffff:192.168.1.7]", "[fe80::1%25eth0]"])
def test_an_address_that_no_name_can_take_the_place_of_is_told_not_asked_for(
    folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argo = folder / "docserver" / "factory" / "CD" / "argo"
    argo.mkdir(parents=True)
    page = (ROOT / "examples" / "applications" / "docserver.yml").read_text(encoding="utf-8")
    (argo / "application.yml").write_text(page.replace("192.168.1.7", address), encoding="utf-8")
    assert main(["prod", "--yes", "--no-adopt", "--scan", "."]) == 1
    assert "is not written" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--context", "--group", "--revision", "--path"])
def test_what_is_not_utf_8_is_told(folder: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prod", "--yes", "--no-adopt", "--project", "docserver", option, "caf\udce9"]) == 1
    assert "not UTF-8" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("revision", ["1234e567", "0123", "2026-01-31", "off", "12:30"])
def test_a_revision_that_looks_like_a_number_is_written_as_a_text(folder: Path, revision: str) -> None:
    assert main(["prod", "--yes", "--no-adopt", "--project", "docserver", "--revision", revision]) == 0
    result = check(folder / "Pulumi.prod.yaml")
    assert result.settings
    assert result.settings.git.revision == revision
