from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.capture.build import (
    ACK,
    CLIENT,
    FIN,
    RST,
    SERVER,
    START,
    SYN,
    Recorder,
    Talk,
    ethernet,
    pcap,
    read_bytes,
    tcp,
)
from transom.capture.conversation import Conversation
from transom.capture.stream import HOLD_ACKNOWLEDGED
from transom.capture.tcp import read_conversations
from transom.wire.tap import Side


def from_client(seq: int, payload: bytes = b"", ack: int = 5001, flags: int = ACK) -> bytes:
    return ethernet(tcp(CLIENT, SERVER, seq, ack, flags, payload))


def from_server(seq: int, payload: bytes = b"", ack: int = 1001, flags: int = ACK) -> bytes:
    return ethernet(tcp(SERVER, CLIENT, seq, ack, flags, payload))


def test_a_whole_conversation_is_told_in_order(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, pcap(Talk().open().ask(b"one").answer(b"two").ask(b"three").close().frames))
    (tap,) = reading.taps
    assert [event[0] if event[0] == "opened" else event for event in tap.events] == [
        "opened",
        ("data", Side.CLIENT, b"one"),
        ("data", Side.SERVER, b"two"),
        ("data", Side.CLIENT, b"three"),
        ("closed", Side.SERVER, "fin"),
        ("closed", Side.CLIENT, "fin"),
    ]
    assert tap.packets == [4, 5, 6]
    (conversation,) = reading.summary.conversations
    assert conversation is tap.conversation
    assert str(conversation.endpoints.client) == "192.0.2.1:40000"
    assert str(conversation.endpoints.server) == "192.0.2.2:80"
    assert (conversation.client_bytes, conversation.server_bytes, conversation.missing_bytes) == (8, 3, 0)
    assert (conversation.opening, conversation.packets) == ("syn", 9)


def test_conversations_are_numbered_in_order_of_first_packet(tmp_path: Path) -> None:
    second = Talk(client=("192.0.2.9", 7)).open().ask(b"second")
    first = Talk().open().ask(b"first")
    frames = [frame for pair in zip(first.frames, second.frames, strict=True) for frame in pair]
    reading = read_bytes(tmp_path, pcap(frames))
    assert [bytes(tap.streams[Side.CLIENT]) for tap in reading.taps] == [b"first", b"second"]
    assert [conversation.number for conversation in reading.summary.conversations] == [0, 1]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("first_seq", [1000, 2**32 - 30_000])
def test_shuffled_doubled_and_overlapping_segments_give_the_stream_that_was_sent(
    tmp_path: Path, seed: int, first_seq: int
) -> None:
    chance = random.Random(seed)
    sent = chance.randbytes(60_000)
    pieces: list[tuple[int, int]] = []
    at = 0
    while at < len(sent):
        size = chance.randint(1, 2000)
        pieces.append((max(0, at - chance.choice([0, 0, 0, 300])), min(at + size, len(sent))))
        at += size
    pieces += chance.sample(pieces, len(pieces) // 4)
    shuffled = sorted(range(len(pieces)), key=lambda i: pieces[i][0] + chance.randint(0, 15_000))
    talk = Talk(server_seq=first_seq).open()
    base = talk.server_seq
    for i in shuffled:
        begin, end = pieces[i]
        talk.frames.append(from_server(base + begin, sent[begin:end]))
    talk.server_seq += len(sent)
    reading = read_bytes(tmp_path, pcap(talk.ack_from_client().close().frames))
    (tap,) = reading.taps
    assert bytes(tap.streams[Side.SERVER]) == sent
    assert reading.summary.conversations[0].server_bytes == len(sent)
    assert tap.losses(Side.SERVER) == []
    assert tap.times[Side.SERVER] == sorted(tap.times[Side.SERVER])
    assert tap.events[-2:] == [("closed", Side.SERVER, "fin"), ("closed", Side.CLIENT, "fin")]


@pytest.mark.parametrize("seed", range(10))
def test_dropped_segments_are_holes_of_their_exact_place_and_size(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sent = chance.randbytes(50_000)
    dropped = set(chance.sample(range(50), 7))
    talk = Talk().open()
    for i in range(50):
        talk.answer(sent[i * 1000 : (i + 1) * 1000])
        if i in dropped:
            talk.frames.pop()
    reading = read_bytes(tmp_path, pcap(talk.ack_from_client().close().frames))
    rebuilt = bytearray()
    expected = bytearray()
    for event in reading.taps[0].events:
        if event[:2] == ("data", Side.SERVER):
            assert isinstance(event[2], bytes)
            rebuilt += event[2]
        elif event[:2] == ("lost", Side.SERVER):
            assert isinstance(event[2], int)
            rebuilt += b"\0" * event[2]
    for i in range(50):
        expected += bytes(1000) if i in dropped else sent[i * 1000 : (i + 1) * 1000]
    assert rebuilt == expected
    assert reading.summary.conversations[0].server_missing == 7000


def test_what_was_acknowledged_but_never_captured_at_the_end_is_lost(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"x" * 500).answer(b"y" * 700)
    talk.frames.pop()
    reading = read_bytes(tmp_path, pcap(talk.ack_from_client().frames))
    assert reading.taps[0].losses(Side.SERVER) == [700]


def test_an_acknowledged_end_that_was_not_captured_is_no_lost_byte(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"x" * 500)
    talk.server_seq += 1
    reading = read_bytes(tmp_path, pcap(talk.ack_from_client().frames))
    assert reading.summary.conversations[0].missing_bytes == 0


def test_an_acknowledgement_captured_before_its_data_loses_nothing(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"a" * 100).answer(b"b" * 100).ack_from_client().answer(b"c" * 100)
    late = talk.frames.pop(3)
    talk.frames.insert(6, late)
    reading = read_bytes(tmp_path, pcap(talk.close().frames))
    assert bytes(reading.taps[0].streams[Side.SERVER]) == b"a" * 100 + b"b" * 100 + b"c" * 100
    assert reading.summary.conversations[0].missing_bytes == 0


def test_an_acknowledged_gap_is_given_up_when_much_is_held_behind_it(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"lost")
    talk.frames.pop()
    pieces = HOLD_ACKNOWLEDGED // 60_000 + 2
    for _ in range(pieces):
        talk.answer(bytes(60_000)).ack_from_client()
    talk.ask(b"still going")
    reading = read_bytes(tmp_path, pcap(talk.frames))
    (tap,) = reading.taps
    assert tap.losses(Side.SERVER) == [4]
    assert tap.events.index(("lost", Side.SERVER, 4)) < tap.events.index(("data", Side.CLIENT, b"still going"))
    assert len(tap.streams[Side.SERVER]) == pieces * 60_000


def test_segments_held_in_all_conversations_together_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transom.capture.tcp.HOLD_IN_ALL", 3000)
    frames: list[bytes] = []
    for port in (1, 2, 3):
        talk = Talk(client=("192.0.2.1", port)).open().answer(b"lost")
        talk.frames.pop()
        frames += talk.answer(bytes(1000)).frames
    last = Talk(client=("192.0.2.1", 4)).open().ask(b"last")
    path = tmp_path / "capture"
    path.write_bytes(pcap(frames + last.frames))
    taps: list[Recorder] = []
    given_up_before_the_last: list[list[int]] = []

    def tap_for(conversation: Conversation) -> Recorder:
        taps.append(Recorder(conversation))
        if conversation.number == 3:
            given_up_before_the_last.extend(tap.losses(Side.SERVER) for tap in taps)
        return taps[-1]

    read_conversations(path, tap_for)
    assert given_up_before_the_last == [[4], [], [], []]
    assert [tap.losses(Side.SERVER) for tap in taps] == [[4], [4], [4], []]


def test_sequence_numbers_wrap_around(tmp_path: Path) -> None:
    talk = Talk(client_seq=2**32 - 3, server_seq=2**32 - 1).open().ask(b"abcdefgh").answer(b"12345678").close()
    reading = read_bytes(tmp_path, pcap(talk.frames))
    (tap,) = reading.taps
    assert bytes(tap.streams[Side.CLIENT]) == b"abcdefgh"
    assert bytes(tap.streams[Side.SERVER]) == b"12345678"
    assert [event[0] for event in tap.events[-2:]] == ["closed", "closed"]


def test_a_segment_from_nowhere_near_the_stream_is_not_part_of_it(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"here")
    talk.frames.append(from_client(talk.client_seq + 2**31 - 5, b"far away"))
    reading = read_bytes(tmp_path, pcap(talk.ask(b" and on").frames))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"here and on"
    assert reading.summary.conversations[0].missing_bytes == 0
    (problem,) = reading.summary.problems
    assert (problem.code, problem.where) == ("segment-stray", "packet 5")


def test_nothing_follows_the_end_of_a_side(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"ask").close().ask(b"after the end")
    tap = read_bytes(tmp_path, pcap(talk.frames)).taps[0]
    assert bytes(tap.streams[Side.CLIENT]) == b"ask"
    assert tap.events[-1] == ("closed", Side.CLIENT, "fin")


def test_data_inside_a_syn_is_the_first_of_the_stream(tmp_path: Path) -> None:
    frames = [from_client(1000, b"early", 0, SYN), from_server(5000, b"", 1006, SYN | ACK), from_client(1006, b" late")]
    assert bytes(read_bytes(tmp_path, pcap(frames)).taps[0].streams[Side.CLIENT]) == b"early late"


def test_keep_alive_probes_are_no_data(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"one")
    talk.frames += [from_client(talk.client_seq - 1, b"e"), from_client(talk.client_seq - 1)]
    reading = read_bytes(tmp_path, pcap(talk.ask(b"two").frames))
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"onetwo"


def test_a_keep_alive_probe_before_everything_is_no_hole(tmp_path: Path) -> None:
    frames = [from_client(999, b""), from_server(5001, b"", 1000), from_client(1000, b"data")]
    reading = read_bytes(tmp_path, pcap(frames))
    assert reading.summary.conversations[0].missing_bytes == 0


def test_without_the_opening_the_stream_begins_with_the_first_segment(tmp_path: Path) -> None:
    frames = [from_server(7000, b"", 3000), from_client(3000, b"GET"), from_server(9000, b"answer", 3003)]
    reading = read_bytes(tmp_path, pcap(frames))
    (tap,) = reading.taps
    assert (bytes(tap.streams[Side.CLIENT]), bytes(tap.streams[Side.SERVER])) == (b"GET", b"answer")
    assert reading.summary.conversations[0].missing_bytes == 0
    assert tap.events[0][2] == 1


def test_the_client_is_who_sent_the_syn(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"220 hello")
    conversation = read_bytes(tmp_path, pcap(talk.frames)).summary.conversations[0]
    assert (conversation.opening, conversation.endpoints.client.port) == ("syn", 40000)


def test_else_the_client_is_who_was_sent_the_syn_ack(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"220 hello")
    conversation = read_bytes(tmp_path, pcap(talk.frames[1:])).summary.conversations[0]
    assert (conversation.opening, conversation.endpoints.client.port) == ("syn-ack", 40000)
    assert (conversation.server_bytes, conversation.missing_bytes) == (9, 0)


def test_else_the_client_is_who_sent_the_first_payload(tmp_path: Path) -> None:
    frames = [from_server(5001), from_client(1001, b"GET"), from_server(5001, b"200", 1004)]
    conversation = read_bytes(tmp_path, pcap(frames)).summary.conversations[0]
    assert (conversation.opening, conversation.endpoints.client.port) == ("payload", 40000)


def test_a_conversation_of_bare_acknowledgements_is_told_all_the_same(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, pcap([from_server(5001), from_client(1001)]))
    assert reading.summary.conversations[0].opening == "none"
    assert [event[0] for event in reading.taps[0].events] == ["opened"]


def test_an_opening_captured_out_of_order_is_one_conversation(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"ask")
    talk.frames[0], talk.frames[1] = talk.frames[1], talk.frames[0]
    reading = read_bytes(tmp_path, pcap(talk.frames))
    assert len(reading.taps) == 1
    assert bytes(reading.taps[0].streams[Side.CLIENT]) == b"ask"


def test_a_syn_sent_again_does_not_begin_another_conversation(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"ask")
    reading = read_bytes(tmp_path, pcap([talk.frames[0], *talk.frames]))
    assert len(reading.taps) == 1


def test_a_new_syn_between_the_same_ports_begins_another_conversation(tmp_path: Path) -> None:
    first, second = Talk().open().ask(b"first").close(), Talk(client_seq=77, server_seq=88).open().ask(b"second")
    reading = read_bytes(tmp_path, pcap(first.frames + second.frames))
    assert [bytes(tap.streams[Side.CLIENT]) for tap in reading.taps] == [b"first", b"second"]


def test_a_reset_closes_the_side_that_sent_it(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, pcap(Talk().open().ask(b"ask").reset_by_server().frames))
    assert reading.taps[0].events[-1] == ("closed", Side.SERVER, "reset")
    assert [event[0] for event in reading.taps[0].events].count("closed") == 1


def test_a_reset_in_answer_to_the_syn_is_a_refusal_however_often_it_is_sent(tmp_path: Path) -> None:
    frames = [from_client(10, b"", 0, SYN), from_server(0, b"", 11, RST | ACK)]
    (tap,) = read_bytes(tmp_path, pcap(frames * 3)).taps
    assert tap.events == [("opened", START, 1), ("closed", Side.SERVER, "refused")]
    assert tap.times[Side.SERVER] == [START + 1000]


def test_data_within_a_syn_that_is_refused_was_sent_all_the_same(tmp_path: Path) -> None:
    frames = [from_client(10, b"early", 0, SYN), from_server(0, b"", 11, RST | ACK)]
    (tap,) = read_bytes(tmp_path, pcap(frames)).taps
    assert tap.events[1:] == [("data", Side.CLIENT, b"early"), ("closed", Side.SERVER, "refused")]


@pytest.mark.parametrize("given_up", [False, True])
def test_a_syn_that_is_sent_again_and_again_and_answered_by_nobody_is_unanswered(
    tmp_path: Path, *, given_up: bool
) -> None:
    frames = [from_client(10, b"", 0, SYN)] * 3 + [from_client(11, b"", 0, RST)] * given_up
    (tap,) = read_bytes(tmp_path, pcap(frames)).taps
    assert tap.events[-1] == ("closed", Side.SERVER, "unanswered")
    assert [event[0] for event in tap.events].count("closed") == 1 + given_up


@pytest.mark.parametrize("answer", ["syn-ack", "ack", "syn"])
def test_after_any_answer_a_reset_is_a_reset_and_silence_is_silence(tmp_path: Path, answer: str) -> None:
    """Also where no more of the answer was captured than that the client had it."""
    answers = {
        "syn-ack": from_server(20, b"", 11, SYN | ACK),
        "ack": from_client(11, b"", 21, ACK),
        "syn": from_server(20, b"", 0, SYN),
    }
    frames = [from_client(10, b"", 0, SYN), answers[answer]]
    (tap,) = read_bytes(tmp_path, pcap(frames)).taps
    assert [event[0] for event in tap.events] == ["opened"]
    (tap,) = read_bytes(tmp_path, pcap([*frames, from_server(21, b"", 11, RST | ACK)])).taps
    assert tap.events[1:] == [("closed", Side.SERVER, "reset")]


def test_a_reset_after_the_end_does_not_close_twice(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"ask").close().reset_by_server()
    events = [event for event in read_bytes(tmp_path, pcap(talk.frames)).taps[0].events if event[0] == "closed"]
    assert events == [("closed", Side.SERVER, "fin"), ("closed", Side.CLIENT, "fin")]


def test_an_end_captured_before_the_last_data_waits_for_it(tmp_path: Path) -> None:
    talk = Talk().open().answer(b"first").answer(b"last")
    late = talk.frames.pop()
    talk.close().frames.append(late)
    events = read_bytes(tmp_path, pcap(talk.frames)).taps[0].events
    assert events[-2:] == [("data", Side.SERVER, b"last"), ("closed", Side.SERVER, "fin")]


def test_the_acknowledgement_in_a_reset_proves_nothing(tmp_path: Path) -> None:
    talk = Talk().open().ask(b"ask")
    talk.frames.append(from_server(talk.server_seq, b"", talk.client_seq + 5000, RST | ACK))
    assert read_bytes(tmp_path, pcap(talk.frames)).summary.conversations[0].missing_bytes == 0


def test_a_side_that_only_ends_is_closed(tmp_path: Path) -> None:
    frames = [from_client(10, b"", 20, FIN | ACK), from_server(20, b"", 11, FIN | ACK)]
    reading = read_bytes(tmp_path, pcap(frames))
    assert [event[0] for event in reading.taps[0].events] == ["opened", "closed", "closed"]


def test_stragglers_of_a_finished_conversation_are_only_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transom.capture.source.WINDOW", 100)
    talk = Talk().open().ask(b"ask").close()
    others = [ethernet(tcp(("192.0.2.7", 7), SERVER, 1 + i, 1, ACK, b"x")) for i in range(20)]
    straggler = from_server(5001 + 100, b"too late")
    reading = read_bytes(tmp_path, pcap([*talk.frames, *others, straggler]))
    assert reading.summary.conversations[0].packets == len(talk.frames) + 1
    assert reading.summary.conversations[0].server_bytes == 0
