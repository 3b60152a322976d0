"""The pytest plugin, in pytest runs of its own against real servers on loopback."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.certificates import Authority, Leaf
from tests.tracing.web import web_server_apart

pytest_plugins = ["pytester"]


@pytest.fixture(scope="module")
def old(leaf: Leaf, folder: Path) -> Generator[int]:
    """A server that speaks TLS 1.2 alone."""
    with web_server_apart(folder, leaf, ssl.TLSVersion.TLSv1_2) as port:
        yield port


@pytest.fixture
def web(pytester: pytest.Pytester, authority: Authority, old: int, http: int) -> pytest.Pytester:
    """A folder for tests, which get `https(path)`, `http(path)` and a client that all of them share."""
    pytester.makeconftest(f"""
import ssl, urllib.request, pytest, http.client
context = ssl.create_default_context(cafile={str(authority.root)!r})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}), urllib.request.HTTPSHandler(context=context))

@pytest.fixture
def https():
    return lambda path="/file.bin": opener.open("https://localhost:{old}" + path).read()

@pytest.fixture
def http():
    return lambda path="/file.bin": opener.open("http://localhost:{http}" + path).read()

@pytest.fixture(scope="session")
def client():
    import http.client
    connection = http.client.HTTPSConnection("localhost", {old}, context=context)
    yield lambda path, **more: (connection.request("GET", path, **more), connection.getresponse().read())
    connection.close()
""")
    return pytester


def run(web: pytest.Pytester, *options: str) -> pytest.RunResult:
    # In a process of its own, as the taps of this one are looked at by other tests.
    return web.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly", *options)


def test_a_plaintext_request_fails_the_test(web: pytest.Pytester, http: int) -> None:
    web.makepyfile("def test_it(http): http()")
    result = run(web, "--https-policy")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "test_a_plaintext_request_fails_the_test.py::test_it broke the HTTPS policy:",
            f"- GET http://localhost:{http}/file.bin went to 127.0.0.1:{http} in plaintext; expected HTTPS",
        ]
    )


def test_an_old_version_fails_the_test(web: pytest.Pytester, old: int) -> None:
    web.makepyfile("def test_it(https): https()")
    result = run(web, "--https-policy", "--https-cert-days=1", "--https-min-version=TLSv1.3")
    result.assert_outcomes(failed=1)
    where = f"localhost (127.0.0.1:{old}, GET https://localhost:{old}/file.bin)"
    result.stdout.fnmatch_lines([f"- TLSv1.2 was spoken with {where}; expected TLSv1.3 or later"])


def test_a_certificate_near_its_end_fails_the_test(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(https): https()")
    result = run(web, "--https-policy", "--https-cert-days=30")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["- the certificate of localhost (*) expires on 2*, in 9 days; expected 30 days or more"]
    )


def test_a_certificate_that_holds_for_just_as_long_passes(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(https): https()")
    run(web, "--https-policy", "--https-cert-days=9").assert_outcomes(passed=1)


def test_a_host_that_is_not_listed_fails_the_test(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(https): https()")
    result = run(web, "--https-policy", "--https-cert-days=1", "--https-host=*.example.com", "--https-host=example.org")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["- localhost (*) was spoken with; expected only [*].example.com, example.org"])


def test_a_host_that_is_asked_for_on_the_connection_of_another_is_judged_as_well(web: pytest.Pytester) -> None:
    web.makepyfile("""
def test_it(client):
    client("/file.bin")
def test_other(client):
    client("/file.bin", headers={"Host": "other.example"})
""")
    result = run(web, "--https-policy", "--https-cert-days=1", "--https-host=localhost")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["- other.example (localhost (*)) was spoken with; expected only localhost"])


def test_the_hosts_of_a_mark_are_those_of_its_test_in_the_place_of_those_configured(web: pytest.Pytester) -> None:
    web.makepyfile("""
import pytest
@pytest.mark.https_policy(hosts=["pay.example", "LOCAL*"])
def test_listed(https): https()
@pytest.mark.https_policy(hosts=["pay.example"])
def test_stranger(https): https()
@pytest.mark.https_policy
def test_as_configured(https): https()
""")
    result = run(web, "--https-cert-days=1", "--https-host=example.net")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*::test_stranger broke the HTTPS policy:",
            "- localhost (*) was spoken with; expected only pay.example",
            "*::test_as_configured broke the HTTPS policy:",
            "- localhost (*) was spoken with; expected only example.net",
        ]
    )


@pytest.fixture
def ancient(leaf: Leaf, folder: Path) -> Generator[int]:
    """A server that speaks TLS 1.1 alone."""
    with web_server_apart(folder, leaf, ssl.TLSVersion.TLSv1_1) as port:
        yield port


@pytest.fixture
def expired(authority: Authority, folder: Path) -> Generator[int]:
    """A server whose certificate has expired."""
    with web_server_apart(folder, authority.expired()) as port:
        yield port


def test_what_the_fixture_alone_fails_a_test_for(web: pytest.Pytester, old: int, ancient: int, expired: int) -> None:
    web.makepyfile(f"""
import http.client, pytest, ssl
def get(port):
    context = ssl._create_unverified_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    connection = http.client.HTTPSConnection("localhost", port, context=context)
    connection.request("GET", "/file.bin")
    connection.getresponse().read()
    connection.close()
def test_plaintext(http, https_policy): http()
def test_near_its_end(https_policy): get({old})
def test_expired(https_policy): get({expired})
@pytest.mark.https_policy(cert_days=1)
def test_one_day(): get({expired})
def test_ancient(https_policy): get({ancient})
def test_free(http): http(); get({old}); get({expired}); get({ancient})
""")
    result = run(web)
    result.assert_outcomes(passed=1, failed=5)
    asked = "localhost (127.0.0.1:{0}, GET https://localhost:{0}/file.bin)".format
    result.stdout.fnmatch_lines_random(
        [
            "- GET http://localhost:* in plaintext; expected HTTPS",
            f"- the certificate of {asked(old)} expires on *, in 9 days; expected 14 days or more",
            f"- the certificate of {asked(expired)} expired on *; expected 14 days or more",
            f"- the certificate of {asked(expired)} expired on *; expected 1 day or more",
            f"- TLSv1.1 was spoken with localhost (127.0.0.1:{ancient}); expected TLSv1.2 or later",  # it is not opened
        ]
    )


def test_what_keeps_to_the_policy_passes(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(https, http): https(); http()\ndef test_nothing(): pass")
    web.makeini(
        "[pytest]\nhttps_policy = true\nhttps_cert_days = 1\nhttps_hosts = localhost\nhttps_plaintext_hosts = localhost"
    )
    run(web).assert_outcomes(passed=2)


def test_each_rule_is_taken_from_the_configuration_file_too(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(https, http): https(); http()")
    web.makeini("""
[pytest]
https_policy = true
https_min_version = TLSv1.3
https_cert_days = 30
https_hosts = example.org
https_plaintext_hosts = example.net
""")
    result = run(web)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines_random(
        [
            "- TLSv1.2 was spoken with *; expected TLSv1.3 or later",
            "- the certificate of *; expected 30 days or more",
            "- localhost (*) was spoken with; expected only example.org",
            "- GET http://* in plaintext; expected HTTPS",
        ]
    )


def test_a_host_for_plaintext_is_taken_from_the_command_line_too(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(http): http()")
    run(web, "--https-policy", "--https-plaintext-host=localhost").assert_outcomes(passed=1)
    run(web, "--https-policy", "--https-plaintext-host=example.net").assert_outcomes(failed=1)


def test_a_mark_changes_version_and_days_for_its_test_alone(web: pytest.Pytester) -> None:
    web.makepyfile("""
import pytest
@pytest.mark.https_policy(min_version="TLSv1.3")
def test_version(https): https()
@pytest.mark.https_policy(cert_days=30)
def test_days(https): https()
@pytest.mark.https_policy
def test_as_configured(https): https()
""")
    result = run(web, "--https-cert-days=1")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines_random(
        ["- TLSv1.2 *; expected TLSv1.3 or later", "- the certificate of *; expected 30 days or more"]
    )


def test_tls_that_crosses_no_socket_fails_the_test_as_it_cannot_be_judged(
    web: pytest.Pytester, leaf: Leaf, authority: Authority
) -> None:
    web.makepyfile(f"""
import ssl
def test_it():
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain({str(leaf.chain)!r}, {str(leaf.key)!r})
    trusting = ssl.create_default_context(cafile={str(authority.root)!r})
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(back, there, server_hostname="localhost")
    server = serving.wrap_bio(there, back, server_side=True)
    left = [client, server]
    while left:
        for end in list(left):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            left.remove(end)
def test_afterwards(): pass
""")
    result = run(web, "--https-policy")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["- 1 TLS session crossed no socket that is looked at*"])


def test_only_tests_that_ask_are_held_to_it(web: pytest.Pytester) -> None:
    web.makepyfile("""
import pytest
def test_that_does_not_ask(http): http()
def test_by_fixture(http, https_policy): http()
@pytest.mark.https_policy(plaintext_hosts=["localhost"])
def test_by_mark(http): http()
@pytest.mark.https_policy
def test_by_mark_alone(http): http()
""")
    result = run(web, "--strict-markers")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["FAILED *::test_by_fixture*", "FAILED *::test_by_mark_alone*"])


def test_what_fixtures_do_counts_before_and_after(web: pytest.Pytester) -> None:
    web.makepyfile("""
import pytest
@pytest.fixture
def early(http): http("/file.bin?early")
@pytest.fixture
def late(http):
    yield
    http("/file.bin?late")
def test_early(early): pass
def test_late(late): pass
def test_good(): pass
""")
    result = run(web, "--https-policy")
    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(["- GET http://*?early went to *", "- GET http://*?late went to *"])


def test_a_connection_that_several_tests_share_is_told_of_each(web: pytest.Pytester) -> None:
    web.makepyfile("""
def test_one(client): client("/file.bin?one")
def test_none(): pass
def test_two(client): client("/file.bin?two")
""")
    result = run(web, "--https-policy", "--https-cert-days=1", "--https-min-version=TLSv1.3")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines_random(["- TLSv1.2 *GET https://*?one)*", "- TLSv1.2 *GET https://*?two)*"])


def test_a_test_that_fails_by_itself_shows_what_it_broke_besides(web: pytest.Pytester) -> None:
    web.makepyfile("def test_it(http):\n    http()\n    assert 1 == 2")
    result = run(web, "--https-policy")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*", "GET http://* in plaintext; expected HTTPS"])


def test_sessions_of_others_in_a_key_log_that_all_share_break_no_rule(
    web: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = web.path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    web.makepyfile(f"""
import os, ssl
context = ssl.create_default_context()
def test_it(https):
    https()
    with open({str(log)!r}, "a") as file:  # another worker of the same run
        file.write("CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48 + chr(10))
""")
    run(web, "--https-policy", "--https-cert-days=1").assert_outcomes(passed=1)
    assert log.read_text().count("CLIENT_RANDOM") > 1


def test_a_test_looks_at_its_own_conversations(web: pytest.Pytester) -> None:
    web.makepyfile("""
def test_it(https, transom_trace):
    https()
    (conversation,) = transom_trace.conversations
    assert (conversation.host, conversation.version, conversation.requests[0].status) == ("localhost", "TLSv1.2", 200)
def test_that_nothing_is_left(transom_trace):
    assert transom_trace.conversations == ()
""")
    run(web).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (
            "--https-min-version=1.2",
            "--https-min-version: 1.2 is no version; expected one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3",
        ),
        ("--https-cert-days=soon", "--https-cert-days soon: expected a number of days"),
    ],
)
def test_a_rule_that_is_none_is_a_usage_error(pytester: pytest.Pytester, option: str, said: str) -> None:
    result = run(pytester, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {said}"])


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('min_version="1.2"', "1.2 is no version; expected one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"),
        ('cert_days="soon"', "cert_days='soon'; expected a number of days"),
        ('hosts="pay.example"', "hosts='pay.example'; expected a list of names"),
        ("plaintext_hosts=[7]", "plaintext_hosts=[[]7]; expected a list of names"),
    ],
)
def test_a_rule_of_a_mark_that_is_none_is_a_usage_error(pytester: pytest.Pytester, rule: str, said: str) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.https_policy({rule})\ndef test_it(): pass")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: @pytest.mark.https_policy: {said}"])


def test_a_mark_with_a_rule_that_there_is_not_says_so(web: pytest.Pytester) -> None:
    web.makepyfile("import pytest\n@pytest.mark.https_policy(days=3)\ndef test_it(): pass")
    result = run(web)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = "ERROR: @pytest.mark.https_policy: days: expected min_version, cert_days, hosts, plaintext_hosts by name"
    result.stderr.fnmatch_lines([said])


def test_loading_the_plugin_imports_nothing_that_looks() -> None:
    listed = (
        "import sys, pytest; before = set(sys.modules); import transom.tracing.pytest_plugin; "
        "print(sorted(name for name in set(sys.modules) - before if 'transom' in name or name in ('ssl', 'numpy')))"
    )
    ran = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    loaded = ["transom", "transom.tracing", "transom.tracing.policy", "transom.tracing.pytest_plugin"]
    assert ran.stdout.strip() == str(loaded)
