from __future__ import annotations

from transom.http.messages import Headers


def test_a_field_is_found_whatever_its_case_and_keeps_its_own() -> None:
    headers = Headers([("ETag", '"x"')])
    assert headers.get("etag") == '"x"'
    assert "ETAG" in headers
    assert list(headers) == [("ETag", '"x"')]


def test_several_lines_of_a_field_are_one_list() -> None:
    headers = Headers([("Via", "a"), ("Host", "h"), ("via", "b, c")])
    assert headers.get("Via") == "a, b, c"
    assert headers.get_all("Via") == ("a", "b, c")


def test_a_missing_field_is_none() -> None:
    assert Headers().get("Host") is None
    assert Headers().members("Connection") == ()


def test_list_members_are_lower_case_tokens() -> None:
    assert Headers([("Connection", "Keep-Alive, , CLOSE")]).members("connection") == ("keep-alive", "close")


def test_bytes_that_are_not_ascii_are_kept_and_read_as_latin_1() -> None:
    headers = Headers([(b"X", b"\xe9\xff")])
    assert headers.raw == ((b"X", b"\xe9\xff"),)
    assert headers.get("x") == "éÿ"


def test_replacing_a_field_leaves_one_line_of_it() -> None:
    headers = Headers([("A", "1"), ("B", "2"), ("a", "3")]).replaced("A", "4")
    assert list(headers) == [("B", "2"), ("A", "4")]
    assert headers.without("a") == Headers([("B", "2")])
