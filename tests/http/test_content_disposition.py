from __future__ import annotations

import re
from urllib.parse import unquote

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transom.http.content_disposition import content_disposition, file_name


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("a file.bin", 'attachment; filename="a file.bin"'),
        ('a"b\\c.txt', "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt"),
        ("한.bin", "attachment; filename=\"_.bin\"; filename*=UTF-8''%ED%95%9C.bin"),
        ("a%2fb", "attachment; filename=\"a_2fb\"; filename*=UTF-8''a%252fb"),
        ("a\r\nSet-Cookie: b", "attachment; filename=\"a__Set-Cookie: b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b"),
        ("x; filename=y", 'attachment; filename="x; filename=y"'),
    ],
)
def test_a_name_cannot_end_its_parameter(name: str, field: str) -> None:
    assert content_disposition(name) == field


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8")))
@settings(max_examples=100, deadline=None)
def test_every_name_survives_a_header_and_a_reader(name: str) -> None:
    field = content_disposition(name, "inline")
    h11.Response(status_code=200, headers=[("Content-Disposition", field)])
    parts = re.fullmatch(r"inline; filename=\"([ -!#-\[\]-~]*)\"(?:; filename\*=UTF-8''(\S+))?", field)
    assert parts is not None
    assert (parts[1] if parts[2] is None else unquote(parts[2])) == name


def test_a_name_that_is_no_unicode_is_still_sent() -> None:
    assert content_disposition("a\udcff").endswith("filename*=UTF-8''a%3F")


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_characters="/\\")))
@settings(max_examples=100, deadline=None)
def test_the_name_that_was_written_is_the_name_that_is_read(name: str) -> None:
    assert file_name(content_disposition(name)) == name


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("attachment; filename=plain.bin", "plain.bin"),
        ('attachment; FileName = "a b.bin" ; size=3', "a b.bin"),
        (r'attachment; filename="a\"b.bin"', 'a"b.bin'),
        ('attachment; x="; filename=evil"; filename=good', "good"),
        ("attachment; filename=plain; filename*=UTF-8''%e2%82%ac%20rates", "€ rates"),
        ("attachment; filename*=iso-8859-1'en'%A3", "£"),
        ("attachment; filename*=UTF-8''%ff; filename=plain", "plain"),
        ("attachment; filename*=koi8-r''%C1; filename=plain", "plain"),
        ('attachment; filename="' + "한글".encode().decode("latin-1") + '"', "한글"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("attachment; filename*=UTF-8''..%5C..%2Fx", "x"),
        ('attachment; filename="a/"', None),
        ('attachment; filename=""', None),
        ('attachment; filename="unclosed', None),
        ("attachment", None),
        ("", None),
    ],
)
def test_the_name_in_a_field(field: str, name: str | None) -> None:
    assert file_name(field) == name
