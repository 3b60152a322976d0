"""Bulk lies where the kernel copies quickly: no destination stands 1 to 31 bytes behind the beginning of a page."""

from __future__ import annotations

import ctypes
import mmap
import ssl

import pytest

from transom.channel.openssl import OpenSslContext
from transom.net.pump import receive_buffer
from transom.tls.config import Offer
from transom.tls.record.sealing_room import SealingRoom
from transom.wire.paged import paged

LATE = range(1, 32)


def behind_a_page(memory: memoryview) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory)) % mmap.PAGESIZE


@pytest.mark.parametrize("size", [1, 4096, 100_000])
def test_it_begins_with_a_page_is_as_long_as_asked_for_and_empty(size: int) -> None:
    memory = paged(size)
    assert behind_a_page(memory) == 0
    assert bytes(memory) == bytes(size)
    memory[-1] = 1


def test_what_comes_from_a_socket_is_received_at_the_beginning_of_a_page() -> None:
    assert behind_a_page(receive_buffer()) == 0


def test_a_file_is_read_to_where_pages_are_copied_quickly() -> None:
    for slot in SealingRoom(bytes(5), b"\x17").slots:
        assert behind_a_page(slot) not in LATE
    offer = Offer()
    scratch = OpenSslContext(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), offer).scratch
    assert behind_a_page(scratch) == 0
