"""An extension that was met before is not taken apart again, and says what it said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dissect.note_messages import client_hello
from transom.errors import DecodeError
from transom.tls.extensions.base import Extension, Extensions
from transom.tls.extensions.server_name import ServerName, ServerNameList
from transom.tls.iana.extension_types import ExtensionType
from transom.tls.iana.small import NameType
from transom.tls.messages.hello import ClientHello


def test_two_hellos_of_one_make_share_what_they_say_alike() -> None:
    hello = client_hello()
    one = ClientHello.decode(replace(hello, extensions=_of_name(hello, b"one.example")).encode())
    other = ClientHello.decode(
        replace(hello, random=bytes(32), extensions=_of_name(hello, b"another.example")).encode()
    )
    pairs = [(mine.body, yours.body) for mine, yours in zip(one.extensions, other.extensions, strict=True)]
    alike = [mine is yours for mine, yours in pairs if mine is not None and mine == yours]
    assert len(alike) > 5
    assert all(alike)
    assert one.extensions.get(ServerNameList) != other.extensions.get(ServerNameList)


def _of_name(hello: ClientHello, host: bytes) -> Extensions:
    bodies = [item.body for item in hello.extensions if item.body is not None]
    name = ServerNameList(server_name_list=(ServerName(name_type=NameType.host_name, host_name=host),))
    return Extensions.of(*[name if isinstance(body, ServerNameList) else body for body in bodies])


def test_one_that_is_malformed_says_where_it_stands_in_each_hello() -> None:
    malformed = Extensions((Extension(ExtensionType.supported_groups, b"\xff\xff\x00\x1d"),))
    hello = replace(client_hello(), extensions=malformed)
    places: list[int | None] = []
    for suites in (hello.cipher_suites, hello.cipher_suites[1:]):
        with pytest.raises(DecodeError) as caught:
            ClientHello.decode(replace(hello, cipher_suites=suites).encode())
        assert "supported_groups" in str(caught.value)
        places.append(caught.value.offset)
    assert places[0] is not None
    assert places[1] == places[0] - 2
