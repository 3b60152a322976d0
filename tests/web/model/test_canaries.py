"""Values that must not be in a masked page, planted wherever a secret can stand, and searched for in all that it says.

Whoever gets a report looks at its text, its hex and its base64, and puts together what lies in pieces: so each canary
has two halves, and each half is searched for by itself.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from tests.dissect.told import START
from tests.real.transom import User
from tests.tls.shuttle import Shuttle, client_config, server_config
from tests.transfer.made import made
from tests.web.pages import opened
from transom.capture.write import TraceWriter
from transom.dissect.json_lines import encode
from transom.errors import UsageError
from transom.tls.iana.versions import ProtocolVersion
from transom.web.model.looked import View
from transom.web.model.opened import Kind, OpenedCapture
from transom.web.model.parts import PARTS
from transom.web.report import report
from transom.wire.tap import Endpoint, Endpoints, Side

CLIENT, SERVER = Side.CLIENT, Side.SERVER
VERSIONS = (ProtocolVersion.TLSv1_2, ProtocolVersion.TLSv1_3)
Said = list[tuple[Side, bytes]]

LEFT, RIGHT = b"zk3vXwRy8s", b"b2pLcTn5Ua"


class Canaries:
    """Makes them, and remembers what each stands for."""

    def __init__(self) -> None:
        self.made: dict[bytes, str] = {}

    def __call__(self, what: str) -> bytes:
        name = b"%03d" % len(self.made)
        self.made[name] = what
        return name + LEFT + name + RIGHT


def requests(canary: Canaries) -> Iterator[bytes]:
    """Each a whole request; its answer is the one of `answers` in the same place."""
    fields = (
        "Authorization", "Proxy-Authorization", "Cookie", "cOOkie2", "X-Api-Key", "Api-Key", "X-Auth-Token",
        "X-CSRF-Token", "X-Amz-Security-Token", "Private-Token", "Ocp-Apim-Subscription-Key", "X-Session-Id",
        "X-Hub-Signature-256", "Cf-Access-Jwt-Assertion", "X-Forwarded-Access-Token", "Client-Secret", "DPoP",
    )  # fmt: skip
    lines = b"".join(b"%s: Scheme %s\r\n" % (name.encode(), canary(f"field {name}")) for name in fields)
    yield b"GET /fields HTTP/1.1\r\nHost: h\r\n" + lines + b"\r\n"
    names = (
        "access_token", "token", "sig", "signature", "key", "api_key", "apikey", "password", "pwd", "code", "state",
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "id_token", "client_secret", "SAMLResponse",
        "jwt", "session", "code_verifier", "hdnts", "user[pin]", "user%5Bpassword%5D", "acc%65ss_token",
    )  # fmt: skip
    query = b"&".join(name.encode() + b"=" + canary(f"query {name}") for name in names)
    yield b"GET /dir/file;jsessionid=" + canary("path") + b"?" + query + b" HTTP/1.1\r\nHost: h\r\n\r\n"
    yield (
        b"GET http://u:%s@h/x?next=https%%3A%%2F%%2Fu%%3A%s%%40h%%2F%%3Ftoken%%3D%s HTTP/1.1\r\nHost: h\r\n"
        b"Referer: https://u:%s@h/p?code=%s\r\n"
        b"Authorization: Basic\r\n %s\r\nX-Token:%s\r\n\r\n"
    ) % tuple(canary(f"userinfo {where}") for where in ("target", "in it", "token", "referer", "code", "fold", "bare"))
    form = b"user=me&password=%s&pin=%s" % (canary("form"), canary("form pin"))
    yield post(b"/login", b"application/x-www-form-urlencoded", form)
    asked = {"query": f'mutation {{ login(user: "me", password: "{canary("GraphQL").decode()}") }}'}
    yield post(b"/graphql", b"application/json", json.dumps(asked).encode())
    yield post(
        b"/f", b"application/x-www-form-urlencoded", b"d=%7B%22pin%22%3A%22" + canary("JSON in a form") + b"%22%7D"
    )
    secrets = {"user": "me", "password": canary("JSON").decode(), "auth": {"token": [canary("JSON list").decode()]}}
    yield post(b"/login.json", b"application/json", json.dumps(secrets).encode())
    yield post(
        b"/upload",
        b"multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n%s\r\n--x--\r\n' % canary("multipart"),
    )
    body = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in cut(canary("chunks"), b'{"pass', b'word":"', b'"}'))
    trailer = b"0\r\nX-Api-Key: %s\r\n\r\n" % canary("trailer of a request")
    yield b"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body + trailer

    yield (
        b"GET /reset/token/%s?tok+en=%s&next=%%252Fb%%253Ftoken%%253D%s HTTP/1.1\r\nHost: h\r\n"
        b"Sec-WebSocket-Protocol: chat, access_token, %s\r\nX-Forwarded-Client-Cert: Hash=%s\r\n\r\n"
    ) % tuple(
        canary(f"written {how}") for how in ("in a path", "with a plus", "twice encoded", "as a protocol", "XFCC")
    )
    yield post(b"/l", b"application/json", b'{"\\u0070assw\\u006frd": "%s"}' % canary("a name in escapes"))
    yield post(
        b"/upload",
        b"multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\na\r\n--%s\r\n--x--\r\n' % canary("two dashes"),
    )


def answers(canary: Canaries) -> Iterator[bytes]:
    cookies = b"".join(
        b"%s: id=%s; Path=/\r\n" % (name, canary(f"answer {name.decode()}"))
        for name in (b"Set-Cookie", b"sEt-cOOkie", b"Set-Cookie2", b"Authentication-Info", b"X-Refresh-Token")
    )
    yield answer(b"text/plain", b"ok", cookies)
    yield answer(b"text/plain", b"ok", b"Location: https://u:%s@h/?code=%s\r\n" % (canary("Location"), canary("code")))
    yield answer(b"application/json", b'{"access_token":"%s","refresh_token":"' % canary("token") + canary("end"))
    yield answer(b"application/json", gzip.compress(b'{"t":"%s"}' % canary("gzip")), b"Content-Encoding: gzip\r\n")
    wide = f"password={canary('UTF-16').decode()}".encode("utf-16-le")
    yield answer(b"text/plain; charset=utf-16", wide)
    yield answer(b"text/plain", canary("range") + b"\npublic\n", b"Content-Range: bytes 9-42/100\r\n")
    yield answer(b"text/plain", b"Cookie: " + canary("echo") + b"\n", b"Location: //u:%s@h/\r\n" % canary("relative"))
    html = (
        b'<input name=csrf value="%s"><meta content="%s" name="csrf-token">\n<token>%s</token>\n'
        b"Authorization: Bearer %s\n-----BEGIN RSA PRIVATE KEY-----\n%s\n"
    ) % tuple(canary(f"page {what}") for what in ("input", "meta", "element", "echo", "private key"))
    yield answer(b"text/html", html)
    chunked = b"".join(b"%x;t=%s\r\n%s\r\n" % (len(one), canary("extension"), one) for one in (b"abc", b"def"))
    yield (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n" + chunked
        + b"0\r\nSet-Cookie: a=%s\r\n\r\n" % canary("trailer")
    )  # fmt: skip
    html = b"<textarea name=token>%s</textarea><dict><key>password</key><string>%s</string></dict>"
    yield answer(
        b"text/html", html % (canary("textarea"), canary("plist")), b"Refresh: 0; url=/?code=%s\r\n" % canary("R")
    )
    lines = b"machine h login me password %s\n[db]\npassword = a %s\nuser,token\nme,%s\n\n" + b"ghp_%s"
    listed = tuple(canary(what) for what in ("netrc", "INI", "CSV"))
    yield answer(b"text/plain", lines % (*listed, canary("GitHub")), b"Link: </?token=%s>\r\n" % canary("Link"))
    quoted = b'{"log": "GET / HTTP/1.1\\r\\nCookie: a=%s\\r\\n", "pair": ["password", "%s"]}'
    yield answer(b"application/json", quoted % (canary("a quoted head"), canary("pair")))


def cut(value: bytes, *around: bytes) -> list[bytes]:
    """A JSON text whose name and whose value lie in several chunks."""
    before, name, after = around
    half = len(value) // 2
    return [before, name + value[:half], value[half:] + after]


def post(target: bytes, kind: bytes, body: bytes) -> bytes:
    return (
        b"POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        % (target, kind, len(body)) + body
    )  # fmt: skip


def answer(kind: bytes, body: bytes, fields: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
    return head % (kind, len(body), fields) + body


def exchanges(canary: Canaries) -> Said:
    pairs = zip(requests(canary), answers(canary), strict=True)
    return [said for asked, answered in pairs for said in ((CLIENT, asked), (SERVER, answered))]


def odd(canary: Canaries) -> Iterator[Said]:
    """Conversations in which something is amiss, each by itself."""
    whole = b"GET / HTTP/1.1\r\nHost: h\r\n"
    yield [(CLIENT, b"n=" + canary("begins inside") + b"\r\nHost: h\r\n\r\n"), (SERVER, answer(b"text/plain", b"ok"))]
    yield [(CLIENT, b'"' + canary("begins in a body") + b'"}\r\n' + whole + b"\r\n"), (SERVER, answer(b"a/b", b"ok"))]
    yield [(CLIENT, whole + b"Cookie: a=" + canary("head cut short"))]
    yield [(CLIENT, whole + b"Authorization : Basic " + canary("malformed") + b"\r\n\r\n")]
    yield [(CLIENT, whole + b"X: y\x00\r\nCookie: " + canary("behind what is malformed") + b"\r\n\r\n")]
    yield [(SERVER, b"220 ready\r\n"), (CLIENT, b"USER me\r\nPASS " + canary("FTP") + b"\r\n")]
    yield [(CLIENT, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + canary("HTTP/2"))]
    yield [
        (CLIENT, whole + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
        (SERVER, b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
        (SERVER, b"\x81\x20" + canary("WebSocket")),
    ]
    connect = b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nProxy-Authorization: Basic %s\r\n\r\n" % canary("proxy")
    yield [
        (CLIENT, connect),
        (SERVER, b"HTTP/1.1 200 OK\r\n\r\n"),
        (CLIENT, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n" + canary("HTTP in a tunnel")),
    ]


def crossing(said: Said, chance: Random, version: ProtocolVersion, keys: Callable[[str], object]) -> Said:
    """The same in TLS, in records of any length."""
    shuttle = Shuttle.between(client_config(versions=(version,), keylog=keys), server_config())
    shuttle.handshake()
    for side, data in said:
        for piece in cut_anywhere(data, chance):
            shuttle.send(side, piece)
    return shuttle.wire


def cut_anywhere(data: bytes, chance: Random) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        count = chance.randint(1, 200)
        yield data[at : at + count]
        at += count


def planted(path: Path, canary: Canaries, chance: Random) -> Path:
    """A trace with all of them in it: in the clear, in TLS 1.2 and 1.3, in a tunnel."""
    lines: list[str] = []
    clear = exchanges(canary)
    tls = [crossing(exchanges(canary), chance, version, lines.append) for version in VERSIONS]
    tunnel: Said = [
        (CLIENT, b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nProxy-Authorization: Basic %s\r\n\r\n" % canary("tunnel")),
        (SERVER, b"HTTP/1.1 200 OK\r\n\r\n"),
        *crossing(exchanges(canary), chance, ProtocolVersion.TLSv1_3, lines.append),
    ]
    with TraceWriter(path, "transom test") as writer:
        for line in lines:
            writer.secret(line.rstrip("\n"))
        for number, said in enumerate([clear, *tls, tunnel, *odd(canary)]):
            tap = writer.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", 50000 + number), Endpoint("127.0.0.1", 8443)), START)
            for side, data in said:
                for piece in cut_anywhere(data, chance):
                    tap.data(side, piece, START + number * 10**6)
            for side in (SERVER, CLIENT):
                tap.closed(side, START + 10**9)
    return path


def everything(page: OpenedCapture) -> bytes:
    """All that the live page answers and saves of what was said, and the report with its document unpacked."""
    text = report(page)
    found = [text, unpacked(text).decode()]
    found += [encode(page.answer("about")), encode(page.answer("state"))]
    for view in page.views:
        found.append(encode(page.answer(f"conversations/{view}")))
        for number in range(len(page.summary.conversations)):
            base = f"conversations/{number}/{view}"
            found.append(encode(page.answer("state", {"c": str(number)})))
            found += [encode(page.answer(f"{base}/{name}")) for name in (*PARTS, "beside", "packets/0", "compare/0")]
            found += [encode(page.answer(f"{base}/follow/{place}")) for place in range(1000, 12_000, 4001)]
            steps = [entry.id for entry in page.context(number, view).entries if entry.has_step]
            found += [encode(page.answer(f"{base}/{part}/{step}")) for step in steps for part in ("step", "place")]
    saved = [saved_by(page, number, view, side) for number, view in conversations_of(page) for side in Side]
    return "\n".join(found).encode() + b"\n".join(saved)


def unpacked(text: str) -> bytes:
    """The document of a report."""
    (packed,) = re.findall(r'id="document">([^<]*)</script>', text)
    return zlib.decompress(base64.b64decode(packed))


def conversations_of(page: OpenedCapture) -> list[tuple[int, View]]:
    """In each view."""
    return [(number, view) for view in page.views for number in range(len(page.summary.conversations))]


def saved_by(page: OpenedCapture, number: int, view: View, side: Side) -> bytes:
    """What Follow saves of a side; where it shows nothing, it saves nothing."""
    if page.context(number, view).withheld:
        with pytest.raises(UsageError, match="is no HTTP"):
            page.take_file(str(number), view, f"said-{side.value}")
        return b""
    _, content = page.take_file(str(number), view, f"said-{side.value}")
    return made(content)


def forms(half: bytes) -> Iterator[bytes]:
    """What somebody would search for who does not give up soon."""
    yield half
    yield half[::-1]
    for order in ("utf-16-le", "utf-16-be"):
        yield half.decode().encode(order)
        yield half.decode().encode(order).hex().encode()
    yield half.hex().encode()
    yield half[::-1].hex().encode()
    yield b" ".join(b"%02x" % byte for byte in half)
    for letter in (b"%%%02x", b"\\u%04x", b"\\x%02x", b"&#%d;", b"&#x%x;"):
        yield b"".join(letter % byte for byte in half)
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + half)
        yield encoded[4 if before else 0 : len(encoded) // 4 * 4 - 4]


def left_in(said: bytes) -> list[bytes]:
    """What there is of canaries, in letters of either case, with what is before it."""
    small = said.lower()
    found: list[bytes] = []
    for form in {form.lower() for half in (LEFT, RIGHT) for form in forms(half)}:
        at = small.find(form)
        while at >= 0:
            found.append(said[max(at - 80, 0) : at + len(form)])
            at = small.find(form, at + 1)
    return found


@pytest.mark.parametrize("seed", range(2))
def test_no_secret_is_in_a_masked_page_in_any_form(seed: int, tmp_path: Path) -> None:
    canary = Canaries()
    trace = planted(tmp_path / "t.pcapng", canary, Random(seed))
    kinds: tuple[Kind, ...] = ("masked", "without-keys")
    for kind in kinds:
        assert left_in(everything(opened(trace, kind))) == []


def said_of_nothing_secret() -> Said:
    """Words alone, wherever there can be any: nothing here is to be masked, and all of it was sealed."""
    word = LEFT + RIGHT
    ask = b"POST /%s/%s?%s=%s HTTP/1.1\r\nHost: %s\r\nX-%s: %s\r\nContent-Type: %s/%s\r\nContent-Length: %d\r\n\r\n"
    told = (
        b"HTTP/1.1 200 %s\r\nServer: %s\r\nContent-Disposition: attachment; filename=%s\r\nContent-Length: %d\r\n\r\n"
    )
    body = b"<%s>" % word * 40
    return [
        (CLIENT, ask % (*(word,) * 9, len(body)) + body),
        (SERVER, told % (*(word,) * 3, len(body)) + body),
        (SERVER, told.replace(b"200", b"404") % (*(word,) * 3, len(body)) + body),
    ]


@pytest.mark.parametrize("option", [(), ("--without-keys",)])
def test_in_a_report_without_keys_nothing_that_was_said_in_tls_is_left_in_any_form(
    option: Sequence[str], tmp_path: Path
) -> None:
    """The keys are in the trace, and in a log that is given as well."""
    user = User.new(tmp_path)
    lines: list[str] = []
    said = said_of_nothing_secret()
    wires = [crossing(said, Random(0), version, lines.append) for version in VERSIONS]
    with TraceWriter(user.folder / "t.pcapng", "transom test") as writer:
        for line in lines:
            writer.secret(line.rstrip("\n"))
        for number, wire in enumerate(wires):
            tap = writer.conversation()
            tap.opened(Endpoints(Endpoint("127.0.0.1", 50000 + number), Endpoint("127.0.0.1", 8443)), START)
            for side, data in wire:
                for piece in cut_anywhere(data, Random(number)):
                    tap.data(side, piece, START + 10**6)
    (user.folder / "keys.log").write_text("".join(lines))
    ran = user.run("view", "t.pcapng", "--keylog", "keys.log", "-o", "r.html", *option)
    assert ran.exit_code == 0, ran.stderr
    text = (user.folder / "r.html").read_text("utf-8")
    data = unpacked(text)
    is_left = bool(option)
    assert bool(left_in(text.encode() + data + all_unpacked(data))) is not is_left
    secrets = [line.split()[2] for line in lines if not line.startswith("#")]
    assert not any(secret.encode() in data or secret.encode() in text.encode() for secret in secrets)


BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")


def all_unpacked(data: bytes) -> bytes:
    """Whatever in it may be base64 or hex of something, undone."""
    found: list[bytes] = []
    for run in BASE64.findall(data):
        plain = run.translate(bytes.maketrans(b"-_", b"+/"))
        found += [base64.b64decode(plain[at : at + (len(plain) - at) // 4 * 4]) for at in range(4)]
        if re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", run):
            found.append(bytes.fromhex(run.decode()))
    return b"\n".join(found)


def test_with_secrets_they_are_all_there_but_what_is_compressed(tmp_path: Path) -> None:
    canary = Canaries()
    trace = planted(tmp_path / "t.pcapng", canary, Random(0))
    said = everything(opened(trace, "with-secrets"))
    missing = {
        what
        for name, what in canary.made.items()
        if not any(form in said for half in (LEFT, RIGHT) for form in forms(name + half))
    }
    assert missing == {"gzip"}


def test_what_is_saved_is_what_was_said_with_the_secrets_or_as_long_without_them(tmp_path: Path) -> None:
    canary = Canaries()
    trace = planted(tmp_path / "t.pcapng", canary, Random(0))
    whole, masked = opened(trace, "with-secrets"), opened(trace)
    said = {side: b"".join(data for one, data in exchanges(Canaries()) if one is side) for side in Side}
    for number in (1, 2):  # the same in TLS 1.2 and 1.3, with other canaries
        for side in Side:
            saved = saved_by(whole, number, "with-keys", side)
            assert left_in(saved)
            assert len(saved) == len(saved_by(masked, number, "with-keys", side)) == len(said[side])


def test_saved_without_keys_is_what_crossed_and_nothing_that_was_sealed(tmp_path: Path) -> None:
    trace = planted(tmp_path / "t.pcapng", Canaries(), Random(0))
    page = opened(trace, "without-keys")
    for number in (1, 2):
        for side in Side:
            saved = saved_by(page, number, "without-keys", side)
            assert saved.startswith(b"\x16\x03")
            assert not left_in(saved)
            with pytest.raises(UsageError, match="no view with-keys"):
                page.take_file(str(number), "with-keys", f"said-{side.value}")
