from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transom.web.model.kept import Kept
from transom.web.model.mask import Masking
from transom.wire.tap import Side

MASK = Masking()


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (
            b"GET / HTTP/1.1\r\nAuthorization: Basic abc=\r\n\r\n",
            b"GET / HTTP/1.1\r\nAuthorization: **********\r\n\r\n",
        ),
        (b"x\r\nset-COOKIE:a=b; Path=/\r\nY: 1", b"x\r\nset-COOKIE:***********\r\nY: 1"),
        (b"Cookie: a=b\r\n c=d\r\nX: y", b"Cookie: ***\r\n****\r\nX: y"),
        (b"Proxy-Authorization: Basic QQ==", b"Proxy-Authorization: **********"),
        (b"GET http://me:pw@host/ HTTP/1.1", b"GET http://*****@host/ HTTP/1.1"),
        (b"Location: https://token@host/", b"Location: https://*****@host/"),
        (b"cut short https://me:secr", b"cut short https://*******"),
        (b"GET http://me:p@w@host/ HTTP/1.1", b"GET http://******@host/ HTTP/1.1"),
        (b"Cookie: a\rb\r\nX: y", b"Cookie: *\r*\r\nX: y"),
        (b"My-Cookie: a=b\r\nX-Authorization-Info: c", b"My-Cookie: a=b\r\nX-Authorization-Info: c"),
    ],
)
def test_credentials_are_masked_and_nothing_else(data: bytes, shown: bytes) -> None:
    assert MASK.data(data) == shown
    assert Masking(include_secrets=True).data(data) == data


def test_a_message_that_quotes_a_credential_is_masked() -> None:
    assert MASK.text("illegal header line: b'Authorization : Basic c2V'") == (
        "illegal header line: b'Authorization : **********"
    )


def test_what_follows_a_gap_may_be_the_rest_of_a_credential() -> None:
    assert MASK.data(b"Auth" + b"c=\r\nX: y", gaps=[4]) == b"Auth**\r\nX: y"


def test_a_field_that_is_said_in_two_turns_is_masked_in_both() -> None:
    kept = Kept()
    kept.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nCoo")
    kept.receive(Side.SERVER, b"HTTP/1.1 100 Continue\r\n\r\n")
    kept.receive(Side.CLIENT, b"kie: secret\r\n\r\n")
    assert [turn.data for turn in kept.masked(MASK)][2] == b"kie: ******\r\n\r\n"


@given(st.binary(), st.lists(st.integers(0, 50)))
def test_no_byte_moves(data: bytes, gaps: list[int]) -> None:
    assert len(MASK.data(data, [gap for gap in gaps if gap <= len(data)])) == len(data)
