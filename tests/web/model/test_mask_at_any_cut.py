"""Where the bytes are cut, by records, by packets, by a stretch of the page or by their end, tells nobody more."""

from __future__ import annotations

import pytest

from tests.web.model.test_secret_forms import ROWS
from transom.web.model import before, masked
from transom.web.model.mask import Masking
from transom.web.model.said import Piece, mask_said
from transom.web.model.secret_forms.table import CUT
from transom.web.model.stretch import Stretch
from transom.wire.tap import Side

SECRET = b"hunter2"
CLIENT, SERVER = Side.CLIENT, Side.SERVER


def _post(kind: str, body: bytes, fields: bytes = b"") -> bytes:
    head = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
    return head % (kind.encode(), len(body), fields) + body


KINDS = {"text": "text/plain", "code": "text/javascript", "form": "application/x-www-form-urlencoded"}
SAID = [_post(KINDS[kind], form.example) for kind, form in ROWS if form not in CUT] + [
    _post("application/json", b'{"a": "{\\"token\\": \\"hunter2\\"}", "n": 1}', b"Cookie: a=hunter2\r\n"),
    _post("text/html", b"<input type=hidden value='hunter2' name=csrf><textarea name=pin>hunter2</textarea>"),
    b"GET /?next=%2Fb%3Ftoken%3Dhunter2%26c%3D1 HTTP/1.1\r\nHost: h\r\nAuthorization: Basic\r\n hunter2\r\n\r\n",
]


def _parts() -> set[bytes]:
    """What gives a part of it away."""
    return {SECRET[start : start + 4] for start in range(len(SECRET) - 3)}


@pytest.mark.parametrize("said", SAID)
def test_in_whatever_pieces_it_comes_the_same_is_masked(said: bytes) -> None:
    whole = mask_said([Piece(CLIENT, said)])[CLIENT]
    assert SECRET not in whole
    for at in range(1, len(said)):
        assert mask_said([Piece(CLIENT, said[:at]), Piece(CLIENT, said[at:])])[CLIENT] == whole


@pytest.mark.parametrize("said", SAID)
def test_wherever_it_ends_nothing_of_the_secret_is_there(said: bytes) -> None:
    for end in range(len(said)):
        shown = mask_said([Piece(CLIENT, said[:end])])[CLIENT]
        assert not [part for part in _parts() if part in shown], (said[:end], shown)


@pytest.mark.parametrize("said", SAID)
def test_wherever_a_stretch_begins_nothing_of_the_secret_is_there(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for first, last in ((128 * 1024, 1024 * 1024), (40, 8)):
        monkeypatch.setattr(before, "_FIRST", first)
        monkeypatch.setattr(before, "_LAST", last)
        for start in range(len(said) + 1):
            stretch = Stretch(start)
            stretch.receive(CLIENT, said)
            stretch.receive(SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")
            shown = b"".join(turn.data for turn in stretch.masked(Masking()) if turn.side is CLIENT)
            assert len(shown) == len(said) - start
            assert not [part for part in _parts() if part in shown], (start, shown)


@pytest.mark.parametrize("said", SAID)
def test_in_whatever_parts_it_is_saved_nothing_of_the_secret_is_there(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts, and what is remembered of those before, are smaller than a name and its value."""
    for first, last in ((128 * 1024, 1024 * 1024), (40, 8)):
        monkeypatch.setattr(before, "_FIRST", first)
        monkeypatch.setattr(before, "_LAST", last)
        for part, after in ((1, 0), (7, 0), (30, 3), (len(said), 0)):
            monkeypatch.setattr(masked, "_PART", part)
            monkeypatch.setattr(masked, "_AFTER", after)
            room = bytearray()
            told = masked.Masked(Masking(), CLIENT, {}, room.extend)
            for at in range(0, len(said), 20):
                told.receive(CLIENT, said[at : at + 20])
            told.receive(SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")
            told.end()
            assert len(room) == len(said)
            assert not [one for one in _parts() if one in room], (part, bytes(room))


def test_what_is_saved_in_one_part_is_what_is_masked_at_once() -> None:
    for said in SAID:
        room = bytearray()
        told = masked.Masked(Masking(), CLIENT, {}, room.extend)
        told.receive(CLIENT, said)
        told.end()
        assert bytes(room) == mask_said([Piece(CLIENT, said)])[CLIENT]
