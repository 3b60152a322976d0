"""The page that answers the study note: what it shows is what the program prints, and bears out what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

import pytest

from tests.pages.note_page import PAGE, TEMPLATE, outputs, prose, said, write_page
from tests.pages.shape import same, shape
from transom.crypto.aead import AES_256_GCM
from transom.crypto.hashes import Hash
from transom.tls.keys.schedule12 import MasterSecret

TEXT = PAGE.read_text("utf-8")

NOTES_HEADINGS = [
    "HTTPS에서 바이너리 전송과정",
    "HTTPS와 HTTP에서 파일 전송과정이 어떻게 돼?",
    "HTTP 파일 전송 과정",
    "HTTPS 파일 전송 과정",
    "HTTP, HTTPS 공통점과 차이점",
    "WireShark를 활용한 HTTP, HTTPS 차이 보기",
    "HTTPS 파일 전송",
    "암호화 검증과정",
    "전송과정",
    "상세 처리 과정",
    "1) Client Hello(Client → Server)",
    "CipherSuite List",
    "Cipher Suite의 구성",
    "2) Server Hello(Server → Client)",
    "3) Certificate (Server → Client)",
    "4) Server Key Exchange(Server → Client)",
    "5) Server hello Done(Server → Client)",
    "6) Client Key Exchange(Client → Server)",
    "7) Change Cipher Spec(Client → Server)",
    "8) Encrypted HandShake Message(Finished)",
    "9) Application Data",
    "정리하자면",
    "참고",
]
"""The note's own, in its order."""


def section(heading: str) -> str:
    """What stands under a heading, up to the next of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def only(pattern: str, text: str) -> str:
    """What the one group of the pattern is, which is the same wherever it stands in the text."""
    (found,) = set(re.findall(pattern, text, re.MULTILINE))
    assert isinstance(found, str)
    return found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page as a run of now makes it."""
    return write_page(tmp_path_factory.mktemp("page"))


def differences(old: str, new: str) -> Iterator[str]:
    if not same(shape(old), shape(new)):
        changed = [pair for pair in zip_longest(shape(old), shape(new)) if pair[0] != pair[1]]
        yield f"{old.splitlines()[0]}: {changed[:5]}"


def test_a_run_of_now_prints_what_the_page_shows_but_for_what_is_drawn_anew(fresh: str) -> None:
    pairs = list(zip_longest(outputs(TEXT), outputs(fresh), fillvalue=""))
    assert len(pairs) > 30
    assert [text for pair in pairs for text in differences(*pair)] == [], "tools/docs writes the page anew"


def test_no_two_runs_have_the_same_randoms(fresh: str) -> None:
    def randoms(page: str) -> set[str]:
        return set(re.findall(r"^ +Random: (\w+)$", page, re.MULTILINE))

    assert len(randoms(TEXT)) == len(randoms(fresh)) == 4
    assert randoms(TEXT).isdisjoint(randoms(fresh))


def test_the_words_around_the_output_are_those_of_the_template_and_the_catalogue() -> None:
    assert prose(TEXT) == prose(said(TEMPLATE.read_text("utf-8")))


def test_the_page_has_the_headings_of_the_note_in_their_order() -> None:
    headings = re.findall(r"^#+ (.+)$", "\n".join(prose(TEXT)), re.MULTILINE)
    assert [heading for heading in headings if heading != "이 글의 실행"] == NOTES_HEADINGS


def test_ten_things_are_set_right_and_each_quotes_the_note_or_names_what_it_has() -> None:
    corrections = re.findall(r"^> \*\*바로잡음 (\d+)\.\*\* (.+)$", TEXT, re.MULTILINE)
    assert [int(number) for number, _ in corrections] == list(range(1, 11))
    assert all(text.startswith("노트") for _, text in corrections)


def test_output_alone_is_what_differs_when_the_shape_does() -> None:
    output = outputs(TEXT)[-1]
    assert same(shape(output), shape(output))
    for old, new in (("✓", "✗"), ("ClientHello", "ClientHallo"), ("레코드 514개", "레코드 515개"), ("25 B", "26 B")):
        assert old in output
        assert not same(shape(output), shape(output.replace(old, new)))


@pytest.mark.parametrize(
    ("calm", "busy"),
    [
        ("    86.8  1  C → S  ClientHello", "   1,086  1  C → S  ClientHello"),
        ("DNS 2.6 ▏이 기기 35.1 ▏TLS 139.2 ▏파일 4.3 ms", "DNS 1.0초 ▏이 기기 3.1 ms\n▏TLS\n1.1초 ▏파일 2분\n4초"),
        ("핸드셰이크 139.2 ms, 왕복 2번", "핸드셰이크 1.1초,\n   왕복 2번"),
        ("109바이트, 0.30초", "109바이트, 10.30초"),
        ("109바이트, 0.30초", "109바이트, 1시간 2분"),
        ("     4      0.059085  127.0.0.1", "     4     10.059085  127.0.0.1"),
    ],
)
def test_a_busy_machine_changes_no_shape_of_an_output(calm: str, busy: str) -> None:
    assert same(shape(f"$ transom\n{calm}"), shape(f"$ transom\n{busy}"))
    other = busy.replace("ClientHello", "ServerHello").replace("TLS", "TCP").replace("109", "110")
    other = other.replace("2번", "3번").replace("     4 ", "     5 ")
    assert not same(shape(f"$ transom\n{calm}"), shape(f"$ transom\n{other}"))


def test_the_eavesdropper_of_the_page_reads_name_and_ca_and_no_word_of_the_file() -> None:
    seen = section("WireShark를 활용한 HTTP, HTTPS 차이 보기")
    noise = seen.split("```text\n")[1].split("```")[0]
    assert "[localhost]" in noise
    assert "[Example CA]" in noise
    assert not re.search("menu_str|str\\.js|상태", noise)
    assert "상태" in section("HTTP 파일 전송 과정")
    assert "상태" in section("HTTPS 파일 전송 과정")


def test_the_codes_of_the_five_suites_are_the_registrys() -> None:
    rows = re.findall(r"^ +노트의 이름: (0x\w{4}) (TLS_\w+)$", section("CipherSuite List"), re.MULTILINE)
    assert [code for code, _ in rows] == ["0xcca8", "0xc014", "0xc013", "0xc008", "0xc012"]
    offered = section("1) Client Hello(Client → Server)")
    assert f"{rows[0][1]} ({rows[0][0]})" in offered
    assert "(0xc030)" in section("2) Server Hello(Server → Client)")


def test_the_lengths_of_the_certificates_add_up_and_the_hash_computed_is_the_hash_signed() -> None:
    shown = section("3) Certificate (Server → Client)")
    total = int(only(r"^ +Certificates Length: (\d+)$", shown))
    each = [int(length) for length in re.findall(r"^ +Certificate Length: (\d+)$", shown, re.MULTILINE)]
    assert total == sum(3 + length for length in each)
    assert int(only(r"^ {15}Length: (\d+)\n +Handshake Protocol: Certificate$", shown)) == total + 3 + 4
    computed = only(r"^ {13}([0-9a-f]{64})$", shown)
    assert f" {computed} ✓\n" in shown


def test_the_pre_master_secret_is_46_random_bytes_and_no_part_of_a_random() -> None:
    shown = section("3) Certificate (Server → Client)")
    name, secret = re.findall(r"^RSA (\w{16}) (\w+)$", shown, re.MULTILINE)[0]
    assert len(bytes.fromhex(secret)) == 2 + 46
    assert secret.startswith("0303")
    client, server = re.findall(r"^ +Random: (\w+)$", shown, re.MULTILINE)
    for random in (client, server):
        assert not [at for at in range(0, 64, 8) if random[at : at + 8] in secret]
    carried = section("6) Client Key Exchange(Client → Server)")
    assert only(r"Encrypted PreMaster: (\w+)…", carried).startswith(name)
    assert only(r"Encrypted PreMaster length: (\d+)", carried) == "256"
    assert "EC Diffie-Hellman Client Params" in carried


def test_both_sides_change_their_cipher_and_both_say_finished() -> None:
    change, finished = (
        section("7) Change Cipher Spec(Client → Server)"),
        section("8) Encrypted HandShake Message(Finished)"),
    )
    for arrow in ("C → S", "C ← S"):
        assert f"7  {arrow}  ChangeCipherSpec" in change
        assert f"{arrow} 방향이 여기부터 봉인됨" in change
        assert f"8  {arrow}  Finished" in finished
        assert f"8  {arrow}  EncryptedHandshakeMessage" in finished


def test_each_direction_has_its_key_and_openssl_derives_the_ones_we_do() -> None:
    shown = section("8) Encrypted HandShake Message(Finished)")
    client_random, master = re.findall(r"^CLIENT_RANDOM (\w+) (\w+)$", shown, re.MULTILINE)[0]
    server_random = only(r"^ +Random: (\w+)$", section("2) Server Hello(Server → Client)"))
    client_key, server_key = (bytes.fromhex(only(rf"^{half}$", shown).replace(":", "")) for half in _HALVES)
    secret = MasterSecret(bytes.fromhex(master), Hash.SHA384)
    ours = secret.key_block(AES_256_GCM, bytes.fromhex(client_random), bytes.fromhex(server_random))
    assert (ours.client.key, ours.server.key) == (client_key, server_key)
    assert client_key != server_key


_BYTE = "[0-9A-F]{2}"
_HALVES = (rf"({_BYTE}(?::{_BYTE}){{31}}):.*", rf"(?:{_BYTE}:){{32}}({_BYTE}(?::{_BYTE}){{31}})")
