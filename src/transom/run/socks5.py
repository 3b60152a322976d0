"""SOCKS5, the server's side (RFC 1928), with user and password (RFC 1929). Names are resolved here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address

from transom.errors import TransferError
from transom.net.connect import CANNOT_RESOLVE
from transom.net.pump import TIMED_OUT
from transom.run.guest import Guest
from transom.run.outward import Asked

VERSION = 5

_NO_LOGIN, _PASSWORD, _NONE = 0, 2, 0xFF
_LOGIN_VERSION = 1
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4

_GRANTED, _GENERAL, _UNREACHABLE, _REFUSED, _NO_SUCH_COMMAND, _NO_SUCH_ADDRESS = 0, 1, 4, 5, 7, 8


class Refused(Exception):
    """It was told so, and there is nothing more to say."""


async def asked_by_socks(
    guest: Guest, knows_password: Callable[[bytes, bytes], bool], is_ours: Callable[[], Awaitable[bool]]
) -> Asked:
    """The server that is asked for. Raises Refused, and Left."""
    await _log_in(guest, knows_password, is_ours)
    _version, command, _, kind = await guest.exactly(4)
    host = await _host(guest, kind)
    port = int.from_bytes(await guest.exactly(2), "big")
    if command != _CONNECT:
        await _reply(guest, _NO_SUCH_COMMAND)
        raise Refused
    if host is None:
        await _reply(guest, _NO_SUCH_ADDRESS)
        raise Refused
    return Asked(host, port)


async def granted(guest: Guest) -> None:
    """The connection is there."""
    await _reply(guest, _GRANTED)


async def not_reached(guest: Guest, error: TransferError) -> None:
    """It cannot be made."""
    await _reply(guest, _UNREACHABLE if error.exit_code in (CANNOT_RESOLVE, TIMED_OUT) else _REFUSED)


async def not_understood(guest: Guest) -> None:
    """It cannot be asked for."""
    await _reply(guest, _GENERAL)


async def _log_in(
    guest: Guest, knows_password: Callable[[bytes, bytes], bool], is_ours: Callable[[], Awaitable[bool]]
) -> None:
    _version, count = await guest.exactly(2)
    methods = await guest.exactly(count)
    if _PASSWORD in methods:
        await guest.send(bytes([VERSION, _PASSWORD]))
        _version, length = await guest.exactly(2)
        user = await guest.exactly(length)
        password = await guest.exactly((await guest.exactly(1))[0])
        # Java offers one to every proxy, the name of who runs it, and cannot do without: descent counts for those too.
        admitted = knows_password(user, password) or await is_ours()
        await guest.send(bytes([_LOGIN_VERSION, 0 if admitted else 1]))
    else:
        admitted = _NO_LOGIN in methods and await is_ours()
        await guest.send(bytes([VERSION, _NO_LOGIN if admitted else _NONE]))
    if not admitted:
        raise Refused
    guest.is_admitted = True


async def _host(guest: Guest, kind: int) -> str | None:
    match kind:
        case 1:
            return str(IPv4Address(await guest.exactly(4)))
        case 3:
            name = await guest.exactly((await guest.exactly(1))[0])
            return name.decode("ascii", "replace")
        case 4:
            return str(IPv6Address(await guest.exactly(16)))
        case _:
            return None


async def _reply(guest: Guest, code: int) -> None:
    """With no address: which of ours it is says nothing to anybody (RFC 1928 §6)."""
    await guest.send(bytes([VERSION, code, 0, _IPV4]) + bytes(6))
