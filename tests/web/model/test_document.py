from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.dissect.told import write_trace
from tests.web.many import capture
from tests.web.pages import opened
from transom.web.model.document import document
from transom.web.model.mask import Masking
from transom.web.model.said import Piece
from transom.wire.tap import Side

ASKED = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_what_was_said_is_masked_once_however_many_steps_show_parts_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Masking.said
    calls = 0

    def counted(masking: Masking, pieces: Sequence[Piece], tls_from: Mapping[Side, int] | None = None) -> Any:
        nonlocal calls
        calls += 1
        return said(masking, pieces, tls_from)

    monkeypatch.setattr(Masking, "said", counted)
    trace = write_trace(tmp_path / "t.pcapng", [(Side.CLIENT, ASKED), (Side.SERVER, ANSWERED)] * 20)
    found = document(opened(trace, "without-keys"))
    assert str(found).count("9112 §3'") >= 20
    assert calls <= 4


def test_what_a_report_has_in_full_is_what_is_odd_and_of_that_the_first_steps_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has all; every hundredth of these ends in the middle of its answer."""
    monkeypatch.setattr("transom.web.model.document.MOST_CHOSEN", 3)
    monkeypatch.setattr("transom.web.model.document.MOST_STEPS", 1)
    found: Any = document(opened(capture(tmp_path / "many.pcapng", 210)))
    assert sorted(found["about"]["chosen"]) == [0, 100, 200]
    assert found["about"]["conversations"] == 210
    assert found["about"]["steps"] == 1
    addresses = [address.split("/") for address in found["answers"]]
    assert {int(number) for _, number, *_ in addresses} == {0, 100, 200}
    steps = [(number, view) for _, number, view, name, *_ in addresses if name == "step"]
    assert len(steps) == len(set(steps)) == 6
    assert {(number, view) for _, number, view, name, *_ in addresses if name == "place"} == set(steps)
