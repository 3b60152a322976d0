"""What the table of forms finds, and what it leaves alone: a page in which everything is a star is of no use."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transom.http.messages import Headers
from transom.web.model.mask import Masking
from transom.web.model.said import mask_body
from transom.web.model.scrub import Kind, scrub
from transom.web.model.secret_forms.table import ANYWHERE, CODE, CUT, FORM, NAMED, TEXT, Form
from transom.web.model.secret_forms.text import Text
from transom.web.model.unescaped import unescaped

ROWS: list[tuple[Kind, Form]] = [
    *(("text", form) for form in (*ANYWHERE, *NAMED, *TEXT, *CUT)),
    *(("code", form) for form in CODE),
    *(("form", form) for form in FORM),
]
SECRET = b"hunter2"

HIDDEN = [
    b"<textarea name=token rows=2>hunter2\nmore</textarea>ok",
    b'<textarea rows="2" name="user[password]">hunter2</textarea><p>ok</p>',
    b"<dict><key>n</key><key>password</key>\n  <string>hunter2</string></dict>",
    b"<key>tokens</key><array><string>hunter2</string><string>hunter2b</string></array><key>ok</key>",
    b"<member><name>password</name><value><string>hunter2</string></value></member>",
    b'["password","hunter2"]',
    b'[["password", "hunter2"], ["user", "me"]]',
    b'{"rawHeaders":["Host","h","Authorization","Basic aHVudGVyMg==hunter2","Cookie","a=hunter2","Accept","*/*"]}',
    b'{"\\u0070assw\\u006frd":"hunter2","n":1}',
    b'{"\\u0070assw\\u006frd":["hunter2", "b"],"n":1}',
    b'{"pass\\/word":"hunter2"}',
    b'{"x":"{\\"y\\":\\"{\\\\\\"token\\\\\\":\\\\\\"hunter2\\\\\\"}\\"}", "n":1}',
    b'{"log":"GET / HTTP/1.1\\r\\nCookie: a=hunter2\\r\\nHost: h","n":1}',
    b'{"env":"A=b\\nDB_PASSWORD=hunter2 and more\\nC=d","n":1}',
    b"machine h\n login me\n password hunter2\nmachine b login x password HUNTER",
    b"default login anonymous password hunter2",
    b"/reset/token/a1hunter2a1?x=1",
    b"/account/password-reset/MQ/c3f1a2-hunter2x99/",
    b"/a?next=%252Fb%253Ftoken%253Dhunter2%2526c%253Dd&e=f",
    b"/a?u=https%253A%252F%252Fme%253Ahunter2%2540h%252F",
    b"/a?tok+en=hunter2&b=c",
    b"/a?tok%20en=hunter2&b=c",
    b"Sec-WebSocket-Protocol: chat, access_token, hunter2",
    b"Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.hunter2, v4.channel.k8s.io",
    b'X-Forwarded-Client-Cert: Hash=hunter2;Cert="hunter2"',
    b"db:\n  user: me\n  password: hunter2\n  host: h",
    b"password: |\n  hunter2\n\n  HUNTER\nnext: ok",
    b"tokens:\n- hunter2\n- HUNTER\nnext: ok",
    b"  - password: >-\n      hunter2\n    user: me",
    b"[db]\npassword = my hunter2 phrase\nuser = me",
    b"export DB_PASSWORD=hunter2&hunter2\nA=b",
    b"db.password=hunter2",
    b"spring.datasource.password: hunter2",
    b'<wsse:Password Type="x"><b>hunter2</b></wsse:Password>',
    b'<session id="1"><user>hunter2</user></session>',
    b'<user name="me" password="hunter2"/>',
    b'<property name="password"><value>hunter2</value></property>',
    b'<string name="api_key">hunter2</string>',
    b'<add value="hunter2" key="ApiKey"/>',
    b'<div data-json="{&quot;token&quot;:&quot;hunter2&quot;,&quot;n&quot;:1}">text</div>',
    b'<div title="&#112;assword=hunter2">',
    b"&lt;password&gt;hunter2&lt;/password&gt; ok",
    b'id,user,password,page\n1,me,hunter2,3\n2,"a, b","hunter2\nhunter2",4',
    b"id;user;passwort;token\n1;me;x;hunter2",
    b"| user | password |\n|------|----------|\n| me | hunter2 |",
    b"user\tpin\nme\thunter2",
    b"curl --token hunter2 https://x",
    b"cmd --password 'a hunter2' -v",
    b"AKIAHUNTER2HUNTER2AB",
    b"ghp_hunter2hunter2hunter2",
    b"x xoxb-hunter2-hunter2",
    b"eyJhbGciOiJkaXIi..hunter2.hunter2.tag",
    b"-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2",
    b'{"key":"-----BEGIN RSA PRIVATE KEY-----\\nhunter2\\n-----END RSA PRIVATE KEY-----\\n"}',
    b'{"value":"hunter2","name":"password"}',
    b'{"value":"hunter2',
    b"<input type=hidden value='hunter2",
    b"'password' => 'hunter2',",
    b"define('DB_PASSWORD', 'hunter2');",
    b'$cfg["password"] = "hunter2";',
    b'"Password"="hunter2"',
    b"Server=x;Uid=me;Pwd=hunter2;",
    b"AccountName=x;AccountKey=hunter2==;",
    b"postgres://me:hunter2@h/db",
    '{"비밀번호":"hunter2"}'.encode(),
    "비밀번호=hunter2".encode(),
    b"/a?%EB%B9%84%EB%B0%80%EB%B2%88%ED%98%B8=hunter2",
    "비밀번호: hunter2".encode(),
    b"root:$6$salt$hunter2hunter2",
    b'[("password", "hunter2")]',
    b"{b'Cookie': b'a=hunter2'}",
    b'{"code": "4hunter2"}',
    b'{"a":{"otp_code":"hunter2"}}',
    b"//npm.example/:_authToken=hunter2",
    b'{"userPwd":"hunter2"}',
    b"Refresh: 0; url=/cb?code=hunter2",
    b"Link: <https://u:hunter2@h/?token=hunter2>; rel=next",
    b"Content-Disposition: attachment; filename*=UTF-8''a%3Ftoken%3Dhunter2",
    b"password=hunter2%0Amore&user=me",
    b"https://hooks.slack.com/services/T0123ABCD/B0123ABCD/hunter2hunter2hunter2",
    b"https://h/api/webhooks/123456/a-hunter2-b",
    b"https://api/bot123456789:AAhunter2hunter2hunter2hunter2hunter2/x",
    b"Hello, your password has been reset to hunter2. Change it.",
    b"Your new password: HUNTER",
    b"<p>Your password is <b>HUNTER</b></p>",
    b"Log in with it (password: hunter2).",
    b'The token is "HUNTER".',
    "비밀번호는 hunter2 입니다".encode(),
    "인증번호 [hunter2]를 입력하세요".encode(),
    b"db: {user: me, password: a hunter2, port: 1}",
    b"- [{name: a, pw: hunter2}]",
    b"INSERT INTO `users` (`id`, `password`) VALUES (1, 'hunter2'), (2, 'it''s hunter2'), (3, md5('hunter2'));",
    b"insert into t (token, n)\nvalues ('hunter2',\n 2)",
    b"INSERT INTO t (a, token) VALUES ('x', (1, 'hunter2",
    b"COPY public.users (name, password) FROM stdin;\nme\thunter2\nyou\thunter2\n\\.\n",
    b"ALTER ROLE me WITH PASSWORD 'hunter2';",
    b'{"sql": "INSERT INTO t (n, pin) VALUES (1, \'hunter2\')"}',
]
"""Each with hunter2 or HUNTER in it, wherever that stands for a secret."""

SHOWN = [
    b"The token of a session is sent in a cookie; the password, user, and key are not. Bearer tokens are.",
    b'A word on passwords: never write them down, e.g. "password" or "secret", in a list of names, secrets, keys.',
    b"When the state of Texas = a state, the code is 404 and the key a skeleton key.",
    b"<p>Set <code>ls -l</code> and <kbd>Ctrl</kbd>; a <b>token</b> is a word.</p>",
    b'<dl><dt>token</dt><dd>a thing</dd></dl><a name="password"></a><h2 id="session">Sessions</h2><p>Text</p>',
    b"<ListBucketResult><Key>photos/cat.jpg</Key><State>Texas</State></ListBucketResult>",
    b'{"code": 404, "state": "Texas", "key": "colour", "message": "no such file"}',
    b'{"token": null, "password": false, "secret": true, "n": 1}',
    b'{"response_types_supported":["code","token","id_token","none"],"scopes":["a"]}',
    b"<key>CFBundleName</key><string>App</string>",
    b'{"name":"colour","value":"abc"}',
    b"date,open,close\n2026-01-01,1,2",
    b"if (token == other || state === 1 || code >= 3) { return; }",
    b"/docs/session/overview.html",
    b"/reset/password",
    b"/api/token/revoke",
    b"/verify/email-address-of-somebody.html",
    b"--- a/README\n+++ b/README\n- one\n+ two",
    b"Sec-WebSocket-Protocol: graphql-transport-ws, v10.stomp, mqtt",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b'ETag: "33a64df551425fcc55e4d42a148795d9f25f0ff0"',
    b'Content-Disposition: attachment; filename="a b.txt"',
    b"machine learning is a field; the default password is long",
    b"C:\\tools\\new\\readme.txt",
    b'{"html":"<p class=\\"a\\">x<\\/p>","n":1}',
    b"100% of all &amp; 5% more; a&b; caf&eacute;",
    b'<option value="3" selected>Three</option><option value=4>Four</option>',
    b"<select name=state><option value=TX>Texas</option></select>",
    b"users:\n  - name: me\n    roles: [a, b]\n    keys: 3",
    b'{"compass": "north", "spinner": 3, "bypass": "road", "author": "me", "authority": "x", "designation": "y"}',
    b"The password is required. Your session is closed, the token was invalid, and the cookie has been set.",
    b"Error: invalid token: expired; the secret is out: read it. What a password is: a word.",
    b"The exit code is 1001 and the state is 12345; the key is 4096 bytes.",
    b"INSERT INTO cats (name, colour) VALUES ('tom', 'grey'); COPY cats (name) FROM stdin;\ntom\n",
    b"{width: 3, height: 4} and {a: b}",
    "비밀번호는 8자 이상이어야 합니다. 인증번호 6자리를 입력하세요.".encode(),
    b'@media (min-width: 3em) { .token { color: red } .password::after { content: "x" } }',
]
"""None of these has a secret in it, whatever words are."""


@pytest.mark.parametrize(("kind", "form"), ROWS)
def test_each_row_finds_the_secret_of_its_example_and_no_other_row_more_than_that(kind: Kind, form: Form) -> None:
    assert any(SECRET in form.example[start:end] for start, end in form.find(Text(form.example)))
    shown = scrub(form.example, kind)
    assert SECRET not in shown
    kept = form.example.replace(SECRET, b"").translate(None, b"\"'_")
    assert shown.translate(None, b"*\"'_") in (kept, kept.replace(b"eyJhbGciOiJub25lIn0.", b""))


@pytest.mark.parametrize("data", HIDDEN)
def test_a_secret_is_masked(data: bytes) -> None:
    shown = scrub(data)
    assert SECRET in data or b"HUNTER" in data
    assert SECRET not in shown
    assert b"HUNTER" not in shown


@pytest.mark.parametrize("data", SHOWN)
def test_what_is_none_is_not_masked(data: bytes) -> None:
    assert scrub(data, is_whole=True) == data


Carrier = Callable[[bytes], bytes]


def _percent(data: bytes) -> bytes:
    return b"/a?x=%s&page=2" % quote(data, safe="").encode()


def _percent_all(data: bytes) -> bytes:
    return b"/a?x=%s&page=2" % b"".join(b"%%%02x" % byte for byte in data)


def _json(data: bytes) -> bytes:
    return json.dumps({"x": data.decode(), "page": 2}).encode()


def _json_all(data: bytes) -> bytes:
    return b'{"x": "%s", "page": 2}' % b"".join(b"\\u%04x" % byte for byte in data)


def _entities(data: bytes) -> bytes:
    return b'<a title="%s ">page</a>' % html.escape(data.decode()).replace("\n", "&#10;").encode()


def _entities_all(data: bytes) -> bytes:
    return b'<a title="%s ">page</a>' % b"".join(b"&#%d;" % byte for byte in data)


def _utf_16(data: bytes) -> bytes:
    return "한글\n".encode("utf-16-le") * 30 + data.decode().encode("utf-16-le")


CARRIERS = (_percent, _percent_all, _json, _json_all, _entities, _entities_all, _utf_16)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("form", [*ANYWHERE, *NAMED, *TEXT])
def test_each_form_is_found_where_it_is_escaped_and_where_it_is_escaped_twice(form: Form, carrier: Carrier) -> None:
    for outer in (bytes, _percent_all) if carrier is _utf_16 else (bytes, _percent, _json):
        carried = outer(carrier(form.example))
        shown = scrub(carried)
        assert len(shown) == len(carried)
        assert SECRET not in _said(shown)
        if carrier is not _utf_16:
            assert b"page" in shown[-20:]


def _said(data: bytes) -> bytes:
    """With all escapes undone, of any depth."""
    for undone in unescaped(data):
        data = undone.data
    return data


def test_what_is_issued_is_known_whole_and_where_the_end_cuts_it() -> None:
    for begins in (b"AKIA", b"ghp_", b"glpat-", b"xoxb-", b"sk_live_", b"hvs.", b"AGE-SECRET-KEY-1"):
        token = begins + b"A1B2C3D4E5F6G7H8J9K0L1M2N3P4Q5R6S7"
        assert scrub(b"see " + token[:20] + b" there") in (
            b"see " + b"*" * 20 + b" there",
            b"see " + token[:20] + b" there",
        )
        for end in range(len(begins), len(token)):
            assert scrub(b"see " + token[:end]) == b"see " + b"*" * end


def test_what_a_program_assigns_stays_readable_and_what_it_has_in_quotes_does_not() -> None:
    script = Headers([("Content-Type", "text/javascript; charset=utf-8")])
    code = b"const token = getToken(); key=a.b; r = {token:e.token}; u='/x?token=%s'; pw = \"%s\";"
    shown = (code % (b"***", b"def")).replace(b'"def"', b"*****")
    assert mask_body(code % (b"abc", b"def"), script) == shown


def test_a_header_by_itself_is_masked_as_it_is_in_a_head() -> None:
    masking = Masking()
    assert masking.header("Sec-WebSocket-Protocol", "mqtt, access_token, abc") == "*" * 23
    assert masking.header("Cookie", "a=b\u20ac") == "*" * 6
    assert masking.header("X-Forwarded-Client-Cert", "Hash=a") == "******"


def test_a_body_that_is_compressed_for_the_transfer_is_masked_as_a_whole() -> None:
    assert mask_body(b"abc", Headers([("Transfer-Encoding", "gzip, chunked")])) == b"***"
    assert mask_body(b"abc", Headers([("Transfer-Encoding", "chunked")])) == b"abc"


@given(st.lists(st.sampled_from([form.example for _, form in ROWS]) | st.binary(max_size=30), max_size=5))
def test_whatever_is_masked_no_byte_moves_and_masked_again_it_is_the_same(parts: list[bytes]) -> None:
    data = b"".join(parts)
    shown = scrub(data)
    assert len(shown) == len(data)
    assert all(one in (other, ord("*")) for one, other in zip(shown, data, strict=True))
    assert all(one == other for one, other in zip(shown, data, strict=True) if other in b"\r\n")


@given(st.text(max_size=60), st.sampled_from(["%", "\\", "&"]))
def test_where_escaped_text_stood_is_told_for_any_part_of_it(text: str, escape: str) -> None:
    data = f"{escape}{text}{escape}41 &amp; \\u0041{text}".encode("utf-8", "replace")
    for undone in unescaped(data):
        for start in range(len(undone.data)):
            begin, end = undone.span(start, start + 1)
            assert 0 <= begin <= end <= len(data)
        data = undone.data
