"""Who may come in, and what may be left here: the options of `serve` for both."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.caller import Caller
from tests.real.programs import curl
from tests.real.transom import Serving, User
from transom.cli.options.sizes import size


@pytest.fixture
def shared(user: User) -> Path:
    folder = user.folder / "shared"
    folder.mkdir()
    (folder / "hello.txt").write_text("hello\n")
    return folder


@pytest.fixture
def accounts(user: User) -> Path:
    path = user.folder / "accounts"
    path.touch(0o600)
    path.write_text("bob:from-the-file\n")
    return path


def status(server: Serving, *options: str, path: str = "/hello.txt") -> str:
    return curl("-k", *options, "-o", "/dev/null", "-w", "%{http_code}", server.url(path)).text


def test_accounts_come_from_everywhere_at_once(user: User, shared: Path, accounts: Path) -> None:
    with user.serving(
        "shared", "-a", "ann:from-argv", "--auth-file", accounts, env={"TRANSOM_AUTH": "eve:from-env"}
    ) as server:
        for account in ("ann:from-argv", "bob:from-the-file", "eve:from-env"):
            assert status(server, "-u", account) == "200"
        assert status(server) == status(server, "-u", "ann:from-env") == "401"
        assert status(server, path="/.transom/health") == "200"
    assert "Every user of this machine can read the password after -a" in server.log
    assert "from-argv" not in server.log + server.announcement


def test_the_lines_to_type_have_the_name_and_no_password(user: User, shared: Path) -> None:
    with user.serving("shared", env={"TRANSOM_AUTH": "ann lee:s3cret"}) as server:
        lines = [line for line in server.announcement.splitlines() if line.startswith("  ") and "/…" in line]
        assert "s3cret" not in server.announcement
        assert [line.split()[0] for line in lines] == ["transom", "curl", "transom", "curl", "wget"]
        for number, line in enumerate(lines):
            typed = line.replace("…", "hello.txt")
            told = typed.replace('-u "ann lee"', '-u "ann lee:s3cret"').replace("--ask-password", "--password=s3cret")
            assert told != typed
            there = user.folder / str(number)
            there.mkdir()
            ran = user.pastes(told, there)
            assert (ran.exit_code, (there / "hello.txt").read_text()) == (0, "hello\n"), (told, ran.stderr)


def test_of_several_accounts_none_is_named(user: User, shared: Path, accounts: Path) -> None:
    with user.serving("shared", "--auth-file", accounts, env={"TRANSOM_AUTH": "ann:s3cret"}) as server:
        assert "  transom get -u USER https://localhost:" in server.announcement


def test_no_line_to_type_lets_everybody_in_where_there_are_accounts(user: User, shared: Path) -> None:
    with user.serving("shared", env={"TRANSOM_AUTH": "ann:s3cret"}) as server:
        assert "For others: the same command with --lan in it." in server.announcement
        assert "transom serve" not in server.announcement


def test_with_uploads_there_is_a_line_that_leaves_a_file(user: User, shared: Path) -> None:
    (user.folder / "한글 (1).txt").write_text("mine\n")
    with user.serving("shared", "--upload", env={"TRANSOM_AUTH": "ann:s3cret"}) as server:
        lines = server.announcement.splitlines()
        line = lines[lines.index("To leave FILE here:") + 1]
        assert "-u ann " in line
        ran = user.pastes(line.replace("-u ann", "-u ann:s3cret").replace("FILE", "'한글 (1).txt'"))
        assert ran.exit_code == 0, ran.stderr
    assert (shared / "한글 (1).txt").read_text() == "mine\n"
    with user.serving("shared") as server:
        assert "-T FILE" not in server.announcement


def test_what_is_kept_from_argv_needs_no_warning(user: User, shared: Path, accounts: Path) -> None:
    with user.serving("--auth-file", accounts, "shared") as server:
        assert status(server) == "401"
    assert "read the password" not in server.log


@pytest.mark.parametrize("where", [("--bind", "0.0.0.0"), ("--bind", "files.example")])
def test_passwords_do_not_cross_a_network_in_the_clear(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, where: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TRANSOM_AUTH", "ann:s3cret")
    ran = caller.run("serve", *where, "--port", "0", "--http-port", "0", ".")
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert f"--http-port with passwords at {where[1]}: over plain HTTP everyone on the way reads them" in ran.stderr
    assert "s3cret" not in ran.stderr


def test_on_loopback_passwords_may_be_sent_over_plain_http(user: User, shared: Path) -> None:
    with user.serving("shared", http=True, env={"TRANSOM_AUTH": "ann:s3cret"}) as server:
        url = f"http://127.0.0.1:{server.http_port}/hello.txt"
        assert curl("-u", "ann:s3cret", url).text == "hello\n"


def test_uploads_may_replace_files_and_are_no_larger_than_allowed(user: User, shared: Path) -> None:
    (user.folder / "small").write_bytes(bytes(1024))
    (user.folder / "large").write_bytes(bytes(1025))
    with user.serving("shared", "--upload", "--overwrite", "--max-upload", "1K") as server:
        assert status(server, "-T", str(user.folder / "small")) == "204"
        assert status(server, "-T", str(user.folder / "large")) == "413"
    assert (shared / "hello.txt").read_bytes() == bytes(1024)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--overwrite",), "--overwrite needs --upload as well"),
        (("--max-upload", "1"), "--max-upload needs --upload as well"),
        (("--upload", "--max-upload", "1.5G"), "'1.5G' is no size"),
        (("--upload", "--max-upload", "-1"), "--max-upload"),
        (("-a", "ann"), "an account is written user:password"),
        (("--auth-file", "nothing"), "nothing cannot be read: No such file or directory"),
        (("--auth-file", "public"), "public: other users can read it (mode 0644); expected 0600"),
        (("--lan", "--bind", "127.0.0.1"), "not allowed with argument"),
    ],
)
def test_what_is_said_wrongly_is_exit_code_2(caller: Caller, arguments: tuple[str, ...], what: str) -> None:
    Path("public").touch()
    Path("public").chmod(0o644)
    ran = caller.run("serve", "--port", "0", *arguments, ".")
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert what in ran.stderr


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("500", 500), ("10k", 10_240), ("10M", 10 * 2**20), ("2GB", 2**31), ("1T", 2**40)]
)
def test_sizes_are_counted_in_powers_of_1024(text: str, count: int) -> None:
    assert size(text) == count
