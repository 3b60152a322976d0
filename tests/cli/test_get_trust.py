"""Whom `get` believes: the CA that is given, made at home or not, and the user's own when it can be read."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.transom import Serving, User
from tests.trust.openssl_made import RSA, make_root, sign

NAMES = ("subjectAltName=DNS:localhost",)


@contextmanager
def serving_with(user: User, *options: str) -> Generator[Serving]:
    """A server whose certificate `openssl` made with these options, under the root in ca.pem."""
    (user.folder / "hello.txt").write_text("hello\n")
    leaf = sign(user.folder, make_root(user.folder, key=RSA), "localhost", NAMES, *options)
    with user.serving("--tls-cert", leaf.certificate, "--tls-key", leaf.key, ".", http=True) as server:
        yield server


@pytest.mark.parametrize("engine", ["openssl", "transom"])
def test_a_ca_of_a_plain_req_x509_is_enough(user: User, engine: str) -> None:
    with serving_with(user) as server:
        ran = user.run("get", "--tls", engine, "--cacert", "ca.pem", "-o", "got", server.url("/hello.txt"))
    assert ran.exit_code == 0, ran.stderr
    assert (user.folder / "got").read_text() == "hello\n"


def test_a_leaf_signed_with_sha1_is_refused_for_that_and_told_so_at_its_signature(user: User) -> None:
    with serving_with(user, "-sha1") as server:
        ran = user.run("get", "--explain", "--lang", "en", "--cacert", "ca.pem", "-o", "got", server.url("/hello.txt"))
    assert ran.exit_code == 60
    assert "✗ signature: made with SHA-1, which is not accepted" in ran.text
    assert "the certificate of localhost is signed with SHA-1" in ran.text
    assert "bad_certificate (42)" in ran.text


@pytest.mark.parametrize(
    ("lang", "advice"),
    [
        ("en", "or give the missing certificate: --cacert FILE"),
        ("ko", "빠진 인증서를 줄 수도 있습니다: --cacert FILE"),
    ],
)
def test_of_a_ca_that_is_not_known_it_is_said_what_would_help(user: User, lang: str, advice: str) -> None:
    with serving_with(user) as server:
        told = user.run("get", "--lang", lang, "-o", "got", server.url("/hello.txt"))
        silent = user.run("get", "--lang", lang, "-s", "-o", "got", server.url("/hello.txt"))
    assert told.exit_code == silent.exit_code == 60
    assert advice in " ".join(told.stderr.split())
    assert "--cacert" not in silent.stderr


def test_a_damaged_ca_of_ones_own_is_a_note_and_stops_nothing_that_does_without(user: User) -> None:
    with serving_with(user) as server:
        damage(user.ca)
        plain = user.run("get", "-o", "plain", f"http://127.0.0.1:{server.http_port}/hello.txt")
        given = user.run("get", "--cacert", "ca.pem", "-o", "given", server.url("/hello.txt"))
        alone = user.run("get", "-o", "alone", server.url("/hello.txt"))
    note = f"transom: {user.ca}: no PEM certificate in it; expected -----BEGIN CERTIFICATE-----"
    assert [ran.exit_code for ran in (plain, given, alone)] == [0, 0, 60]
    assert [ran.stderr.count(note) for ran in (plain, given, alone)] == [0, 1, 1]


def test_a_wrong_pin_is_a_usage_error_whatever_the_scheme(user: User) -> None:
    for url in ("http://127.0.0.1:1/x", "https://127.0.0.1:1/x"):
        assert user.run("get", "--pin", "bogus", url).exit_code == 2


def damage(ca: Path) -> None:
    ca.parent.mkdir(parents=True, exist_ok=True)
    ca.write_text("no certificate")
