"""The variables that a command is started with: the tunnel under every name that programs know, and the key log."""

from __future__ import annotations

from pathlib import Path

from transom.run.environment import environment_for

URL = "http://transom:secret@127.0.0.1:1234"
LOG = Path("/run/keys.log")

BEFORE = {
    "PATH": "/bin",
    "HTTPS_PROXY": "http://their.proxy:3128",
    "NO_PROXY": "localhost",
    "no_proxy": "*",
    "SSLKEYLOGFILE": "/their/log",
    "NODE_OPTIONS": "--max-http-header-size=1",
}


def test_the_tunnel_is_named_in_both_cases_and_nothing_is_excepted_from_it() -> None:
    given = environment_for(BEFORE, URL, LOG)
    led = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "ws_proxy", "wss_proxy")
    assert {name: given.get(name) for name in led} == dict.fromkeys(led, URL)
    assert (given["no_proxy"], given["NO_PROXY"]) == ("", "")
    assert given["NODE_USE_ENV_PROXY"] == "1"
    assert given["PATH"] == "/bin"


def test_what_is_excepted_from_a_proxy_is_kept_where_that_is_asked_for() -> None:
    given = environment_for(BEFORE, URL, LOG, keep_no_proxy=True)
    assert (given["no_proxy"], given["NO_PROXY"]) == ("*", "localhost")
    assert "no_proxy" not in environment_for({}, URL, LOG, keep_no_proxy=True)


def test_keys_go_to_the_log_also_those_of_node_which_keeps_its_options() -> None:
    given = environment_for(BEFORE, URL, LOG)
    assert given["SSLKEYLOGFILE"] == str(LOG)
    assert given["NODE_OPTIONS"] == f"--max-http-header-size=1 --tls-keylog={LOG}"
    with_space = Path('/a b/"c"\\d')
    assert environment_for({}, URL, with_space)["NODE_OPTIONS"] == r'"--tls-keylog=/a b/\"c\"\\d"'


def test_without_a_tunnel_the_proxies_are_theirs_and_the_log_is_ours() -> None:
    given = environment_for(BEFORE, None, LOG)
    assert {name: given[name] for name in ("HTTPS_PROXY", "NO_PROXY", "no_proxy")} == {
        name: BEFORE[name] for name in ("HTTPS_PROXY", "NO_PROXY", "no_proxy")
    }
    assert "https_proxy" not in given
    assert given["SSLKEYLOGFILE"] == str(LOG)


def test_where_a_program_answers_a_request_http_proxy_is_the_requests_field_and_no_setting() -> None:
    """CGI (RFC 3875 §4.1.18, CVE-2016-5385)."""
    given = environment_for({"REQUEST_METHOD": "GET", "HTTP_PROXY": "of the request"}, URL, LOG)
    assert given["HTTP_PROXY"] == "of the request"
    assert given["http_proxy"] == URL
