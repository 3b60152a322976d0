"""`transom read`: captures and traces, in every form, with the keys and without; what it says of damage."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jsonschema import Draft202012Validator

from tests.dissect.test_flow import DIGEST, FILE, REQUEST, RESPONSE, STATIC_RSA, TLS12, TLS13, crossing
from tests.dissect.told import ENDPOINTS, START, ZEEK, write_trace
from tests.http.h2.made import Talker, client_preface, get, server_preface
from tests.tls.shuttle import identity, local_ca
from transom.cli.main import run
from transom.cli.show.layout import width
from transom.cli.words import words
from transom.dissect import tls_view
from transom.tls import observer
from transom.trust.identity import private_key_pem
from transom.wire.tap import Side

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "json-lines.schema.json").read_text())

Capsys = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def trace(path: Path, spoken: Any, *, secrets: bool = True) -> Path:
    """A crossing as a trace; and its key log beside it."""
    wire, keys = crossing(spoken)
    write_trace(path, wire, keys.lines() if secrets else ())
    path.with_suffix(".keys").write_text("".join(keys.lines()))
    return path


def read(capsys: Capsys, *arguments: object) -> tuple[int, str, str]:
    code = run(["read", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def objects(text: str) -> list[dict[str, Any]]:
    validator = Draft202012Validator(SCHEMA)
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        validator.validate(line)
    return lines


def only(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_a_line_a_conversation_and_the_verdict_last(capsys: Capsys, tmp_path: Path) -> None:
    code, out, err = read(capsys, trace(tmp_path / "t.pcapng", TLS13))
    first, fold, last = out.splitlines()
    assert (code, err) == (0, "")
    assert first.startswith("0  127.0.0.1:50000 → 127.0.0.1:8443  tls  TLSv1.3  localhost  → ")
    assert fold.endswith("  decrypted  its CA is not known here, GET /f.bin 200")
    assert last == "1 conversation, " + last.split(", ")[1] + ", 1 of 1 with TLS decrypted; nothing was lost"


def test_without_keys_the_keys_in_the_trace_are_not_used(capsys: Capsys, tmp_path: Path) -> None:
    path = trace(tmp_path / "t.pcapng", TLS13)
    _, out, _ = read(capsys, path, "--without-keys", "--keylog", path.with_suffix(".keys"))
    assert "  sealed (no keys)" in out
    assert "f.bin" not in out


def test_a_key_log_beside_the_capture_opens_it(capsys: Capsys, tmp_path: Path) -> None:
    path = trace(tmp_path / "t.pcapng", TLS12, secrets=False)
    assert "sealed (no keys)" in read(capsys, path)[1]
    assert "GET /f.bin 200" in read(capsys, path, "--keylog", path.with_suffix(".keys"))[1]


def test_a_chain_is_judged_by_the_roots_that_are_given(capsys: Capsys, tmp_path: Path) -> None:
    path = trace(tmp_path / "t.pcapng", TLS12)
    (tmp_path / "root.pem").write_bytes(local_ca().certificate_pem)
    assert "its CA is not known here" in read(capsys, path)[1]
    assert "chain ✓" in read(capsys, path, "--cacert", tmp_path / "root.pem")[1]


def test_the_servers_private_key_opens_static_rsa(capsys: Capsys, tmp_path: Path) -> None:
    path = trace(tmp_path / "t.pcapng", STATIC_RSA, secrets=False)
    key = identity("rsa").private_key
    assert isinstance(key, RSAPrivateKey)
    (tmp_path / "key.pem").write_bytes(private_key_pem(key))
    assert "GET /f.bin 200" in read(capsys, path, "--private-key", tmp_path / "key.pem")[1]


def test_json_has_every_line_of_a_transfer_and_fits_the_schema(capsys: Capsys, tmp_path: Path) -> None:
    code, out, _ = read(capsys, trace(tmp_path / "t.pcapng", TLS12), "--json")
    lines = objects(out)
    assert code == 0
    steps = [line["step"] for line in only(lines, "message") if line["name"] != "Alert"]
    assert steps == [1, 2, 3, 4, 5, 6, 7, 8, 7, 8, 9, 9]
    (http,) = only(lines, "http")
    assert (http["method"], http["authority"], http["path"], http["status"]) == ("GET", "localhost:8443", "/f.bin", 200)
    assert (http["response_body_bytes"], http["response_sha256"], http["complete"]) == (len(FILE), DIGEST, True)
    (tls,) = only(lines, "tls")
    assert (tls["decrypted"], tls["why_not"], tls["alpn"], tls["sni"]) == ("full", None, "http/1.1", "localhost")
    assert tls["certificates"][0]["subject"] == "CN=localhost"
    assert tls["verdict"] == "unknown_ca"
    (conversation,) = only(lines, "conversation")
    assert (conversation["client"], conversation["missing_bytes"]) == ("127.0.0.1:50000", 0)
    assert f'"start":{START // 10**9}.000000000' in out
    data = [line for line in only(lines, "message") if line["name"] == "ApplicationData"]
    assert [(line["from"], line["length"]) for line in data] == [("client", len(REQUEST)), ("server", len(RESPONSE))]


@pytest.mark.parametrize("name", ["get.pcap", "hrr.pcap", "client-certificate.pcap", "entity_gap.pcap"])
def test_json_of_a_capture_fits_the_schema(capsys: Capsys, name: str) -> None:
    lines = objects(read(capsys, ZEEK / name, "--json")[1])
    assert len(only(lines, "conversation")) == 1


def test_lost_bytes_are_named_and_the_exit_code_is_18(capsys: Capsys) -> None:
    code, out, _ = read(capsys, ZEEK / "entity_gap.pcap")
    assert code == 18
    assert out.splitlines()[1].startswith("   1,448 bytes are missing")
    assert "! lost-bytes  0, server stream, byte 1448: 1,448 bytes were sent and never captured" in out
    assert out.splitlines()[-1].endswith("; 1,448 bytes were lost")


def test_tree_tells_step_0_only_where_a_certificate_was_seen(capsys: Capsys, tmp_path: Path) -> None:
    whole = trace(tmp_path / "whole.pcapng", TLS12)
    assert read(capsys, whole, "--tree")[1].count("0  The CA signed") == 1
    hello = crossing(TLS12)[0][0]
    refused = write_trace(tmp_path / "t.pcapng", [hello, (Side.SERVER, bytes.fromhex("15 0303 0002 0228"))])
    assert "The CA signed" not in read(capsys, refused, "--tree")[1]


def test_a_fatal_alert_is_named_in_the_row_and_in_the_packet_list(capsys: Capsys, tmp_path: Path) -> None:
    hello = crossing(TLS12)[0][0]
    path = write_trace(tmp_path / "t.pcapng", [hello, (Side.SERVER, bytes.fromhex("15 0303 0002 0228"))])
    _, out, _ = read(capsys, path)
    assert "  open  " in out or "  open\n" in out
    assert "alert handshake_failure (40) from the server" in out
    assert "decrypted" not in out.splitlines()[-1]
    assert "Alert (fatal handshake_failure)" in read(capsys, path, "--packets")[1]
    assert "서버의 alert handshake_failure (40)" in read(capsys, path, "--lang", "ko")[1]


def test_a_capture_of_udp_says_that_it_was_not_looked_into(capsys: Capsys, tmp_path: Path) -> None:
    ip = bytes.fromhex("4500 0020 0000 0000 4011 0000 7f000001 7f000001")
    packet = bytes(12) + b"\x08\x00" + ip + bytes.fromhex("1451 01bb 000c 0000") + b"quic"
    header = bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000")
    record = bytes(8) + len(packet).to_bytes(4, "little") * 2 + packet
    (tmp_path / "udp.pcap").write_bytes(header + record * 3)
    _, out, _ = read(capsys, tmp_path / "udp.pcap")
    assert out.splitlines() == ["3 UDP packets were not looked into", "0 conversations, 3 packets; nothing was lost"]


def test_http2_is_a_row_with_what_was_asked_and_a_packet_with_its_first_line(capsys: Capsys, tmp_path: Path) -> None:
    wire = [
        (Side.CLIENT, client_preface() + Talker().headers(1, get("/f.bin"), ends=True)),
        (Side.SERVER, server_preface() + Talker().headers(1, [(":status", "200")], ends=True)),
    ]
    path = write_trace(tmp_path / "t.pcapng", wire)
    assert "http2" in read(capsys, path)[1]
    assert "GET /f.bin 200" in read(capsys, path)[1]
    shown = read(capsys, path, "--packets")[1]
    assert "GET /f.bin HTTP/2" in shown
    assert "HTTP/2 200" in shown


def test_every_reason_why_nothing_opens_has_its_words() -> None:
    sources = [Path(module.__file__ or "").read_text() for module in (observer, tls_view)]
    codes = {code for source in sources for code in re.findall(r'"([a-z]+(?:-[a-z]+)+|truncated)"', source)}
    assert "no-keys" in codes
    assert sorted(code for code in codes if f"why_not.{code}" not in words("en").texts) == []


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_row_is_wider_than_80_columns_off_a_terminal(capsys: Capsys, tmp_path: Path, lang: str) -> None:
    _, out, _ = read(capsys, trace(tmp_path / "t.pcapng", TLS12), "--lang", lang)
    assert max(width(line) for line in out.splitlines()) <= 80


def test_tree_shows_each_field_and_each_proof(capsys: Capsys, tmp_path: Path) -> None:
    code, out, _ = read(capsys, trace(tmp_path / "t.pcapng", TLS12), "--tree")
    assert code == 0
    for line in (
        "TLSv1.2 Record Layer: Handshake Protocol: Server Hello",
        "Cipher Suite: TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (0xc030)",
        "Server Name: localhost",
        "GET /f.bin · HTTP/1.1 · localhost:8443",
    ):
        assert line in out


def test_packets_are_numbered_as_wireshark_numbers_them(capsys: Capsys) -> None:
    _, out, _ = read(capsys, ZEEK / "get.pcap", "--packets")
    rows = [line.split(None, 2) for line in out.splitlines()[:-1]]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 15)]
    assert rows[0][1] == "0.000000"
    assert rows[3][2].endswith("HTTP      136  GET /download/CHANGES.bro-aux.txt HTTP/1.1")
    assert rows[1][2].endswith("[SYN, ACK] Seq=0 Ack=1")


def test_follow_shows_the_decrypted_words_of_both_sides(capsys: Capsys, tmp_path: Path) -> None:
    _, out, err = read(capsys, trace(tmp_path / "t.pcapng", TLS13), "--follow", 0)
    assert out.startswith("── C → S ──\nGET /f.bin HTTP/1.1\nHost: localhost:8443\n\n── C ← S ──\nHTTP/1.1 200 OK\n")
    assert "\x1b" not in out
    assert not err


def test_follow_on_the_wire_marks_what_can_be_read(capsys: Capsys, tmp_path: Path) -> None:
    _, out, err = read(capsys, trace(tmp_path / "t.pcapng", TLS13), "--follow", 0, "--on-the-wire")
    assert "[localhost]" in out
    assert "[http/1.1]" in out
    assert "GET" not in out
    assert not err


def test_follow_without_keys_shows_the_wire_and_says_so(capsys: Capsys, tmp_path: Path) -> None:
    _, out, err = read(capsys, trace(tmp_path / "t.pcapng", TLS12), "--follow", 0, "--without-keys")
    assert "[localhost]" in out
    assert "(no keys)" in err


def test_follow_raw_is_every_byte_and_nothing_else(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    path = trace(tmp_path / "t.pcapng", TLS13)
    assert run(["read", str(path), "--follow", "0", "--as", "raw"]) == 0
    assert capsysbinary.readouterr().out == REQUEST + RESPONSE
    assert run(["read", str(path), "--follow", "0", "--as", "raw", "--on-the-wire"]) == 0
    assert capsysbinary.readouterr().out == b"".join(data for _, data in crossing_of(path))


def crossing_of(path: Path) -> list[tuple[Side, bytes]]:
    """What tshark finds in the trace: segments in order."""
    command = ["tshark", "-r", str(path), "-T", "fields", "-e", "tcp.srcport", "-e", "tcp.payload", "-Y", "tcp.len>0"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    ports = {str(ENDPOINTS.client.port): Side.CLIENT, str(ENDPOINTS.server.port): Side.SERVER}
    return [(ports[port], bytes.fromhex(payload)) for port, payload in (row.split("\t") for row in rows)]


def test_follow_hex_has_the_offsets_of_each_side(capsys: Capsys) -> None:
    _, out, _ = read(capsys, ZEEK / "get.pcap", "--follow", 0, "--as", "hex")
    assert "00000000  47 45 54 20 2f 64 6f 77  6e 6c 6f 61 64 2f 43 48  GET /download/CH" in out
    assert "    00000000  48 54 54 50 2f 31 2e 31  20 32 30 30 20 4f 4b 0d  HTTP/1.1 200 OK." in out


def test_korean_is_chosen_by_option(capsys: Capsys) -> None:
    assert read(capsys, ZEEK / "get.pcap", "--lang", "ko")[1].splitlines()[-1] == "대화 1개, 패킷 14개; 누락 없음"


def test_a_capture_can_come_through_a_pipe() -> None:
    command = [sys.executable, "-m", "transom", "read", "-"]
    done = subprocess.run(command, input=(ZEEK / "get.pcap").read_bytes(), capture_output=True, check=True)
    assert b"1 conversation, 14 packets; nothing was lost" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such-file"], 26, "no-such-file"),
        ([__file__], 26, "no capture"),
        ([ZEEK / "get.pcap", "--keylog", "no-such-log"], 26, "no-such-log"),
        ([ZEEK / "get.pcap", "--keylog", __file__], 2, "no key-log line in it"),
        ([ZEEK / "get.pcap", "--cacert", "no-such-roots"], 2, "no-such-roots"),
        (["/dev/null"], 26, "/dev/null: no capture"),
        ([ZEEK / "get.pcap", "--private-key", __file__], 2, "no private key"),
        ([ZEEK / "get.pcap", "--as", "hex"], 2, "--follow"),
        ([ZEEK / "get.pcap", "--on-the-wire"], 2, "--follow"),
        ([ZEEK / "get.pcap", "--follow", 1], 2, "the capture has 1"),
        ([ZEEK / "get.pcap", "--follow", -1], 2, "counted from 0"),
        ([ZEEK / "get.pcap", "--tree", "--json"], 2, "not allowed with"),
        ([ZEEK / "get.pcap", "--lang", "fr"], 2, "en or ko"),
        ([ZEEK / "get.pcap", "--fol", 0], 2, "unrecognized"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_its_code(
    capsys: Capsys, arguments: list[object], code: int, said: str
) -> None:
    got, out, err = read(capsys, *arguments)
    assert got == code
    assert said in err
    assert not out
    assert "Traceback" not in err


def test_every_cut_of_a_capture_gives_a_clear_result(capsys: Capsys, tmp_path: Path) -> None:
    whole = (ZEEK / "get.pcap").read_bytes()
    path = tmp_path / "cut.pcap"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        code, out, err = read(capsys, path, "--json")
        if length < 24:
            assert (code, out) == (26, "")
            assert err.startswith("transom: ")
            continue
        lines = objects(out)
        cut = any(line["code"] == "file-truncated" for line in only(lines, "problem"))
        lost = any(line["missing_bytes"] for line in only(lines, "conversation"))
        assert code == (18 if cut or lost else 0)
        assert not err


def test_what_a_peer_wrote_cannot_command_the_terminal(capsys: Capsys, tmp_path: Path) -> None:
    path = tmp_path / "hostile.pcapng"
    request = b"GET /a HTTP/1.1\r\nHost: a\r\nX: \x80\x9b31m\r\n\r\n"
    answer = b"HTTP/1.1 200 \x9b31mOK\r\nContent-Length: 4\r\n\r\n\x1b[2J"
    write_trace(path, [(Side.CLIENT, request), (Side.SERVER, answer)])
    for form in ([], ["--tree"], ["--packets"], ["--json"], ["--follow", "0"], ["--follow", "0", "--as", "hex"]):
        _, out, err = read(capsys, path, *form)
        assert "\x1b" not in out + err
        assert "\x9b" not in out + err
