"""Where `serve --lan` is, and what it tells the other machine to type."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.real.programs import run
from tests.wire.test_shell import said_by_bash
from transom.cli.announcement import announce
from transom.cli.places import Places, on_the_lan
from transom.cli.show.terminal import Terminal
from transom.cli.words import Lang, words
from transom.errors import UsageError
from transom.trust.local_ca import LocalCA, Owner
from transom.wire.tap import Endpoint

NOW = datetime.now(UTC)
CA = LocalCA.in_memory(Owner("u", "h"), NOW)
MACHINE = [ip_address(text) for text in ("192.168.0.7", "203.0.113.9", "fd00::2", "2001:db8::1")]


def announced(path: Path, addresses: list[str], lang: Lang = "en") -> list[str]:
    identity = CA.issue(Places(tuple(addresses)).names[:3], NOW)
    stream = io.StringIO()
    https = [Endpoint(address, 8443) for address in addresses]
    announce(Terminal(stream), words(lang), path, identity, https, [])
    text = stream.getvalue().replace(identity.pin, "PIN")
    fingerprint = run("openssl", "x509", "-noout", "-fingerprint", "-sha256", stdin=identity.chain_pem)
    return text.replace(fingerprint.text.partition("=")[2].strip(), "FINGERPRINT").splitlines()


def test_the_lan_is_loopback_and_the_private_addresses() -> None:
    places = on_the_lan(MACHINE)
    assert places.hosts == ("127.0.0.1", "192.168.0.7", "fd00::2")
    assert places.public == ("203.0.113.9", "2001:db8::1")
    assert not places.only_here


def test_the_local_ca_certifies_every_address_of_the_lan() -> None:
    assert {"localhost", "127.0.0.1", "192.168.0.7", "fd00::2"} <= set(on_the_lan(MACHINE).names)
    CA.issue([name for name in on_the_lan(MACHINE).names if "." in name or ":" in name], NOW)


@pytest.mark.parametrize(
    ("addresses", "what"),
    [([], "none but loopback"), (["203.0.113.9"], r"only 203\.0\.113\.9"), (["2001:db8::1"], "only")],
)
def test_a_machine_without_a_private_address_is_on_no_lan(addresses: list[str], what: str) -> None:
    with pytest.raises(UsageError, match=f"--lan: this machine has no private address, {what}"):
        on_the_lan([ip_address(address) for address in addresses])


@pytest.mark.parametrize(
    ("hosts", "only_here"),
    [
        (("127.0.0.1",), True),
        (("localhost", "::1"), True),
        (("0.0.0.0",), False),
        (("::",), False),
        (("127.0.0.1", "192.168.0.7"), False),
        (("files.example",), False),
    ],
)
def test_only_loopback_is_only_here(hosts: tuple[str, ...], only_here: bool) -> None:
    assert Places(hosts).only_here == only_here


def test_for_each_address_there_is_a_line_to_type_on_the_other_machine(tmp_path: Path) -> None:
    path = tmp_path / "big file.bin"
    path.touch()
    assert announced(path, ["127.0.0.1", "192.168.0.7", "fd00::2"]) == [
        f"{path} is served at",
        "  https://localhost:8443/",
        "  https://192.168.0.7:8443/",
        "  https://[fd00::2]:8443/",
        "From a machine without your CA, by the server's key alone:",
        "  transom get --pin PIN https://192.168.0.7:8443/big%20file.bin",
        '  curl -k --pinnedpubkey PIN -o "big file.bin" https://192.168.0.7:8443/big%20file.bin',
        "  wget --no-check-certificate --pinnedpubkey=PIN https://192.168.0.7:8443/big%20file.bin",
        '  transom get --pin PIN "https://[fd00::2]:8443/big%20file.bin"',
        '  curl -k --pinnedpubkey PIN -o "big file.bin" "https://[fd00::2]:8443/big%20file.bin"',
        '  wget --no-check-certificate --pinnedpubkey=PIN "https://[fd00::2]:8443/big%20file.bin"',
        "A browser will warn; compare this fingerprint of the certificate (SHA-256):",
        "  FINGERPRINT",
        "^C stops it.",
    ]


def test_on_loopback_it_says_how_to_let_others_in(tmp_path: Path) -> None:
    lines = announced(tmp_path, ["127.0.0.1"])
    assert f"Only this machine can reach it. For others: transom serve --lan {tmp_path}" in lines
    assert "  transom get --pin PIN https://localhost:8443/…" in lines
    assert "  FINGERPRINT" not in lines
    assert "For … put the path of a file in the folder; the first address lists them." in lines


def test_the_line_to_type_is_for_the_folder_whatever_its_name_is(tmp_path: Path) -> None:
    folder = tmp_path / "it's \\ \x1b[2J$(id)\n"
    folder.mkdir()
    begins = "Only this machine can reach it. For others: transom serve --lan "
    (line,) = (line for line in announced(folder, ["127.0.0.1"]) if line.startswith(begins))
    assert said_by_bash(line.removeprefix(begins)) == [bytes(folder)]


def test_in_korean_the_lines_to_type_are_the_same(tmp_path: Path) -> None:
    english, korean = (announced(tmp_path, ["192.168.0.7"], lang) for lang in ("en", "ko"))
    assert [line for line in korean if line.startswith("  ")] == [line for line in english if line.startswith("  ")]
    assert "사설" not in "".join(korean)
    assert any("지문" in line for line in korean)


def test_every_address_is_told_as_those_that_can_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.cli.places.machine_addresses", lambda: MACHINE)
    path = Path("/srv/shared")
    lines = announced(path, ["0.0.0.0"])
    assert lines[1:4] == ["  https://localhost:8443/", "  https://192.168.0.7:8443/", "  https://203.0.113.9:8443/"]
    assert "  transom get --pin PIN https://192.168.0.7:8443/…" in lines
    assert announced(path, ["::"])[1:4] == [
        "  https://localhost:8443/", "  https://[fd00::2]:8443/", "  https://[2001:db8::1]:8443/"
    ]  # fmt: skip
    assert "0.0.0.0" not in "".join(lines)


def test_the_leaf_of_every_address_is_for_the_private_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transom.cli.places.machine_addresses", lambda: MACHINE)
    assert Places(("0.0.0.0",)).names[4:] == ["192.168.0.7"]
    assert Places(("::",)).names[4:] == ["fd00::2"]
