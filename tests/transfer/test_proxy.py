"""Which URL goes through which proxy, as curl has it."""

from __future__ import annotations

import pytest

from transom.errors import UsageError
from transom.transfer.login import Login
from transom.transfer.proxy import Proxy, choose_proxy, is_exempt, parse_proxy
from transom.transfer.url import parse_url

HTTP, HTTPS = parse_url("http://files.example/f"), parse_url("https://files.example/f")


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://p.example:3128", Proxy("p.example", 3128, source="-x")),
        ("p.example:3128", Proxy("p.example", 3128, source="-x")),
        ("p.example", Proxy("p.example", 1080, source="-x")),
        ("http://[::1]:3128/", Proxy("::1", 3128, source="-x")),
        ("http://me:p%40ss@p.example:1", Proxy("p.example", 1, Login("me", "p@ss"), "-x")),
        ("me@p.example:1", Proxy("p.example", 1, Login("me", ""), "-x")),
    ],
)
def test_a_proxy_is_written_as_for_curl(text: str, proxy: Proxy) -> None:
    assert parse_proxy(text, "-x") == proxy


@pytest.mark.parametrize(
    "text", ["https://me:secret@p.example", "socks5://p.example:1", "http://me:secret@", "http://me:secret@p.example:x"]
)
def test_what_is_no_http_proxy_is_refused_and_its_password_not_shown(text: str) -> None:
    with pytest.raises(UsageError, match="expected http://HOST:PORT") as caught:
        parse_proxy(text, "-x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "http", "https"),
    [
        ({}, None, None),
        ({"http_proxy": "a:1"}, "a", None),
        ({"HTTP_PROXY": "a:1"}, None, None),  # CVE-2016-5385
        ({"HTTPS_PROXY": "a:1"}, None, "a"),
        ({"https_proxy": "b:1", "HTTPS_PROXY": "a:1"}, None, "b"),
        ({"ALL_PROXY": "a:1"}, "a", "a"),
        ({"all_proxy": "a:1", "http_proxy": "b:1"}, "b", "a"),
        ({"ALL_PROXY": "a:1", "NO_PROXY": "files.example"}, None, None),
        ({"ALL_PROXY": "a:1", "NO_PROXY": ""}, "a", "a"),
    ],
)
def test_the_environment_chooses_as_it_does_for_curl(
    environ: dict[str, str], http: str | None, https: str | None
) -> None:
    choice = choose_proxy(None, environ)
    chosen = [choice(url) for url in (HTTP, HTTPS)]
    assert [proxy.host if proxy else None for proxy in chosen] == [http, https]


def test_the_option_comes_before_the_environment_and_an_empty_one_means_none() -> None:
    environ = {"ALL_PROXY": "a:1"}
    assert choose_proxy("b:1", environ)(HTTP) == Proxy("b", 1, source="--proxy")
    assert choose_proxy("", environ)(HTTP) is None
    assert choose_proxy("b:1", {"no_proxy": "*"})(HTTPS) is None


@pytest.mark.parametrize(
    ("host", "exempt"),
    [
        ("a.example", "a.example"),
        ("a.example", "x, a.example ,y"),
        ("sub.a.example", "a.example"),
        ("sub.a.example", ".a.example"),
        ("a.example", ".a.example"),
        ("a.example.", "A.Example"),
        ("anything", "*"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3"),
        ("::1", "[::1]"),
        ("2001:db8::5", "2001:db8::/32"),
    ],
)
def test_what_no_proxy_has(host: str, exempt: str) -> None:
    assert is_exempt(host, exempt)


@pytest.mark.parametrize(
    ("host", "exempt"),
    [
        ("a.example", ""),
        ("a.example", ". ,"),
        ("nota.example", "a.example"),
        ("a.example", "sub.a.example"),
        ("11.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "2.3"),
        ("10.1.2.3", "2001:db8::/32"),
        ("a.example", "a.*"),
    ],
)
def test_what_no_proxy_has_not(host: str, exempt: str) -> None:
    assert not is_exempt(host, exempt)
