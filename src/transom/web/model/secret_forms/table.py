"""All the forms in which a secret is looked for, in one table. A new form is a row here."""

from __future__ import annotations

from transom.value import value
from transom.web.model.secret_forms.data import members, multipart, named_members, pairs, private_jwk
from transom.web.model.secret_forms.known import known
from transom.web.model.secret_forms.lines import (
    columns,
    fields,
    netrc,
    options,
    settings,
    subprotocol_cut,
    subprotocols,
)
from transom.web.model.secret_forms.markup import attributes, elements, keyed_elements
from transom.web.model.secret_forms.prose import flow, told, told_cut
from transom.web.model.secret_forms.spans import Finder
from transom.web.model.secret_forms.sql import copied, given, inserted
from transom.web.model.secret_forms.urls import (
    form,
    parameters,
    parameters_of_code,
    path_cut,
    paths,
    userinfo,
    userinfo_cut,
)


@value
class Form:
    """`find` gives the places of the secrets; in `example` each is called hunter2, and nothing else is one."""

    find: Finder
    example: bytes


ANYWHERE = (
    Form(known, b"see eyJhbGciOiJub25lIn0.hunter2 there"),
    Form(paths, b"/reset/token/hunter2_hunter2"),
)
"""These need no sign between a name and a value."""

NAMED = (
    Form(fields, b"Host: h\r\nAuthorization: hunter2\r\n"),
    Form(subprotocols, b"Sec-WebSocket-Protocol: mqtt, hunter2hunter2hunter2\r\n"),
    Form(userinfo, b"https://hunter2@host/"),
    Form(members, b'{"user": "me", "password": "hunter2"}'),
    Form(named_members, b'{"name": "password", "value": "hunter2"}'),
    Form(multipart, b'--x\r\nContent-Disposition: form-data; name="pin"\r\n\r\nhunter2\r\n--x--'),
    Form(private_jwk, b'{"kty": "OKP", "x": "11qYAYKxCrfVS", "d": "hunter2hunter2hunter2"}'),
)
TEXT = (
    Form(pairs, b'["password", "hunter2"]'),
    Form(parameters, b"/path?token=hunter2&page=2"),
    Form(settings, b"user = me\npassword = hunter2\n"),
    Form(netrc, b"machine h login me password hunter2"),
    Form(options, b"program --token hunter2 --page 2"),
    Form(columns, b"user,password,page\nme,hunter2,2\n"),
    Form(elements, b"<user>me</user><password>hunter2</password>"),
    Form(keyed_elements, b"<key>password</key><string>hunter2</string>"),
    Form(attributes, b"<input value='hunter2' name=token>"),
    Form(flow, b"login: {user: me, password: hunter2, page: 2}"),
    Form(inserted, b"INSERT INTO users (name, password) VALUES ('me', hunter2);"),
    Form(copied, b"COPY users (name, password) FROM stdin;\nme\thunter2\n"),
    Form(given, b"CREATE USER me IDENTIFIED BY 'hunter2';"),
    Form(told, b"Your password is hunter2 from now on"),
)
CODE = (
    Form(parameters_of_code, b'token = "hunter2"; page = 2;'),
    Form(pairs, b'store.setItem("token", "hunter2")'),
)
FORM = (Form(form, b"user=me&password=hunter2&page=2"),)
CUT = (
    Form(userinfo_cut, b"https://hunter2"),
    Form(path_cut, b"/verify/hunter2"),
    Form(subprotocol_cut, b"Sec-WebSocket-Protocol: mqtt, hunter2"),
    Form(told_cut, b"Your password is hunter2"),
)
