"""Wireshark opens our traces decrypted, and takes the very file out of them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from tests.interop.conftest import CONTENT
from tests.real.certificates import Authority
from tests.real.nginx import NginxTls, nginx
from tests.real.programs import curl, run
from tests.real.tls_servers import s_server
from tests.real.transom import User, private_mode
from tests.real.tshark import Wireshark

SHA256 = hashlib.sha256(CONTENT).hexdigest()
LOOPBACK = {"IPv4": "127.0.0.1", "IPv6": "[::1]"}
STATIC_RSA_LINE = re.compile(rb"RSA [0-9a-f]{16} [0-9a-f]{96}\n")


def check(trace: Path, port: int, protocol: str, folder: Path) -> Wireshark:
    """The file is in it, and nothing else is wrong with it."""
    wireshark = Wireshark(trace, {port: protocol})
    assert wireshark.exported(folder / "exported") == [SHA256]
    assert wireshark.oddities() == ""
    assert private_mode(trace)
    return wireshark


@pytest.mark.parametrize("address", LOOPBACK)
@pytest.mark.parametrize(("options", "hello"), [((), "0x0304"), (("--tls-max", "1.2"), None)])
def test_a_trace_that_get_left(
    user: User, authority: Authority, files: Path, options: tuple[str, ...], hello: str | None, address: str
) -> None:
    leaf = authority.leaf("rsa")
    trace = user.folder / "t.pcapng"
    host = LOOPBACK[address]
    with user.serving("--tls-cert", leaf.chain, "--tls-key", leaf.key, "--bind", host.strip("[]"), files) as server:
        ran = user.run("get", "--cacert", authority.root, *options, "--trace", trace, server.url("/f.bin", host))
        assert ran.exit_code == 0, ran.stderr
        wireshark = check(trace, server.port, "tls", user.folder)
    assert "t.pcapng" in ran.stderr
    chosen = wireshark.field("tls.handshake.extensions.supported_version", "tls.handshake.type == 2")
    assert chosen == ([hello] if hello else [])
    assert STATIC_RSA_LINE.search(trace.read_bytes()) is None


@pytest.mark.parametrize("host", LOOPBACK.values())
def test_a_trace_of_static_rsa_holds_the_line_that_opens_it(
    user: User, authority: Authority, files: Path, host: str
) -> None:
    trace = user.folder / "t.pcapng"
    leaf = authority.leaf("rsa")
    tls = NginxTls(leaf.chain, leaf.key, settings=["ssl_ciphers ALL;"])
    with nginx(user.home, files, tls=tls, host=host) as server:
        options = ("--cacert", authority.root, "--tls-max", "1.2", "--ciphers", "TLS_RSA_WITH_AES_256_GCM_SHA384")
        ran = user.run("get", *options, "--trace", trace, server.secure_url("/f.bin", host))
    assert ran.exit_code == 0, ran.stderr
    assert server.https_port is not None
    wireshark = check(trace, server.https_port, "tls", user.folder)
    assert wireshark.field("tls.handshake.ciphersuite", "tls.handshake.type == 2") == ["0x009d"]
    assert STATIC_RSA_LINE.search(trace.read_bytes())


@pytest.mark.parametrize("host", LOOPBACK.values())
def test_a_trace_in_the_clear(user: User, files: Path, host: str) -> None:
    trace = user.folder / "t.pcapng"
    with user.serving("--bind", host.strip("[]"), files, http=True) as server:
        url = f"http://{host}:{server.http_port}/f.bin"
        assert user.run("get", "--trace", trace, url).exit_code == 0
        check(trace, server.http_port, "http", user.folder)


def test_a_trace_that_serve_left_of_several_clients(user: User, authority: Authority, files: Path) -> None:
    leaf = authority.leaf()
    trace = user.folder / "s.pcapng"
    with user.serving("--tls-cert", leaf.chain, "--tls-key", leaf.key, "--trace", trace, files) as server:
        for options in (("--tlsv1.3",), ("--tls-max", "1.2"), ("--curves", "P-521:P-256")):
            assert curl("--cacert", str(authority.root), *options, server.url("/f.bin")).stdout == CONTENT
    wireshark = Wireshark(trace, {server.port: "tls"})
    assert wireshark.exported(user.folder / "exported") == [SHA256] * 3
    assert wireshark.oddities() == ""
    assert private_mode(trace)


def test_a_trace_of_a_refused_handshake_shows_our_alert(user: User, authority: Authority, files: Path) -> None:
    trace = user.folder / "t.pcapng"
    with s_server(authority.leaf(), files, "-tls1_2") as server:
        assert user.run("get", "--trace", trace, f"https://localhost:{server.port}/f.bin").exit_code == 60
    wireshark = Wireshark(trace, {server.port: "tls"})
    assert wireshark.field("tls.alert_message.desc", "tls.alert_message") == ["48"]


def test_the_demos_trace_opens_decrypted_and_holds_the_file_four_times(user: User) -> None:
    ran = user.run("demo", "--trace", "t.pcapng")
    assert ran.exit_code == 0, ran.stderr
    trace = user.folder / "t.pcapng"
    ports = run("tshark", "-r", str(trace), "-Y", "tcp.flags.syn == 1 && tcp.flags.ack == 0", "-T", "fields",
                "-e", "tcp.dstport").text.split()  # fmt: skip
    http, *https = map(int, ports)
    assert len(https) == 4
    assert len(set(https)) == 1
    wireshark = Wireshark(trace, {http: "http", https[0]: "tls"})
    exported = wireshark.exported(user.folder / "exported")
    shown = re.findall(r"SHA-256\s+([0-9a-f]{6})…([0-9a-f]{4})", ran.text)
    assert len({exported[0], *exported}) == 2
    downloads = [digest for digest in exported if (digest[:6], digest[-4:]) == shown[0]]
    uploads = [digest for digest in exported if (digest[:6], digest[-4:]) == shown[-1]]
    assert (len(downloads), len(uploads)) == (4, 1)
    assert wireshark.oddities() == ""
    assert private_mode(trace)
    assert STATIC_RSA_LINE.search(trace.read_bytes())
    suites = wireshark.field("tls.handshake.ciphersuite", "tls.handshake.type == 2")
    assert suites[:3] == ["0xc030", "0x009d", "0x1301"]
