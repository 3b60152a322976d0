from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transom.http.messages import Headers
from transom.web.model.kept import Kept
from transom.web.model.mask import Masking
from transom.web.model.said import Piece, mask_body, mask_said
from transom.web.model.scrub import scrub, scrub_quotation
from transom.wire.tap import Side

MASK = Masking()
ASKED = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"Authorization: Basic abc=\r\n\r\n", b"Authorization: **********\r\n\r\n"),
        (b"x\r\nset-COOKIE:a=b; Path=/\r\nY: 1", b"x\r\nset-COOKIE:***********\r\nY: 1"),
        (b"Cookie: a=b\r\n c=d\r\nX: y", b"Cookie: ***\r\n****\r\nX: y"),
        (b"Proxy-Authorization: Basic QQ==", b"Proxy-Authorization: **********"),
        (b"Authorization : Basic QQ==", b"Authorization : **********"),
        (b"Cookie: a\rb\r\nX: y", b"Cookie: *\r*\r\nX: y"),
        (b"X: y\rCookie: b\r\nX: y", b"X: y\rCookie: *\r\nX: y"),
        (b"x-aPi-kEy: abc", b"x-aPi-kEy: ***"),
        (b"X-Amz-Security-Token: abc", b"X-Amz-Security-Token: ***"),
        (b"Authentication-Info: rspauth=1", b"Authentication-Info: *********"),
        (b"WWW-Authenticate: Negotiate YIIabcdefg==", b"WWW-Authenticate: Negotiate ************"),
        (b'WWW-Authenticate: Basic realm="files"', b'WWW-Authenticate: Basic realm="files"'),
        (b'Want-Repr-Digest: sha-256=1\r\nETag: "abc"', b'Want-Repr-Digest: sha-256=1\r\nETag: "abc"'),
        (b"GET http://me:pw@host/ HTTP/1.1", b"GET http://*****@host/ HTTP/1.1"),
        (b"Location: https://token@host/", b"Location: https://*****@host/"),
        (b"cut short https://me:secr", b"cut short https://*******"),
        (b"GET http://me:p@w@host/ HTTP/1.1", b"GET http://******@host/ HTTP/1.1"),
        (b"Location: //me:pw@host/", b"Location: //*****@host/"),
        (b"CONNECT me:pw@host:443 HTTP/1.1", b"CONNECT *****@host:443 HTTP/1.1"),
        (b"me:pw@host:443", b"*****@host:443"),
        (b"/?next=https%3A%2F%2Fme%3Apw%40host%2F", b"/?next=https%3A%2F%2F*******%40host%2F"),
        (b"/a?access_token=abc&b=c", b"/a?access_token=***&b=c"),
        (b"/a?x=1&X-Amz-Signature=abc&sig=def#id_token=x", b"/a?x=1&X-Amz-Signature=***&sig=**************"),
        (b"/a;jsessionid=abc?b=c", b"/a;jsessionid=*******"),
        (b"/a?%61pi_key=abc", b"/a?%61pi_key=***"),
        (b"/a?u=/b%3Fcode%3Dabc%26d%3De", b"/a?u=/b%3Fcode%3D***%26d%3De"),
        (b"Location: /cb?code=abc&state=def\r\n", b"Location: /cb?code=***&state=***\r\n"),
        (b"user[pin]=1&n=2", b"user[pin]=*&n=2"),
        (b'{"password": "a\\"b", "n": 1}', b'{"password": ******, "n": 1}'),
        (b'{"token":12,"n":1}', b'{"token":**,"n":1}'),
        (b'{"credentials":{"a":["b}"]},"n":1}', b'{"credentials":************,"n":1}'),
        (b'{"x":"{\\"token\\":\\"abc\\",\\"n\\":1}"}', b'{"x":"{\\"token\\":*******,\\"n\\":1}"}'),
        (b'login(user: "me", password: "a b")', b'login(user: "me", password: *****)'),
        (b'{"query":"{ login(pwd: \\"a b\\") }"}', b'{"query":"{ login(pwd: *******) }"}'),
        (b"{token: 'abc'}, {n: 'c'}", b"{token: *****}, {n: 'c'}"),
        (b"data=%7B%22pin%22%3A%20%22a%5C%22b%22%7D&c=d", b"data=%7B%22pin%22%3A%20**************%7D&c=d"),
        (b'{"refresh_token": "cut sho', b'{"refresh_token": ********'),
        (
            b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhun\r\n--er\r\n--x',
            b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n***\r\n****\r\n--x',
        ),
        (b"<a:Password x='1'>abc</a:Password><b>c</b>", b"<a:Password x='1'>***</a:Password><b>c</b>"),
        (b'<input type="hidden" name="csrf" value="abc">', b'<input type="hidden" name="csrf" value="***">'),
        (b"<input value='abc' type=password>", b"<input value='***' type=password>"),
        (b"say eyJhbGci.eyJzdWIi.c2ln now", b"say ********************** now"),
        (
            b"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----",
            b"-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----",
        ),
        (
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----\nMII\n-----END PGP",
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n***\n-----END PGP",
        ),
        (b"X-Client-Key: abc\r\nX-OTP: 123\r\n", b"X-Client-Key: ***\r\nX-OTP: ***\r\n"),
        (b"Sec-WebSocket-Key: abc\r\nKey: abc\r\n", b"Sec-WebSocket-Key: abc\r\nKey: abc\r\n"),
        (b"users:\n- password: abc\n", b"users:\n- password: ***\n"),
        (b"export PGPASSWORD='a b'\n", b"export PGPASSWORD=*****\n"),
        (b"{token: `abc`}", b"{token: *****}"),
        (b'[{"name":"password","value":"abc"}]', b'[{"name":"password","value":*****}]'),
        (b'"[{\\"name\\":\\"pin\\",\\"value\\":\\"a\\"}]"', b'"[{\\"name\\":\\"pin\\",\\"value\\":*****}]"'),
        (b'{"name":"colour","value":"abc"}', b'{"name":"colour","value":"abc"}'),
        (b"password: abc\nuser: me\n", b"password: ***\nuser: me\n"),
        (b"the author of the keyboard: me", b"the author of the keyboard: me"),
    ],
)
def test_secrets_are_masked_and_nothing_else(data: bytes, shown: bytes) -> None:
    assert scrub(data) == shown


def test_a_form_has_values_that_go_on_to_the_next_parameter() -> None:
    headers = Headers([("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")])
    assert mask_body(b'a=b&password=it\'s a "<secret"&c=d', headers) == b"a=b&password=****************&c=d"


def test_a_whole_address_is_not_taken_for_userinfo() -> None:
    assert MASK.header("Referer", "https://localhost:8443") == "https://localhost:8443"


def test_a_message_that_quotes_a_credential_is_masked() -> None:
    assert scrub_quotation(b"illegal header line: b'Authorization : Basic c2V'") == (
        b"illegal header line: b'Authorization : **********"
    )


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Encoding", "gzip")],
        [("Content-Encoding", "br")],
        [("Content-Type", "text/plain; charset=utf-16")],
    ],
)
def test_a_body_in_which_nothing_can_be_searched_for_is_masked_as_a_whole(headers: list[tuple[str, str]]) -> None:
    assert mask_body(b"abc\r\nd", Headers(headers)) == b"***\r\n*"


def test_utf_16_that_does_not_say_so_is_known_by_its_bytes() -> None:
    for order in ("utf-16-le", "utf-16-be"):
        assert mask_body("password=x".encode(order), Headers()) == b"*" * 20
    assert mask_body(bytes(20), Headers()) == bytes(20)


def test_a_range_from_within_a_file_may_begin_in_the_middle_of_a_secret() -> None:
    inside = ("Content-Range", "bytes 5-9/10")
    assert mask_body(b"cret\nab", Headers([inside])) == b"****\nab"
    assert mask_body(b'cret"\n}', Headers([inside, ("Content-Type", "application/json")])) == b"*****\n*"
    assert mask_body(b"begin\n", Headers([("Content-Range", "bytes 0-5/10")])) == b"begin\n"
    parts = b"--x\r\nContent-Range: bytes 5-9/10\r\n\r\ncret\r\n--x--\r\n"
    masked = mask_body(parts, Headers([("Content-Type", "multipart/byteranges; boundary=x")]))
    assert set(masked) == set(b"*\r\n")


def test_a_body_that_begins_with_a_wide_byte_order_mark_is_masked_as_a_whole() -> None:
    assert mask_body("\ufeffpassword=x".encode("utf-16-le"), Headers()) == b"*" * 22


def said(*pieces: tuple[Side, bytes, int | None], tls_from: dict[Side, int] | None = None) -> dict[Side, bytes]:
    return mask_said([Piece(*piece) for piece in pieces], tls_from)


def test_a_capture_that_begins_inside_a_field_shows_nothing_of_it() -> None:
    found = said((Side.CLIENT, b"ret; b=c\r\nHost: h\r\n\r\n" + ASKED, 0))
    assert found[Side.CLIENT] == b"********\r\n*******\r\n\r\n**************\r\n*******\r\n\r\n"


def test_a_field_that_is_said_in_two_turns_is_masked_in_both() -> None:
    kept = Kept()
    kept.receive(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: h\r\nCoo")
    kept.receive(Side.SERVER, b"HTTP/1.1 100 Continue\r\n\r\n")
    kept.receive(Side.CLIENT, b"kie: secret\r\n\r\n")
    turns = kept.turns_of(MASK.said(list(kept.pieces())))
    assert [turn.data for turn in turns] == [
        b"GET / HTTP/1.1\r\nHost: h\r\nCoo",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"kie: ******\r\n\r\n",
    ]


def test_a_head_that_had_not_ended_is_shown_masked() -> None:
    found = said((Side.CLIENT, b"GET /?token=x HTTP/1.1\r\nHost: h\r\nCookie: se", 0))
    assert found[Side.CLIENT] == b"GET /?token=* HTTP/1.1\r\nHost: h\r\nCookie: **"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n"


def test_a_secret_and_its_name_in_several_chunks_are_found_and_so_is_a_cookie_in_the_trailer() -> None:
    body = b'8;x=y\r\n{"passwo\r\n6\r\nrd":"s\r\n9\r\necret","n\r\n4\r\n":1}\r\n0\r\nSet-Cookie: a=b\r\nX: y\r\n\r\n'
    shown = b'8****\r\n{"passwo\r\n6\r\nrd":**\r\n9\r\n******,"n\r\n4\r\n":1}\r\n0\r\nSet-Cookie: ***\r\nX: y\r\n\r\n'
    found = said((Side.CLIENT, ASKED, 0), (Side.SERVER, CHUNKED + body, 0))
    assert found[Side.SERVER] == CHUNKED + shown


def test_behind_a_hole_in_a_head_nothing_is_shown() -> None:
    found = said((Side.CLIENT, b"GET / HTTP/1.1\r\nCoo", 0), (Side.CLIENT, b"secret\r\nX: y\r\n\r\n", 100))
    assert found[Side.CLIENT] == b"GET / HTTP/1.1\r\nCoo******\r\n****\r\n\r\n"


def test_behind_a_hole_in_a_body_the_rest_of_a_line_is_masked_and_of_json_all_of_it() -> None:
    for kind, shown in ((b"text/plain", b"ab**\nef"), (b"application/json", b"ab**\n**")):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nContent-Length: 9\r\n\r\n"
        found = said((Side.CLIENT, ASKED, 0), (Side.SERVER, head + b"ab", 0), (Side.SERVER, b"cd\nef" + head, 2))
        assert found[Side.SERVER] == head + shown + head


def test_what_a_tunnel_or_an_upgrade_leads_to_is_not_shown() -> None:
    asked = b"GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    answered = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    found = said((Side.CLIENT, asked, 0), (Side.SERVER, answered + b"\x81\x02ab", 0), (Side.CLIENT, b"\x81\x82abcd", 0))
    assert found == {Side.CLIENT: asked + b"******", Side.SERVER: answered + b"****"}


def test_the_tls_in_a_tunnel_is_shown_as_it_crossed_and_the_login_for_the_proxy_is_not() -> None:
    asked = b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nProxy-Authorization: Basic YTpi\r\n\r\n"
    found = said(
        (Side.CLIENT, asked, 0),
        (Side.SERVER, b"HTTP/1.1 200 OK\r\n\r\n", 0),
        (Side.CLIENT, b"\x16\x03\x01\x00\x01\x01", 0),
        tls_from={Side.CLIENT: len(asked)},
    )
    assert found[Side.CLIENT] == asked.replace(b"Basic YTpi", b"**********") + b"\x16\x03\x01\x00\x01\x01"


def test_nothing_is_masked_for_whoever_may_have_the_secrets() -> None:
    shows = Masking(include_secrets=True)
    assert shows.said([Piece(Side.CLIENT, b"Cookie: a=b")])[Side.CLIENT] == b"Cookie: a=b"
    assert shows.header("Cookie", "a=b") == "a=b"
    assert shows.text("/?token=x") == shows.quotation("/?token=x") == "/?token=x"
    assert shows.body(b"token=x", Headers()) == b"token=x"


PIECES = st.tuples(
    st.sampled_from(Side),
    st.binary()
    | st.sampled_from(
        [ASKED, CHUNKED, b"5\r\nabcde\r\n", b"0\r\n\r\n", b"HTTP/1.1 204 No\r\n\r\n", b"HTTP/1.1 200 OK\r\n"]
    ),
    st.sampled_from([0, 0, 0, 3, None]),
)


@given(st.lists(PIECES))
def test_no_byte_moves(pieces: list[tuple[Side, bytes, int | None]]) -> None:
    found = said(*pieces)
    for side in Side:
        plain = b"".join(data for one, data, _ in pieces if one is side)
        assert len(found[side]) == len(plain)
        assert all(shown in (byte, ord("*")) for shown, byte in zip(found[side], plain, strict=True))
