"""What cannot be masked because nobody took it apart, and what lies behind a hole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.dissect.told import write_trace
from tests.web.pages import opened
from transom.cli.words import LANGS, Lang, words
from transom.dissect.json_lines import encode
from transom.dissect.telling import Looking
from transom.dissect.timeline import Moment, Problem
from transom.errors import Sentence
from transom.web.model.follow import follow
from transom.web.model.kept import Passing
from transom.web.model.mask import Masking
from transom.web.model.watched import _Seer
from transom.wire.tap import Side

# A literal field that is not compressed (RFC 7541 §6.2.2): no line of text, so nothing that masks it would find it.
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x0dauthorization\x0bBasic c2VjcmV0"


def test_http2_without_tls_is_not_followed_in_a_masked_page(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "t.pcapng", [(Side.CLIENT, HTTP2)])
    for kind in ("masked", "without-keys"):
        page = opened(trace, kind)
        found = follow(page.context(0, page.views[0]))
        assert (found["withheld"], found["said"]) == (True, [])
    page = opened(trace, "with-secrets")
    assert HTTP2.hex() in str(follow(page.context(0, page.views[0]))["said"])


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_without_keys_names_no_option_that_it_could_not_have(tmp_path: Path, lang: Lang) -> None:
    """`--include-secrets` beside `--without-keys` is refused: it is the one in the place of the other that helps."""
    trace = write_trace(tmp_path / "t.pcapng", [(Side.CLIENT, HTTP2)])
    about: dict[str, Any] = {
        "masked": opened(trace).about(),
        "without-keys": opened(trace, "without-keys").about(),
    }
    for key in ("page.digest.masked", "page.digest.unseen", "page.follow.withheld"):
        told = {kind: about[kind]["words"][lang][key] for kind in about}
        assert "--include-secrets" in told["masked"], key
        assert "--without-keys" not in told["masked"], key
        assert told["without-keys"] == words(lang).say(key.replace("page.", "page.without_keys.")), key
        assert {"--include-secrets", "--without-keys"} <= set(told["without-keys"].split()), key


def test_what_two_ways_brought_is_told_with_the_option_that_helps(tmp_path: Path) -> None:
    body = b'{"user": "kim", "pin": "4071"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    wire = [(Side.CLIENT, b"GET /f.json HTTP/1.1\r\nHost: h\r\n\r\n"), (Side.SERVER, head + body)]
    page = opened(write_trace(tmp_path / "t.pcapng", wire), "without-keys")
    told = encode(page.answer("conversations/0/without-keys/compare/0"))
    assert words("en").say("page.without_keys.digest.masked") in told


def test_a_hole_in_the_name_of_a_field_hides_what_follows() -> None:
    seer = _Seer("with-keys", 0, Looking(), Passing())
    seer._hear(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: h\r\nCoo")
    seer.take(Problem(Moment(0), Side.CLIENT, "lost-bytes", Sentence(""), Sentence("")))
    seer._hear(Side.CLIENT, b"secret\r\nX: y\r\n")
    shown = Masking().said(list(seer.seen.plaintext.pieces()))
    assert shown[Side.CLIENT] == b"GET / HTTP/1.1\r\nHost: h\r\nCoo******\r\n****\r\n"
