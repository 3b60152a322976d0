from __future__ import annotations

import ssl

import pytest

from tests.house.documents import text_of
from tests.real.caller import Caller
from tests.real.programs import run
from tests.real.transom import User, private_mode


def test_the_ca_is_made_once_private_and_constrained(caller: Caller) -> None:
    made = caller.run("ca", "init")
    assert made.exit_code == 0
    folder = caller.home / "transom" / "ca"
    assert made.text == f"{folder / 'ca.pem'}\n"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert private_mode(folder / "ca-key.pem")
    before = (folder / "ca.pem").read_bytes()
    assert caller.run("ca", "path").text == made.text
    assert (folder / "ca.pem").read_bytes() == before
    shown = run("openssl", "x509", "-noout", "-text", "-in", str(folder / "ca.pem")).text
    for text in ("X509v3 Name Constraints: critical", "DNS:localhost", "IP:127.0.0.0/255.0.0.0", "CA:TRUE"):
        assert text in shown


@pytest.mark.parametrize("kind", ["ecdsa", "rsa", "ed25519"])
def test_an_issued_leaf_holds_for_its_names_before_openssl_and_its_key_is_private(caller: Caller, kind: str) -> None:
    ran = caller.run("ca", "issue", "localhost", "192.168.1.9", "--key-type", kind)
    assert ran.exit_code == 0
    assert private_mode(caller.folder / "key.pem")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain("cert.pem", "key.pem")
    ca = caller.run("ca", "path").text.strip()
    for option, name in (("-verify_hostname", "localhost"), ("-verify_ip", "192.168.1.9")):
        verified = run("openssl", "verify", "-x509_strict", "-CAfile", ca, option, name,
                       str(caller.folder / "cert.pem"))  # fmt: skip
        assert verified.exit_code == 0, verified
    wrong = run("openssl", "verify", "-CAfile", ca, "-verify_hostname", "example.org", str(caller.folder / "cert.pem"))
    assert wrong.exit_code != 0


def test_an_existing_file_is_not_written_over(caller: Caller) -> None:
    (caller.folder / "cert.pem").write_text("mine")
    ran = caller.run("ca", "issue", "localhost")
    assert ran.exit_code == 2
    assert "not written over" in ran.stderr
    assert (caller.folder / "cert.pem").read_text() == "mine"
    assert [path.name for path in caller.folder.iterdir()] == ["cert.pem"]


@pytest.mark.parametrize("option", ["--cert", "--key"])
def test_a_file_that_cannot_be_made_is_told_as_that_and_leaves_no_other(caller: Caller, option: str) -> None:
    file = caller.folder / "absent" / "x.pem"
    ran = caller.run("ca", "issue", "localhost", option, str(file))
    assert ran.exit_code == 2
    assert ran.stderr == f"transom: {file}: cannot be made: No such file or directory\n"
    assert list(caller.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["example.org", "8.8.8.8", "a b", "../x", "안녕.local", "*.org"])
def test_a_name_that_is_not_this_machines_is_refused(caller: Caller, name: str) -> None:
    ran = caller.run("ca", "issue", name)
    assert ran.exit_code == 2
    assert list(caller.folder.iterdir()) == []


@pytest.mark.parametrize("command", [("ca", "init"), ("ca", "path"), ("serve", "-p", "0", ".")])
def test_a_home_that_cannot_hold_it_is_a_clear_error(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null")
    ran = caller.run(*command)
    where = "/dev/null/transom/ca: the local CA cannot be kept there: Not a directory"
    told = f"transom: {where}; XDG_DATA_HOME names another folder\n"
    assert (ran.exit_code, ran.stderr) == (23, told)


def test_the_manuals_lines_put_it_into_chromiums_store_where_there_is_none_yet(user: User) -> None:
    lines = [line for line in text_of("docs/manual.md").splitlines() if line.startswith("    ") and "certutil" in line]
    assert len(lines) == 2
    for _ in ("no store yet", "one that is there"):
        ran = user.pastes("\n".join(lines))
        assert ran.exit_code == 0, ran.stderr
    assert "Transom" in run("certutil", "-d", f"sql:{user.home / '.pki' / 'nssdb'}", "-L").text
