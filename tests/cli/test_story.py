"""The four journeys, from four real crossings in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.crossing import CARRIED, journey
from tests.cli.screen import Screen
from transom.cli.show.layout import width
from transom.cli.show.story import SentUp, Story
from transom.cli.words import Lang, words
from transom.dissect.journey import Journey, Kind
from transom.dissect.timeline import HttpBody, Message

ORDER: tuple[Kind, ...] = ("http", "ecdhe", "rsa", "tls13")


def four() -> list[Journey]:
    return [journey(kind) for kind in ORDER]


def told(journeys: list[Journey], lang: Lang = "en", *, colour: bool = False) -> Screen:
    screen = Screen(colour=colour)
    sent = SentUp(CARRIED, "TLS 1.3", 201, CARRIED.sha256)
    Story(screen.terminal, words(lang), CARRIED).tell(journeys, sent_up=sent)
    return screen


def block(screen: Screen, number: int) -> list[str]:
    start = next(place for place, line in enumerate(screen.lines) if line.startswith(f"{number}  "))
    end = screen.lines.index("", start)
    return screen.lines[start:end]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_story_fits_in_80_columns_and_a_screen_and_a_half(lang: Lang) -> None:
    lines = told(four(), lang).lines
    assert [line for line in lines if width(line) > 80] == []
    assert len(lines) <= 75


def test_over_http_the_third_party_reads_the_request_and_keeps_the_file() -> None:
    lines = block(told(four()), 1)
    assert lines[1] == "   they read   GET /picture.bin HTTP/1.1   Host: localhost:40871"
    assert lines[2] == "   they keep   picture.bin, SHA-256 7daca2…e4c2   ← the file itself"


def test_the_nine_steps_of_tls12_stand_in_order_with_sender_size_and_reader() -> None:
    rows = [line.split()[:4] for line in block(told(four()), 2) if line[3:4].isdigit()]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "7", "8", "9"]
    assert [row[2] for row in rows[1:]] == ["→", "←", "←", "←", "←", "→", "→", "→", "←", "←", "⇄"]
    sealed = [line for line in block(told(four()), 2) if "  sealed" in line]
    assert [line.split()[0] for line in sealed] == ["8", "8", "9"]


def test_the_sizes_are_those_of_the_messages() -> None:
    sizes = {
        message.name: f" {message.length + 4:,} B "
        for message in journey("ecdhe").messages
        if message.frame is not None
    }
    lines = block(told(four()), 2)
    for name, size in sizes.items():
        assert any(name in line and size in line for line in lines), name


def test_static_rsa_shows_only_what_differs() -> None:
    lines = block(told(four()), 3)
    assert lines[1].split(maxsplit=2) == ["4", "ServerKeyExchange", "not sent: the certificate's own key is used"]
    assert "ClientKeyExchange" in lines[2]
    assert "encrypted to the server's public key" in " ".join(" ".join(lines[2:]).split())


def test_in_tls13_all_is_sealed_behind_the_server_hello_and_two_steps_are_gone() -> None:
    lines = block(told(four()), 4)
    readers = {line.split()[0]: "sealed" if "  sealed" in line else "open" for line in lines[1:] if "  C " in line}
    assert {step: readers[step] for step in "12"} == {"1": "open", "2": "open"}
    assert {readers[step] for step in ("+", "3", "4", "8", "9")} == {"sealed"}
    assert lines[-1].strip().startswith("5, 6 gone")


def test_the_table_compares_what_the_observers_saw() -> None:
    screen = told(four())

    def cells(label: str) -> list[str]:
        line = screen.line_with(label)
        return (
            line[29:]
            .replace("the file", "the_file")
            .replace("its size", "its_size")
            .replace("none s", "none_s")
            .split()
        )

    assert cells("third party holds") == ["the_file", "its_size", "its_size", "its_size"]
    assert cells("  certificate  ")[1:] == ["readable", "readable", "hidden"]
    assert cells("server's private key  ") == ["–", "no", "YES", "no"]
    assert cells("bytes on the wire") == [f"{each.wire_bytes:,}" for each in four()]
    assert cells("round trips") == ["1", "3", "3", "2"]
    assert screen.line_with("the same in all four").endswith("✓")


def test_a_file_that_arrived_changed_is_not_called_the_same() -> None:
    journeys = four()
    journeys[3] = replace(journeys[3], arrived_sha256="00" * 32)
    line = told(journeys).line_with("the same in all four")
    assert "differs ✗" in line


def test_a_third_party_that_put_nothing_together_holds_no_file() -> None:
    plain = journey("http")
    items = tuple(item for item in plain.without_keys.items if not isinstance(item, HttpBody))
    journeys = four()
    journeys[0] = replace(plain, without_keys=replace(plain.without_keys, items=items))
    screen = told(journeys)
    assert "they keep" not in screen.text
    assert screen.line_with("third party holds").split()[3:5] == ["its", "size"]


def test_nothing_is_canned() -> None:
    whole = journey("ecdhe")
    items = tuple(
        replace(item, length=4321) if isinstance(item, Message) and item.name == "Certificate" else item
        for item in whole.with_keys.items
    )
    journeys = four()
    journeys[1] = replace(whole, with_keys=replace(whole.with_keys, items=items))
    assert " 4,325 B " in "\n".join(block(told(journeys), 2))


def test_colour_says_who_can_read_it_and_nothing_else() -> None:
    coloured = told(four(), colour=True)
    painted = {part.split("\x1b[0m")[0] for part in coloured.text.split("\x1b[38;5;214m")[1:]}
    assert {"open  ", "the file", "readable", "YES"} <= painted
    assert "\x1b[31m" not in coloured.text


def test_the_file_sent_up_is_told_with_what_the_server_holds() -> None:
    screen = told(four())
    text = " ".join(screen.text.split())
    assert "picture.bin, 65,536 bytes, over TLS 1.3: 201, SHA-256 7daca2…e4c2 ✓" in text
