"""What a person sees and gets does not depend on who speaks TLS: OpenSSL, or our own engine."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.interop.test_get_refuses import BAD_CERTIFICATE, CHAINS
from tests.real.caller import Caller
from tests.real.certificates import Authority, Leaf
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import curl, run
from tests.real.tls_servers import s_server
from tests.real.transom import User
from tests.real.tshark import Wireshark
from transom.cli.options.tls import ENGINES


@pytest.mark.parametrize("version", ["1_2", "1_3"])
@pytest.mark.parametrize("what", CHAINS)
def test_a_chain_that_does_not_hold_is_refused_in_the_same_words(
    caller: Caller, authority: Authority, files: Path, what: str, version: str
) -> None:
    bad, alert = CHAINS[what]
    refusals: list[str] = []
    for engine in ENGINES:
        with s_server(bad(authority), files, f"-tls{version}") as server:
            url = f"https://localhost:{server.port}/f.bin"
            ran = replace(caller, tls=engine).run("get", "--cacert", authority.root, url)
            told = server.await_line("alert number")
        # OpenSSL has one more alert than we use: it calls a certificate for another name a bad certificate too.
        assert f"SSL alert number {alert}" in told or alert == BAD_CERTIFICATE
        assert (ran.exit_code, list(caller.folder.iterdir())) == (60, [])
        refusals.append(re.sub(r"\d\d:\d\d(:\d\d)?", "", ran.stderr))
    assert refusals[0] == refusals[1]


@pytest.mark.parametrize("options", [(), ("--tls-max", "1.2")], ids=["TLS 1.3", "TLS 1.2"])
def test_a_trace_of_openssl_opens_in_wireshark_and_in_transom(
    user: User, authority: Authority, files: Path, options: tuple[str, ...]
) -> None:
    trace = user.folder / "t.pcapng"
    leaf = authority.leaf("rsa")
    with nginx(user.home, files, tls=NginxTls(leaf.chain, leaf.key)) as server:
        url = server.secure_url("/f.bin")
        ran = replace(user, tls="openssl").run("get", "--cacert", authority.root, *options, "--trace", trace, url)
        assert ran.exit_code == 0, ran.stderr
        port = int(url.split(":")[2].partition("/")[0])
    wireshark = Wireshark(trace, {port: "tls"})
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert wireshark.exported(user.folder / "exported") == [digest]
    lines = [json.loads(line) for line in user.run("read", "--json", trace).stdout.splitlines()]
    assert [line["response_sha256"] for line in lines if line["type"] == "http"] == [digest]


@pytest.mark.parametrize("version", ["1_2", "1_3"])
def test_the_same_steps_are_explained_with_both(
    caller: Caller, authority: Authority, files: Path, version: str
) -> None:
    steps: list[list[str]] = []
    for engine in ENGINES:
        with s_server(authority.leaf(), files, f"-tls{version}") as server:
            url = f"https://localhost:{server.port}/f.bin"
            ran = replace(caller, tls=engine).run("get", "--cacert", authority.root, "--explain", "-o", engine, url)
        assert ran.exit_code == 0, ran.text
        steps.append(re.findall(r"^ +[\d.]+  (\d  C . S  \w+)", ran.text, re.MULTILINE))
    assert steps[0] == steps[1]
    seen = {"1_2": "4  C ← S  ServerKeyExchange", "1_3": "4  C ← S  CertificateVerify"}
    assert seen[version] in steps[0]


def test_what_pythons_ssl_cannot_do_is_said_before_anything_is_sent(caller: Caller) -> None:
    ran = replace(caller, tls="openssl").run("get", "--ciphers", "TLS_AES_128_GCM_SHA256", "https://localhost:1/f")
    assert ran.exit_code == 2
    assert "--tls transom" in ran.stderr


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("kind", ["rsa", "p256", "ed25519"])
def test_curl_and_get_fetch_from_serve_with_openssl(
    user: User, authority: Authority, files: Path, kind: str, version: str
) -> None:
    leaf = authority.leaf(kind)
    trace = user.folder / "t.pcapng"
    serving = replace(user, tls="openssl").serving(
        "--tls-cert", leaf.chain, "--tls-key", leaf.key, "--trace", trace, files
    )
    with serving as server:
        url = server.url("/f.bin")
        assert curl("--cacert", str(authority.root), "--tls-max", version, url).stdout == CONTENT
        assert user.run("get", "--cacert", authority.root, "--tls-max", version, url).exit_code == 0
        port = server.port
    assert (user.folder / "f.bin").read_bytes() == CONTENT
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert Wireshark(trace, {port: "tls"}).exported(user.folder / "exported") == [digest, digest]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("more", [(), ("--explain",), ("--json",)])
def test_what_a_certificate_says_is_no_command_to_the_terminal(
    caller: Caller, files: Path, tmp_path: Path, engine: str, more: tuple[str, ...]
) -> None:
    hostile = "\x1b]0;pwn\x07\x1b[31mRED\u202e"
    cert, key = tmp_path / "hostile.pem", tmp_path / "hostile.key"
    made = run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-utf8",
        "-days",
        "2",
        "-subj",
        f"/CN={hostile}",
        "-keyout",
        str(key),
        "-out",
        str(cert),
    )
    assert made.exit_code == 0, made.stderr
    with s_server(Leaf(chain=cert, issuers=cert, key=key, pin=""), files) as server:
        url = f"https://localhost:{server.port}/f.bin"
        ran = replace(caller, tls=engine).run("get", *more, url)
    assert ran.exit_code == 60
    assert "RED" in ran.text + ran.stderr
    for control in ("\x1b", "\x07", "\u202e"):
        assert control not in ran.text + ran.stderr
