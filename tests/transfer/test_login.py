"""Who the user is: what is sent, what is never shown, and whose entry in a netrc file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from transom.errors import UsageError
from transom.transfer.login import Login, login_from_netrc
from transom.transfer.url import parse_url


def test_the_basic_scheme_is_utf_8() -> None:
    assert Login("Aladdin", "open sesame").header == ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    assert Login("test", "123£").header == ("Authorization", "Basic dGVzdDoxMjPCow==")  # RFC 7617 §2.1


def test_a_password_is_not_part_of_how_a_login_is_shown() -> None:
    assert "sesame" not in repr(Login("Aladdin", "open sesame"))


def test_a_user_name_with_a_colon_cannot_be_sent() -> None:
    with pytest.raises(UsageError, match="':'"):
        _ = Login("a:b", "c").header


@pytest.fixture
def netrc(tmp_path: Path) -> Path:
    path = tmp_path / "netrc"
    path.write_text("machine a.example login me password mine\nmachine b.example login you password yours\n")
    return path


def test_an_account_is_its_hosts_alone(netrc: Path) -> None:
    assert login_from_netrc(netrc, "a.example") == Login("me", "mine")
    assert login_from_netrc(netrc, "sub.a.example") is None


def test_a_host_is_the_same_in_capital_letters(netrc: Path) -> None:
    netrc.write_text("machine A.Example login me password mine\n")
    assert login_from_netrc(netrc, parse_url("http://a.EXAMPLE/").host) == Login("me", "mine")


def test_a_host_that_only_looks_like_one_chooses_no_account(netrc: Path) -> None:
    """CVE-2024-47081 (requests): `http://b.example:@a.example/` took the wrong account."""
    for text in ("http://c.example/@a.example", "http://c.example?x=a.example", "http://c.example#a.example"):
        assert login_from_netrc(netrc, parse_url(text).host) is None
    with pytest.raises(UsageError):
        parse_url("http://a.example:@c.example/")


def test_the_default_is_for_every_other_host(netrc: Path) -> None:
    netrc.write_text(netrc.read_text() + "default login anybody password any\n")
    assert login_from_netrc(netrc, "c.example") == Login("anybody", "any")
    assert login_from_netrc(netrc, "a.example") == Login("me", "mine")


@pytest.mark.parametrize("text", [b"machine a.example login me passwort hunter2\n", b"machine \xff\xfe"])
def test_a_file_that_does_not_parse_is_named_and_nothing_in_it(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "netrc"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=str(path)) as caught:
        login_from_netrc(path, "a.example")
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        login_from_netrc(tmp_path / "no", "a.example")
