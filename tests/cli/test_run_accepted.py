"""A chain that is not trusted here, of a program that has a store of its own: that it accepted it is said."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.certificates import Authority
from tests.real.raw_server import raw_server, read_request
from tests.real.transom import User
from transom.cli.words import LANGS, Lang, words

CURL = ("curl", "-q", "-s", "--max-time", "30")
NOT_TRUSTED = 60
"""Of curl."""

NOT_KNOWN = {"en": "was not sent and is not known here", "ko": "인증서가 오지 않았고 여기서는 모름"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def url(authority: Authority) -> Generator[str]:
    """Of a server whose CA is no system's."""
    leaf = authority.leaf()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain, leaf.key)

    def script(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            read_request(tls)
            tls.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with raw_server(script) as port:
        yield f"https://localhost:{port}/"


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User.new(tmp_path)


def told(user: User, lang: Lang, *arguments: str | Path) -> tuple[int, str]:
    ran = user.run("run", "--lang", lang, *arguments, env={"PYTHONUTF8": "1"})
    return ran.exit_code, " ".join(ran.stderr.split())


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("logs", [True, False], ids=["keys", "no keys"])
def test_a_program_that_went_on_has_accepted_it(
    user: User, authority: Authority, url: str, lang: Lang, version: str, logs: bool
) -> None:
    curl = (*CURL, "--tls-max", version, "--cacert", authority.root, url)
    code, said = told(user, lang, "--", *(() if logs else ("env", "-u", "SSLKEYLOGFILE")), *curl)
    sees_chain = logs or version == "1.2"
    assert code == 0
    assert (NOT_KNOWN[lang] in said) is sees_chain
    assert "✗" not in said
    assert (words(lang).say("run.accepted") in said) is sees_chain


def test_one_that_did_not_accept_it_is_told_as_that(user: User, url: str) -> None:
    code, said = told(user, "en", "--", *CURL, url)
    assert code == NOT_TRUSTED
    assert NOT_KNOWN["en"] in said
    assert "alert unknown_ca (48) from the client" in said
    assert words("en").say("run.accepted") not in said


def test_with_its_store_given_it_is_judged_as_the_program_judges(user: User, authority: Authority, url: str) -> None:
    code, said = told(user, "en", "--cacert", authority.root, "--", *CURL, "--cacert", authority.root, url)
    assert code == 0
    assert "chain ✓" in said
    assert words("en").say("run.accepted") not in said
