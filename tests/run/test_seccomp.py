"""The filter of system calls, played by the rules of classic BPF: what it stops, and that it lets all else pass."""

from __future__ import annotations

from struct import Struct

import pytest

from transom.run import seccomp

ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
X86_64, I386, AARCH64, ARM = 0xC000003E, 0x40000003, 0xC00000B7, 0x40000028
FASTOPEN = 0x20000000

INSTRUCTION = Struct("=HBBI")
DATA = Struct("<iIQ6Q")


def answer(machine: str, convention: int, number: int, *arguments: int) -> int:
    """What the filter says to a system call."""
    data = DATA.pack(number, convention, 0, *arguments, *[0] * (6 - len(arguments)))
    program = list(INSTRUCTION.iter_unpack(seccomp.program(machine)))
    at = accumulator = 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            accumulator = int.from_bytes(data[value : value + 4], "little")
        else:
            assert code in (0x15, 0x45)
            at += yes if (accumulator == value if code == 0x15 else accumulator & value) else no


@pytest.mark.parametrize(
    ("machine", "convention", "connects", "sends", "others"),
    [
        ("x86_64", X86_64, {42, 50}, {44: 3, 46: 2, 307: 3}, {0, 1, 41, 43, 59, 62, 203, 231, 435}),
        ("x86_64", I386, {362, 363}, {369: 3, 370: 2, 345: 3}, {1, 11, 42, 44, 46, 361, 373}),
        ("aarch64", AARCH64, {203, 201}, {206: 3, 211: 2, 269: 3}, {42, 44, 50, 63, 64, 198, 202, 221}),
        ("aarch64", ARM, {283, 284}, {290: 3, 296: 2, 374: 3}, {1, 11, 201, 203, 281, 285}),
    ],
    ids=["x86_64", "i386", "aarch64", "arm"],
)
def test_what_makes_or_takes_a_connection_is_told_of_and_nothing_else(
    machine: str, convention: int, connects: set[int], sends: dict[int, int], others: set[int]
) -> None:
    for number in {*connects, 425}:
        assert answer(machine, convention, number) == NOTIFY
    for number, flags in sends.items():
        assert answer(machine, convention, number, *[FASTOPEN * (at == flags) for at in range(6)]) == NOTIFY
        assert answer(machine, convention, number, *[FASTOPEN * (at != flags) for at in range(6)]) == ALLOW
        assert answer(machine, convention, number, *[~FASTOPEN & 0xFFFFFFFF] * 6) == ALLOW
    for number in others:
        assert answer(machine, convention, number, *[0xFFFFFFFF] * 6) == ALLOW


def test_of_socketcall_connecting_and_listening_alone_are_told_of() -> None:
    assert [number for number in range(30) if answer("x86_64", I386, 102, number) == NOTIFY] == [3, 4]


def test_the_calls_of_x32_and_of_a_convention_that_nobody_knows_pass() -> None:
    x32 = 0x40000000
    assert answer("x86_64", X86_64, x32 | 42) == ALLOW
    for machine in ("x86_64", "aarch64"):
        assert answer(machine, 0xC00000F3, 203) == ALLOW
