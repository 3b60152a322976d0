"""A value that is none: what was seen is said, and what is expected, with an example; nothing is sent."""

from __future__ import annotations

import pytest

from tests.real.caller import Caller

PIN = "and the SHA-256 of the server's key in 44 characters of base64, such as sha256//j6Oq"
RESOLVE = "expected HOST:PORT:ADDRESS[,ADDRESS], such as files.example:443:127.0.0.1"
CHECKSUM = "expected sha-256=VALUE or sha-512=VALUE, as sha256sum and sha512sum print it"
SECONDS = "expected seconds, more than none, such as 30 or 2.5"
SIZE = "is no size: expected bytes, such as 500, 10M or 2G"
PART = "expected one range of bytes, such as 0-499, 500- or -500"
HEADER = "expected 'Name: value', such as 'Accept: text/html'"
NUMBER = "is no whole number: expected one such as 3"
GOOD_PIN = "sha256//" + "A" * 43 + "="

GET = [
    (("--pin", "foo"), f"--pin 'foo': expected sha256// {PIN}"),
    (("--pin", "sha256//AAAA"), f"--pin 'sha256//AAAA': expected sha256// {PIN}"),
    (("--pin", f"{GOOD_PIN};foo"), f"--pin 'foo': expected sha256// {PIN}"),
    (("--pin", ""), f"--pin '': expected sha256// {PIN}"),
    (("--pinnedpubkey", "key.pem"), f"--pinnedpubkey 'key.pem': expected sha256// {PIN}"),
    (("--pinnedpubkey", ""), f"--pinnedpubkey '': expected sha256// {PIN}"),
    (("--resolve", "foo"), f"--resolve 'foo': {RESOLVE}"),
    (("--resolve", "x:65536:127.0.0.1"), f"--resolve 'x:65536:127.0.0.1': {RESOLVE}"),
    (("--resolve", "x:0:127.0.0.1"), f"--resolve 'x:0:127.0.0.1': {RESOLVE}"),
    (("--checksum", "foo"), f"--checksum 'foo': {CHECKSUM}"),
    (
        ("--checksum", "sha-256=zz"),
        "--checksum 'sha-256=zz': a sha-256 is 64 hexadecimal digits, or 32 bytes in base64",
    ),
    (("--limit-rate", "fast"), f"argument --limit-rate: 'fast' {SIZE}"),
    (("--limit-rate", "9"), "--limit-rate 9: expected at least 1k, 1,024 bytes a second"),
    (("--max-time", "soon"), "argument -m/--max-time: 'soon' is no number: expected one such as 30 or 2.5"),
    (("--max-time", "0"), f"--max-time 0: {SECONDS}"),
    (("--connect-timeout", "nan"), f"--connect-timeout nan: {SECONDS}"),
    (("-r", "5"), f"-r '5': {PART}"),
    (("-r", "0-4", "-C", "-"), "-C - and -r contradict each other: a part by itself is never gone on with"),
    (("-r", "0-4", "-H", "range: bytes=5-9"), "-r and -H Range: one of the two says which bytes"),
    (("-r", "0-4", "-H", "If-Range: x"), "-r and -H If-Range: one of the two says which bytes"),
    (("-r", ""), f"-r '': {PART}"),
    (("--resolve", ""), f"--resolve '': {RESOLVE}"),
    (("--lang", ""), "--lang '': expected en or ko"),
    (("-C", ""), "-C '': only '-' is taken; bytes put behind others by hand could be another file's"),
    *(
        ((option, ""), f"{option}: '' names nothing: expected the name of a file")
        for option in ("--trace", "--cacert", "--netrc-file", "--key")
    ),
    (("-E", ""), "-E/--cert: '' names nothing: expected the name of a file"),
    (("-o", ""), "-o '': expected the name of a file, or - for standard output"),
    (("--trace", "-"), "--trace -: expected the name of a file, which can be gone back in"),
    (("--trace", "f.bin"), "--trace f.bin: the file of a URL is saved there; name another"),
    (("--trace", "../folder/x", "-o", "x"), "--trace ../folder/x: the file of a URL is saved there; name another"),
    (("-r", "9-5"), "-r '9-5': the last byte is before the first"),
    (("-u", ""), "-u '': expected USER or USER:PASSWORD, such as alice"),
    (("-H", "foo"), f"-H 'foo': {HEADER}"),
    (("-H", "a b: c"), f"-H 'a b: c': {HEADER}"),
    (("-H", "X: a\r\nY: b"), "-H 'X: a\\r\\nY: b': a value is one line, with no control characters in it"),
    (("--retry", "often"), f"argument --retry: 'often' {NUMBER}"),
    (("--retry", "-1"), "--retry -1: expected a number of times, such as 3"),
    (("--parallel-max", "0"), "--parallel-max 0: expected a number of downloads, at least one"),
    (("--tls-max", "1.1"), "argument --tls-max: invalid choice: '1.1' (choose from '1.2', '1.3', 'default')"),
    (("--ciphers", ""), "--ciphers: '' is no cipher suite by its IANA name, such as TLS_AES_128_GCM_SHA256"),
    (("--curves", ""), "--curves: '' is no group; there are X25519, P-256 and P-384"),
    (("-x", "socks5://x"), "--proxy socks5://x: expected http://HOST:PORT"),
]
SERVE = [
    (("-p", "http"), "argument -p/--port: 'http' is not a port: expected 0 to 65535"),
    (("--workers", "many"), f"argument --workers: 'many' {NUMBER}"),
    (("--workers", "999999999"), "--workers 999999999: expected 256 at most"),
    (("--trace", ""), "--trace: '' names nothing: expected the name of a file"),
    (("--tls-cert", ""), "--tls-cert: '' names nothing: expected the name of a file"),
    (("-b", ""), "--bind '': expected an address or a host name, such as 127.0.0.1"),
    (("--workers", "0"), "argument --workers: 0 serve nobody: expected 1 or more"),
    (("--upload", "--max-upload", "big"), f"argument --max-upload: 'big' {SIZE}"),
    (("-a", "alice"), "an account is written user:password, neither of them empty, such as alice:secret"),
]


@pytest.mark.parametrize(
    ("command", "options", "told"),
    [*(("get", *row) for row in GET), *(("serve", *row) for row in SERVE)],
)
def test_what_was_seen_and_what_is_expected_is_said(
    caller: Caller, command: str, options: tuple[str, ...], told: str
) -> None:
    ran = caller.run(command, *options, "https://127.0.0.1:1/f.bin" if command == "get" else ".")
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert told in ran.stderr
    assert list(caller.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "files.example/f.bin",
            "the URL files.example/f.bin has no scheme: say https://files.example/f.bin, or http://",
        ),
        ("", "an empty URL: expected http://host/path or https://host/path"),
        ("ftp://files.example/f.bin", "is not of the form http://host/path or https://host/path"),
    ],
)
def test_a_url_too(caller: Caller, url: str, told: str) -> None:
    ran = caller.run("get", url)
    assert (ran.exit_code, told in ran.stderr) == (2, True)


def test_an_empty_name_is_not_this_folder(caller: Caller) -> None:
    ran = caller.run("serve", "--port", "0", "")
    assert ran.exit_code == 2
    assert "argument PATH: '' names nothing: expected a folder or a file, such as ." in ran.stderr


def test_of_what_is_given_twice_the_last_counts(caller: Caller) -> None:
    twice = ("-m", "5", "--lang", "ko", "--lang", "en", "-r", "9-5", "-r", "0-1", "-m", "0")
    ran = caller.run("get", *twice, "http://127.0.0.1:1/f.bin")
    assert (ran.exit_code, ran.stderr.startswith("transom: --max-time 0: expected")) == (2, True)


def test_a_language_of_the_command_that_is_run_is_its_own(caller: Caller) -> None:
    ran = caller.run("run", "--lang", "en", "--trace", "no/t", "true", "--lang", "ko")
    assert ran.exit_code != 0
    assert "cannot be written: No such file or directory" in ran.stderr


def test_a_folder_that_is_not_there_is_told_with_the_option_that_makes_it(caller: Caller) -> None:
    for options in (("-o", "no/f.bin"), ("--output-dir", "no")):
        ran = caller.run("get", *options, "http://127.0.0.1:1/f.bin")
        assert (ran.exit_code, ran.stderr) == (
            23, "transom: no/f.bin cannot be written: there is no folder no; --create-dirs makes it\n"
        )  # fmt: skip


def test_nothing_is_guessed_of_an_option_that_looks_like_none(caller: Caller) -> None:
    assert "did you mean" not in caller.run("get", "--bogus", "http://x/y").stderr


@pytest.mark.parametrize("command", ["read", "view"])
@pytest.mark.parametrize(
    ("lang", "told"), [("en", "is a URL, not a capture: transom get --explain"), ("ko", "캡처가 아니라 URL입니다.")]
)
def test_a_url_is_no_capture(caller: Caller, command: str, lang: str, told: str) -> None:
    ran = caller.run(command, "--lang", lang, "https://files.example/f.bin")
    assert (ran.exit_code, ran.stdout) == (2, b"")
    assert f"CAPTURE: 'https://files.example/f.bin'{'' if lang == 'en' else ':'} {told}" in ran.stderr
