"""That the forms are tried only where a clue is loses no secret: beside them, the same tried at every byte."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from random import Random
from urllib.parse import quote

import pytest

from tests.web.model.test_secret_forms import HIDDEN, ROWS, SHOWN
from tests.web.model.test_secret_forms_linear import UNITS
from transom.web.model import scrub as scrubbing
from transom.web.model import sensitive
from transom.web.model.scrub import Kind, scrub
from transom.web.model.secret_forms.marks import Marks
from transom.web.model.secret_forms.text import Text, clues_in
from transom.web.model.unescaped import Unescaped, unescaped

WORDS = [
    *b"password passwd pwd pin pw key api api_key code token tokens x y user name value secret state sign".split(),
    *b"ticket auth Authorization Cookie session sid p i n pass word reset verify webhooks otp K ey sess ion".split(),
    *b"host is machine default login was your new type text input id 12 a1b2c3d4e5 hunter2 Hunter2 INSERT INTO".split(),
    *b"VALUES COPY FROM stdin IDENTIFIED BY PASSWORD bearer Basic QWxhZGRpbjpvcGVu1 eyJhbGci.eyJ.abc".split(),
    *b"AKIAHUNTER2HUNTER2AB content-disposition: form-data; name= Sec-WebSocket-Protocol: userPwd".split(),
    *b"X-Client-Key Monkey mypin PIN SSid x-auth bypass".split(),
    *("비밀번호".encode(), "토큰".encode(), "\u212aey".encode(), "S\u0130d".encode(), b"\xff"),
]
BETWEEN = (
    *(b" ", b"=", b":", b": ", b'"', b"'", b'","', b", ", b'": "', b'":"', b"&", b"?", b"/", b"<", b">", b"</"),
    *(b"\n", b"\r\n", b",", b";", b"|", b"\t", b"{", b"}", b"[", b"]", b"(", b")", b"\\", b'\\"', b"-", b"_", b"."),
    *(b"%3D", b"%22", b"%26", b"%2F", b"%20", b"&amp;", b"&quot;", b"\\n", b"\\u0022", b"--", b"\0", b"@", b"//"),
    *(b"`", b"=>", b"$", b"#", b"- ", b"  ", b"", b"", b"%25", b"%253D", b"&#61;", b"\\u003d"),
)
EXAMPLES = [*(form.example for _, form in ROWS), *HIDDEN, *SHOWN, *UNITS]


def sentence(chance: Random) -> bytes:
    """Of names, values and examples, whole or not, with whatever between them, parts of it escaped."""
    return b"".join(
        escaped(b"".join(part(chance) + chance.choice(BETWEEN) for _ in range(chance.randint(1, 6))), chance)
        for _ in range(chance.randint(1, 3))
    )


def part(chance: Random) -> bytes:
    word = chance.choice(WORDS)
    match chance.randrange(8):
        case 0:
            return chance.choice(EXAMPLES)
        case 1:
            spoilt = bytearray(chance.choice(EXAMPLES))
            at = chance.randrange(len(spoilt))
            spoilt[at : at + chance.randint(0, 2)] = chance.choice(BETWEEN)
            return bytes(spoilt)
        case 2:
            at = chance.randrange(len(word))
            letter = chance.choice((b"%%%02x", b"\\u%04x", b"&#%d;", b"%%25%02x")) % word[at]
            return word[:at] + letter + word[at + 1 :]
        case 3:
            return word.upper()
        case _:
            return word


def escaped(data: bytes, chance: Random) -> bytes:
    match chance.randrange(12):
        case 0:
            return quote(data, safe="").encode()
        case 1:
            return html.escape(data.decode("latin-1")).encode()
        case 2:
            return data.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        case 3:
            return data.decode("latin-1").encode("utf-16-le")
        case _:
            return data


def everywhere(data: bytes, passes: Sequence[Unescaped]) -> list[list[tuple[int, int]]]:
    """A clue at every byte."""
    return [[(at, at + 1) for at in range(len(one))] for one in (data, *(undone.data for undone in passes))]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_found_at_every_byte_is_found_by_clues(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)
    kinds: tuple[Kind, ...] = ("text", "code", "form")
    made = [(sentence(chance), chance.choice(kinds), chance.random() < 0.5) for _ in range(100)]
    quick = [scrub(data, kind, is_whole=is_whole) for data, kind, is_whole in made]
    monkeypatch.setattr(scrubbing, "clues_in", everywhere)
    masked = 0
    for (data, kind, is_whole), shown in zip(made, quick, strict=True):
        slow = scrub(data, kind, is_whole=is_whole)
        assert all(one in (other, ord("*")) for one, other in zip(shown, slow, strict=True)), data
        masked += slow != data
    assert masked > 50


NAMES = (
    *("password", "db_pass", "userPwd", "USERPwd", "x1pin", "X-OTP", "p-i-n", "user[pin]", "login.sid", "pass-word"),
    *("api key", "API_KEY", "a.p.i.k.e.y", "X-Monkey", "totp", "x-auth", "proxy-authentication-info", "hdnts"),
    *("%61pi_key", "\\u0070assword", "pass&#119;ord", "tok%2565n", "비밀번호", "내 토큰", "\u212aey-x-key", "s\u0130d"),
)


@pytest.mark.parametrize("name", NAMES)
def test_where_a_name_is_there_is_a_clue(name: str) -> None:
    data = name.encode()
    assert sensitive.names_secret(data) or sensitive.names_secret_field(data)
    for before, behind in ((b"", b""), (b'{"', b'": 1}'), (b"a " * 999, b"= 1"), (b"x" * 2000 + b"\n", b": a")):
        said = before + data + behind
        starts = [start for start, _ in clues_in(said, list(unescaped(said)))[0]]
        assert any(len(before) <= start < len(before) + len(data) for start in starts)


@pytest.mark.parametrize("part", [*sensitive._PARTS, *sorted(sensitive._STEPS)])
def test_each_part_of_a_name_has_a_clue_in_it_wherever_it_stands_and_however_it_is_written(part: str) -> None:
    for written in (part, part.upper(), "-".join(part), f"my{part}", f"{part}s"):
        if part in sensitive._STEPS or sensitive.names_secret(written.encode()):
            assert Text(b"a" * 5000 + b" " + written.encode()).clues


def test_of_words_that_share_bytes_each_is_found() -> None:
    words = [b"aba", b"ab", b"b", b"bab", b"key", b"monkey", b"ey", b"-a-"]
    chance = Random(0)
    for _ in range(300):
        data = bytes(chance.choice(b"abkeymon-") for _ in range(40))
        found = Marks(words).places(data)
        for word in words:
            assert found.get(word, []) == [one.start() for one in re.finditer(b"(?=%s)" % re.escape(word), data)]
