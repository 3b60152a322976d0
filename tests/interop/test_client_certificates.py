"""`get --cert` before servers that ask who calls."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.interop.peers import ASKING, LEAVES, VERSIONS, Asking, Ground, nginx_asks, s_server_asks
from tests.real.caller import Caller
from tests.real.certificates import Authority, Leaf
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import run
from transom.cli.options.tls import ENGINES


@pytest.fixture
def ground(caller: Caller, files: Path, authority: Authority) -> Ground:
    return Ground(caller.home, files, authority)


@pytest.fixture
def openssl(caller: Caller) -> Caller:
    return replace(caller, tls="openssl")


def shown(client: Leaf) -> tuple[str | Path, ...]:
    return "--cert", client.chain, "--key", client.key


@pytest.mark.parametrize("server", ASKING, ids=lambda server: server.name.replace("`", ""))
def test_who_shows_a_certificate_gets_the_file(openssl: Caller, ground: Ground, server: Asking) -> None:
    with server.running(ground) as url:
        for version, options in VERSIONS.items():
            for kind in LEAVES:
                who = shown(ground.authority.client(kind))
                ran = openssl.run("get", "--cacert", ground.authority.root, *who, *options, "--json", "-o", "got", url)
                assert ran.exit_code == 0, (version, kind, ran.stderr)
                assert json.loads(ran.stdout)["version"] == f"TLSv{version}"
                got = (openssl.folder / "got").read_bytes()
                assert server.gives in got if server.gives else got == CONTENT


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("server", ASKING, ids=lambda server: server.name.replace("`", ""))
def test_who_shows_none_is_refused_and_told_what_was_asked_for(
    caller: Caller, ground: Ground, server: Asking, engine: str
) -> None:
    with server.running(ground) as url:
        for options, code in zip(VERSIONS.values(), server.refused, strict=True):
            ran = replace(caller, tls=engine).run("get", "--cacert", ground.authority.root, *options, url)
            assert ran.exit_code == code, ran.stderr
            assert "the server asked for a client certificate and was shown none (--cert)" in ran.stderr
    assert list(caller.folder.iterdir()) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_who_shows_none_is_not_told_to_try_again(caller: Caller, ground: Ground, engine: str) -> None:
    with s_server_asks(ground) as url:
        ran = replace(caller, tls=engine).run(
            "get", "--retry", "3", "--cacert", ground.authority.root, *VERSIONS["1.3"], url
        )
    assert ran.exit_code == 56
    assert "next attempt" not in ran.stderr


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("lang", "advice"), [("en", "who you are by a certificate"), ("ko", "인증서로 신원을")])
def test_an_explained_refusal_says_what_to_give(
    caller: Caller, ground: Ground, version: str, engine: str, lang: str, advice: str
) -> None:
    with s_server_asks(ground) as url:
        ran = replace(caller, tls=engine).run(
            "get", "--explain", "--lang", lang, "--cacert", ground.authority.root, *VERSIONS[version], url
        )
    assert ran.exit_code == {"1.2": 35, "1.3": 56}[version]
    assert advice in ran.text
    assert "--cert FILE" in ran.text


ROWS = {
    "1.2": [
        "3  C ← S  Certificate",
        "4  C ← S  ServerKeyExchange",
        "+  C ← S  CertificateRequest",
        "5  C ← S  ServerHelloDone",
        "+  C → S  Certificate",
        "6  C → S  ClientKeyExchange",
        "+  C → S  CertificateVerify",
        "7  C → S  ChangeCipherSpec",
        "8  C → S  Finished",
    ],
    "1.3": [
        "+  C ← S  CertificateRequest",
        "3  C ← S  Certificate",
        "4  C ← S  CertificateVerify",
        "8  C ← S  Finished",
        "7  C → S  ChangeCipherSpec",
        "+  C → S  Certificate",
        "+  C → S  CertificateVerify",
        "8  C → S  Finished",
    ],
}


SAID = {
    ("1.2", "en"): ("asks for a certificate of the client's", "shows a certificate of its own", "✓ the client owns"),
    ("1.3", "en"): ("asks for a certificate of the client's", "shows a certificate of its own", "✓ the client owns"),
    ("1.2", "ko"): ("클라이언트의 인증서도 요청", "자기 인증서를 내보이고", "✓ 클라이언트가 그 키의 주인임"),
    ("1.3", "ko"): ("클라이언트의 인증서도 요청", "자기 인증서를 내보이고", "✓ 클라이언트가 그 키의 주인임"),
}


@pytest.mark.parametrize(("version", "lang"), SAID)
def test_the_clients_certificate_and_its_proof_are_told_in_their_places(
    openssl: Caller, ground: Ground, version: str, lang: str
) -> None:
    with s_server_asks(ground) as url:
        fetch = ("--cacert", str(ground.authority.root), *VERSIONS[version], "-o", "got", url)
        ran = openssl.run("get", "--explain", "--lang", lang, *shown(ground.authority.client()), *fetch)
        tree = openssl.run("get", "--tree", *shown(ground.authority.client("ed25519")), *fetch).text
    rows = [
        f"{step}  {way}  {name}"
        for step, way, name in re.findall(r"^ +[\d.]+  (.)  (C . S)  (\w+)", ran.text, re.MULTILINE)
    ]
    start = rows.index(ROWS[version][0])
    assert rows[start : start + len(ROWS[version])] == ROWS[version]
    flowing = " ".join(ran.text.split())
    for words in SAID[version, lang]:
        assert words in flowing
    # In TLS 1.2 the path reads whose it is, and the closing says so.
    readable = {"en": "the client's certificate", "ko": "클라이언트의 인증서"}[lang]
    assert (readable in flowing.partition("JA4")[0].rpartition("localhost,")[2]) == (version == "1.2")
    theirs = tree.partition("+  C → S  Certificate ")[2]
    assert "(id-at-commonName=alice)" in theirs.partition("+  C → S  CertificateVerify")[0]
    assert "Signature Algorithm: ed25519 (0x0807)" in theirs.partition("+  C → S  CertificateVerify")[2]


def test_the_key_may_stand_in_the_file_of_the_certificate(openssl: Caller, ground: Ground) -> None:
    client = ground.authority.client()
    both = openssl.home / "both.pem"
    both.write_bytes(client.key.read_bytes() + client.chain.read_bytes())
    with nginx_asks(ground) as url:
        ran = openssl.run("get", "--cacert", ground.authority.root, "-E", both, url)
    assert ran.exit_code == 0, ran.stderr


NOBODY_THERE = "https://127.0.0.1:1/f.bin"


def test_what_cannot_be_used_is_exit_code_58_before_anybody_is_asked(openssl: Caller, authority: Authority) -> None:
    client = authority.client()
    for options, said in (
        ((*shown(client)[:2], "--key", authority.leaf("rsa").key), "not the key of alice (ECDSA P-256)"),
        (("--cert", "nothing.pem"), "nothing.pem: No such file or directory"),
        (("--cert", client.chain), "no PEM private key in it"),
        (("--cert", client.key), "no PEM certificate in it"),
    ):
        ran = openssl.run("get", *options, NOBODY_THERE)
        assert (ran.exit_code, said in ran.stderr) == (58, True), ran.stderr


def test_a_key_that_openssl_finds_too_weak_is_exit_code_58(openssl: Caller, tmp_path: Path) -> None:
    made = run("openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak",
               "-keyout", str(tmp_path / "weak.key"), "-out", str(tmp_path / "weak.pem"))  # fmt: skip
    assert made.exit_code == 0, made.stderr
    ran = openssl.run("get", "--cert", tmp_path / "weak.pem", "--key", tmp_path / "weak.key", NOBODY_THERE)
    assert (ran.exit_code, "OpenSSL does not take the certificate of weak: " in ran.stderr) == (58, True), ran.stderr


def encrypted(client: Leaf, folder: Path) -> Path:
    """The client's key, behind the password `secret`."""
    sealed = folder / "sealed.pem"
    made = run("openssl", "pkey", "-in", str(client.key), "-aes128", "-passout", "pass:secret", "-out", str(sealed))
    assert made.exit_code == 0, made.stderr
    return sealed


def test_an_encrypted_key_opens_with_the_password_of_the_environment(
    openssl: Caller, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ground.authority.client()
    sealed = encrypted(client, openssl.home)
    with nginx_asks(ground) as url:
        fetch = ("get", "--cacert", ground.authority.root, "--cert", client.chain, "--key", sealed, url)
        without = openssl.run(*fetch)
        monkeypatch.setenv("TRANSOM_KEY_PASSWORD", "wrong")
        wrong = openssl.run(*fetch)
        monkeypatch.setenv("TRANSOM_KEY_PASSWORD", "secret")
        right = openssl.run(*fetch)
    assert (without.exit_code, wrong.exit_code, right.exit_code) == (58, 58, 0), right.stderr
    assert "the private key is encrypted" in without.stderr
    assert "TRANSOM_KEY_PASSWORD" in without.stderr
    assert "the password does not open this key" in wrong.stderr
    assert "secret" not in without.stderr + wrong.stderr + right.stderr


def test_at_a_terminal_the_password_is_asked_for(
    openssl: Caller, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ground.authority.client()
    sealed = encrypted(client, openssl.home)
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "secret"

    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    with nginx_asks(ground) as url:
        ran = openssl.run("get", "--cacert", ground.authority.root, "--cert", client.chain, "--key", sealed, url)
    assert (ran.exit_code, asked) == (0, [f"Password of {sealed}: "]), ran.stderr


def test_our_own_engine_says_that_client_certificates_come_with_openssl(caller: Caller, authority: Authority) -> None:
    ran = replace(caller, tls="transom").run("get", *shown(authority.client()), NOBODY_THERE)
    assert (ran.exit_code, "client certificates come with OpenSSL" in ran.stderr) == (2, True), ran.stderr


def test_a_key_without_a_certificate_is_a_usage_error(openssl: Caller, authority: Authority) -> None:
    ran = openssl.run("get", "--key", authority.client().key, NOBODY_THERE)
    assert (ran.exit_code, "--cert FILE" in ran.stderr) == (2, True), ran.stderr


def test_another_server_that_a_redirect_leads_to_is_not_shown_it(openssl: Caller, ground: Ground) -> None:
    """curl showed it to whoever asked until its pull request 21690 (2026)."""
    leaf, client = ground.authority.leaf(), ground.authority.client()
    asks = ["ssl_verify_client optional;", "ssl_verify_depth 2;", f"ssl_client_certificate {ground.authority.root};"]
    tls = NginxTls(leaf.chain, leaf.key, settings=asks)
    who = 'location /who { return 200 "$ssl_client_verify"; }'
    homes = ground.home / "one", ground.home / "two"
    for home in homes:
        home.mkdir()
    # The second is led back to by its port, which the first can only be told once it runs: by the query.
    back = "location /back { return 302 https://localhost:$arg_port/who; }"
    with nginx(homes[1], ground.files, tls=tls, extra=who + back) as other:
        lead = f"location /away {{ return 302 {other.secure_url('/who')}; }}"
        lead += f"location /round {{ return 302 {other.secure_url('/back')}?port=$server_port; }}"
        lead += "location /here { return 302 /who; }"
        with nginx(homes[0], ground.files, tls=tls, extra=who + lead) as first:
            fetch = ("get", "-L", "-s", "--cacert", ground.authority.root, *shown(client), "-o", "-")
            told = {path: openssl.run(*fetch, first.secure_url(path)).text for path in ("/here", "/away", "/round")}
    assert told == {"/here": "SUCCESS", "/away": "NONE", "/round": "NONE"}
