from __future__ import annotations

import pytest

from transom.errors import HttpError
from transom.http.messages import Headers, Request
from transom.http.target import Resource, resource

HOST = Headers([("Host", "h:8443")])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", Resource("/", None, "h:8443")),
        ("/a%20b?c=d?e", Resource("/a%20b", "c=d?e", "h:8443")),
        ("/a?", Resource("/a", "", "h:8443")),
        ("//a/../b", Resource("//a/../b", None, "h:8443")),
        ("http://other/a?b", Resource("/a", "b", "other")),
        ("HTTPS://other:1", Resource("/", None, "other:1")),
        ("http://other?b", Resource("/", "b", "other")),
    ],
)
def test_a_target_names_a_resource(target: str, expected: Resource) -> None:
    assert resource(Request("GET", target, HOST)) == expected


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "*"),
        ("OPTIONS", "*"),
        ("CONNECT", "h:443"),
        ("CONNECT", "/"),
        ("GET", "h:443"),
        ("GET", "../a"),
        ("GET", "file:///etc/passwd"),
        ("GET", "http:///a"),
        ("GET", "http://user@h/a"),
        ("GET", "/a#b"),
        ("GET", "\\a"),
    ],
)
def test_what_names_no_resource_of_an_origin_server_is_refused(method: str, target: str) -> None:
    with pytest.raises(HttpError) as refusal:
        resource(Request(method, target, HOST))
    assert refusal.value.status == 400
