from __future__ import annotations

import socket
from pathlib import Path

import pytest

from transom.net import addresses
from transom.net.addresses import ipv4_in_fib_trie, ipv6_in_if_inet6, machine_addresses

FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.168.0.0/24 2 0 2
        |-- 192.168.0.0
           /24 link UNICAST
        |-- 192.168.0.7
           /32 host LOCAL
        |-- 192.168.0.255
           /32 link BROADCAST
"""

IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
fe8000000000000000fc00fffe000001 02 40 20 80     eth0
fd000000000000000000000000000002 02 40 00 82     eth0
fd000000000000000000000000000003 02 40 00 c0     eth0
fd000000000000000000000000000004 02 40 00 88     eth0
"""


def test_linux_tells_its_ipv4_addresses_in_the_table_of_routes() -> None:
    assert ipv4_in_fib_trie(FIB_TRIE) == ["127.0.0.1", "192.168.0.7"]


def test_an_ipv6_address_that_is_not_certain_or_taken_by_another_is_left_out() -> None:
    assert ipv6_in_if_inet6(IF_INET6) == ["::1", "fe80::fc:ff:fe00:1", "fd00::2"]


def test_what_others_cannot_reach_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "fib_trie").write_text(FIB_TRIE + FIB_TRIE)
    (tmp_path / "if_inet6").write_text(IF_INET6)
    monkeypatch.setattr(addresses, "_FIB_TRIE", tmp_path / "fib_trie")
    monkeypatch.setattr(addresses, "_IF_INET6", tmp_path / "if_inet6")
    assert [str(address) for address in machine_addresses()] == ["192.168.0.7", "fd00::2"]


def test_this_machines_addresses_are_its_own() -> None:
    for address in machine_addresses():
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_DGRAM) as own:
            own.bind((str(address), 0))


def test_without_linux_its_name_and_routes_tell_some(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = set(machine_addresses())
    for table in ("_FIB_TRIE", "_IF_INET6"):
        monkeypatch.setattr(addresses, table, tmp_path / "nothing")
    assert set(machine_addresses()) <= own
