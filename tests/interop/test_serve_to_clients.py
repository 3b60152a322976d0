"""Other people's clients fetch from `transom serve`: what the matrix (`test_beside_clients.py`) has not."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.real.certificates import Authority
from tests.real.programs import Ran, curl
from tests.real.transom import Serving, User

VERSIONS = {"1.2": ("--tlsv1.2", "--tls-max", "1.2"), "1.3": ("--tlsv1.3",)}

Server = Callable[[str], Serving]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority, files: Path) -> Generator[Server]:
    """One running server for each kind of key, started when it is first asked for."""
    running: dict[str, Serving] = {}
    with ExitStack() as stack:

        def start(kind: str) -> Serving:
            if kind not in running:
                leaf = authority.leaf(kind)
                user = User.new(tmp_path_factory.mktemp("server"))
                serving = user.serving("--tls-cert", leaf.chain, "--tls-key", leaf.key, files, http=True)
                running[kind] = stack.enter_context(serving)
            return running[kind]

        yield start


def fetch(server: Serving, authority: Authority, *arguments: str, path: str = "/f.bin") -> Ran:
    """By curl, which verifies chain and name."""
    return curl("--cacert", str(authority.root), *arguments, server.url(path))


@pytest.mark.parametrize(
    ("kind", "suite"),
    [
        (kind, f"ECDHE-{name}-{cipher}")
        for kind, name in (("rsa", "RSA"), ("p256", "ECDSA"))
        for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    ],
)
def test_every_suite_of_tls_1_2(server: Server, authority: Authority, kind: str, suite: str) -> None:
    ran = fetch(server(kind), authority, *VERSIONS["1.2"], "--ciphers", suite)
    assert ran.stdout == CONTENT, ran.stderr


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])
def test_every_suite_of_tls_1_3(server: Server, authority: Authority, suite: str) -> None:
    ran = fetch(server("p256"), authority, *VERSIONS["1.3"], "--tls13-ciphers", suite)
    assert ran.stdout == CONTENT, ran.stderr


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
def test_every_group(server: Server, authority: Authority, group: str, version: str) -> None:
    ran = fetch(server("rsa"), authority, *VERSIONS[version], "--curves", group)
    assert ran.stdout == CONTENT, ran.stderr


def test_a_first_share_we_do_not_want_is_answered_with_hello_retry_request(
    server: Server, authority: Authority
) -> None:
    ran = fetch(server("p256"), authority, *VERSIONS["1.3"], "--curves", "P-521:X25519", "-v", "-o", "/dev/null")
    assert ran.exit_code == 0
    assert ran.stderr.count("TLS handshake, Client hello (1)") == 2


def test_a_client_with_no_group_of_ours_is_refused_with_an_alert(server: Server, authority: Authority) -> None:
    ran = fetch(server("p256"), authority, "--curves", "P-521")
    assert ran.exit_code == 35
    assert "alert handshake failure" in ran.stderr


def test_a_client_that_offers_static_rsa_and_cbc_only_is_refused(server: Server, authority: Authority) -> None:
    ran = fetch(server("rsa"), authority, *VERSIONS["1.2"], "--ciphers", "AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA")
    assert ran.exit_code == 35


@pytest.mark.parametrize("version", VERSIONS)
def test_ranges_head_and_two_files_over_one_connection(server: Server, authority: Authority, version: str) -> None:
    serving = server("p256")
    part = fetch(serving, authority, *VERSIONS[version], "-r", "500000-600000")
    assert part.stdout == CONTENT[500_000:600_001]
    head = fetch(serving, authority, *VERSIONS[version], "-I")
    assert "Content-Length: 1000003" in head.text
    two = fetch(
        serving, authority, *VERSIONS[version], "-w", "%{stderr}%{num_connects} ", serving.url("/hello.txt"),
        path="/hello.txt",
    )  # fmt: skip
    assert (two.text, two.stderr) == ("hello\nhello\n", "1 0 ")


def test_alpn_is_http_1_1_even_for_those_who_would_rather_speak_2(server: Server, authority: Authority) -> None:
    ran = fetch(server("p256"), authority, "--http2", "-v", "-o", "/dev/null", "-w", "%{http_version}")
    assert "ALPN: server accepted http/1.1" in ran.stderr
    assert ran.text == "1.1"


def test_curl_refuses_a_server_it_does_not_know(server: Server) -> None:
    assert curl(server("p256").url("/f.bin")).exit_code == 60


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_local_ca_is_made_on_first_use_and_curl_takes_its_leaf(user: User, files: Path, host: str) -> None:
    with user.serving(files) as serving:
        ran = curl("--cacert", str(user.ca), serving.url("/f.bin", host))
    assert ran.stdout == CONTENT, ran.stderr


def test_curl_knows_the_server_by_the_pin_it_prints(user: User, files: Path) -> None:
    with user.serving(files) as serving:
        pin = serving.announcement.partition("--pin ")[2].split()[0]
        assert curl("-k", "--pinnedpubkey", pin, serving.url("/hello.txt")).text == "hello\n"
        assert curl("-k", "--pinnedpubkey", "sha256//" + "A" * 43 + "=", serving.url("/hello.txt")).exit_code == 90


def test_a_listing_is_json_for_those_who_ask(server: Server, authority: Authority) -> None:
    listed = json.loads(fetch(server("p256"), authority, "-H", "Accept: application/json", path="/").text)
    assert {entry["name"] for entry in listed["entries"]} == {"f.bin", "hello.txt"}


def test_plain_http_is_served_beside_it(server: Server) -> None:
    assert curl(f"http://localhost:{server('p256').http_port}/f.bin").stdout == CONTENT
