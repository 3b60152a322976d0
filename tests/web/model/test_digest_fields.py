"""A digest that crossed in a head is masked, unless it can be of nothing in which something is masked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dissect.told import write_trace
from tests.http.h2.made import C, S, Talker, client_preface, data, get, server_preface
from tests.web.model.test_canaries import answer, everything, post
from tests.web.model.test_opened import asked
from tests.web.pages import opened
from transom.web.model.digest_fields import mask_digest
from transom.web.model.said import Piece, mask_said
from transom.wire.tap import Side

CLIENT, SERVER = Side.CLIENT, Side.SERVER
SECRET = b'{"user": "kim", "pin": "4071"}'
PLAIN = b"The weather is fine.\n" * 20
NOISE = bytes(range(256)) * 100
Said = list[tuple[Side, bytes]]


def digests(body: bytes) -> list[bytes]:
    sha256, md5 = hashlib.sha256(body), hashlib.md5(body)
    return [
        base64.b64encode(sha256.digest()),
        sha256.hexdigest().encode(),
        base64.b64encode(md5.digest()),
        md5.hexdigest().encode(),
        hashlib.sha1(body).hexdigest().encode(),
    ]


def fields(body: bytes) -> bytes:
    return (
        b"Repr-Digest: sha-256=:%s:\r\nX-Amz-Content-Sha256: %s\r\nContent-MD5: %s\r\nETag: \"%s\"\r\n"
        b"X-Checksum-Sha1:%s\r\n"
    ) % tuple(digests(body))  # fmt: skip


def put(body: bytes, more: bytes = b"") -> bytes:
    return post(b"/f", b"text/plain", body).replace(b"\r\n\r\n", b"\r\n" + more + b"\r\n", 1)


ASK = b"GET /f HTTP/1.1\r\nHost: h\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\n"


def chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, fields(body))


def exchanges(body: bytes) -> Iterator[Said]:
    """Each way in which a digest of this body crosses beside it."""
    yield [(CLIENT, ASK), (SERVER, answer(b"text/plain", body, fields(body)))]
    yield [(CLIENT, ASK), (SERVER, chunked(body))]
    yield [(CLIENT, put(body, fields(body))), (SERVER, answer(b"text/plain", b""))]
    yield [(CLIENT, put(body)), (SERVER, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n" + fields(body) + b"\r\n")]


def left(text: bytes, body: bytes) -> list[bytes]:
    return [digest for digest in digests(body) if digest in text or digest.hex().encode() in text]


def test_with_what_is_masked_its_digests_are_masked_in_every_part_of_a_page(tmp_path: Path) -> None:
    for number, said in enumerate(exchanges(SECRET)):
        text = everything(opened(write_trace(tmp_path / f"{number}.pcapng", said)))
        assert left(text, SECRET) == [], number


@pytest.mark.parametrize("body", [PLAIN, NOISE], ids=["text", "binary"])
def test_of_what_holds_nothing_secret_they_are_shown(body: bytes, tmp_path: Path) -> None:
    for number, said in enumerate(exchanges(body)):
        page = opened(write_trace(tmp_path / f"{number}.pcapng", said))
        assert left(everything(page), body) == digests(body), number
    said = next(exchanges(body))
    (one,) = asked(opened(write_trace(tmp_path / "t.pcapng", said)), "conversations/0/with-keys/http")["exchanges"]
    shown = dict(one["response_headers"])
    assert shown["Repr-Digest"] == f"sha-256=:{digests(body)[0].decode()}:"


def test_with_secrets_they_are_shown_too(tmp_path: Path) -> None:
    said = next(exchanges(SECRET))
    text = everything(opened(write_trace(tmp_path / "t.pcapng", said), "with-secrets"))
    assert left(text, SECRET) == digests(SECRET)


def test_of_what_is_nowhere_in_its_exchange_nobody_knows_what_it_holds(tmp_path: Path) -> None:
    """The file came in an exchange before, maybe, or comes in one that is not in the capture."""
    tag = b'If-None-Match: "%s"\r\n' % digests(SECRET)[1]
    again = [
        (CLIENT, ASK.replace(b"\r\n\r\n", b"\r\n" + tag + b"\r\n")),
        (SERVER, NOT_MODIFIED + fields(SECRET) + b"\r\n"),
    ]
    head = [(CLIENT, ASK.replace(b"GET", b"HEAD")), (SERVER, b"HTTP/1.1 200 OK\r\n" + fields(SECRET) + b"\r\n")]
    for said in (again, head):
        text = everything(opened(write_trace(tmp_path / "t.pcapng", said)))
        assert left(text, SECRET) == []


def test_one_exchange_says_nothing_of_another_one() -> None:
    said = [*next(exchanges(PLAIN)), *next(exchanges(SECRET)), *next(exchanges(NOISE))]
    shown = mask_said([Piece(*piece) for piece in said])[SERVER]
    assert (left(shown, SECRET), left(shown, PLAIN), left(shown, NOISE)) == ([], digests(PLAIN), digests(NOISE))
    assert len(shown) == sum(len(piece) for side, piece in said if side is SERVER)


def test_of_a_text_that_is_not_all_there_nothing_is_known_yet() -> None:
    (_, ask), (_, answered) = next(exchanges(PLAIN))
    for count in (len(answered) - 1, len(answered) - len(PLAIN), len(answered) - len(PLAIN) - 2):
        shown = mask_said([Piece(CLIENT, ask), Piece(SERVER, answered[:count])])[SERVER]
        assert left(shown, PLAIN) == []
    (_, ask), (_, answered) = next(exchanges(NOISE))
    assert left(mask_said([Piece(CLIENT, ask), Piece(SERVER, answered[:-1])])[SERVER], NOISE) == digests(NOISE)


def of_http2(body: bytes) -> list[Piece]:
    """It is asked for twice: the second time its fields are indexes of the first."""
    client, server = Talker(), Talker()
    lines = [line.split(b":", 1) for line in fields(body).strip().split(b"\r\n")]
    told = [(name.decode().lower(), content.strip().decode()) for name, content in lines]
    pieces = [Piece(C, client_preface()), Piece(S, server_preface())]
    for stream in (1, 3):
        pieces.append(Piece(C, client.headers(stream, get("/f"), ends=True)))
        head = server.headers(stream, [(":status", "200"), ("content-type", "text/plain"), *told])
        pieces.append(Piece(S, head + data(stream, body, ends=True)))
    return pieces


def test_in_http2_too(tmp_path: Path) -> None:
    for body, shown in ((SECRET, []), (PLAIN, digests(PLAIN))):
        pieces = of_http2(body)
        trace = write_trace(tmp_path / "t.pcapng", [(piece.side, piece.data) for piece in pieces])
        assert left(everything(opened(trace)), body) == shown
        masked = mask_said(pieces)
        plain = {side: b"".join(piece.data for piece in pieces if piece.side is side) for side in Side}
        assert (masked == plain) == (body is PLAIN)
        assert {side: len(one) for side, one in masked.items()} == {side: len(one) for side, one in plain.items()}


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        (b"ETag", b' "5f-1a"', b' "5f-1a"'),
        (b"ETag", b' W/"0123456789abcdef"', b' W/"****************"'),
        (b"If-Match", b'"a", "0123456789abcdef0123"', b'"a", "********************"'),
        (b"Want-Repr-Digest", b" sha-256=9", b" sha-256=9"),
        (b"Content-Digest", b" sha-512=:YQ==:", b" **************"),
        (b"x-goog-hash", b"crc32c=YQ==", b"***********"),
        (b"X-Amz-Checksum-CRC32", b"YQ==", b"****"),
        (b"X-Hashed-By", b"nobody", b"nobody"),
        (b"Content-Length", b"12345678901234567890", b"12345678901234567890"),
    ],
)
def test_which_fields_are_digests(name: bytes, content: bytes, shown: bytes) -> None:
    assert mask_digest(name, content) == shown
