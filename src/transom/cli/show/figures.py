"""Numbers as people read them: bytes, times, shares, digests."""

from __future__ import annotations

from transom.cli.words import Words

MILLISECOND = 1_000_000
SECOND = 1_000_000_000

_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def exact_bytes(count: int) -> str:
    """`1,716 B`."""
    return f"{count:,} B"


def about_bytes(count: int) -> str:
    """`8.4 MB`, in powers of ten as disks and networks count; below 100 kB to the byte."""
    if count < 100_000:
        return exact_bytes(count)
    return next(f"{count / unit:.1f} {name}" for unit, name in _UNITS if count >= unit)


def binary_bytes(count: int) -> str:
    """`8 MiB` where that is exact, else `about_bytes`."""
    for shift, name in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if count and count % (1 << shift) == 0:
            return f"{count >> shift} {name}"
    return about_bytes(count)


def milliseconds(nanoseconds: int) -> str:
    """`0.8`, `15.1`, `12,345`, for a column of them: a decimal as long as it tells something."""
    value = nanoseconds / MILLISECOND
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def duration(nanoseconds: int, words: Words) -> str:
    """`15.1 ms`, `12.3 s`, `4 min 33 s`, `2 h 5 min`: in the units of its size, and no finer than tells something."""
    short = f"{nanoseconds / MILLISECOND:.1f}"
    if float(short) < 1000:
        return words.say("duration.ms", ms=short)
    return _from_a_second_on(nanoseconds, f"{nanoseconds / SECOND:.1f}", words)


def transfer_time(nanoseconds: int, words: Words) -> str:
    """`0.12 s`, `4 min 33 s`: how long a whole transfer, or a command, took."""
    return _from_a_second_on(nanoseconds, f"{nanoseconds / SECOND:.2f}", words)


def _from_a_second_on(nanoseconds: int, seconds: str, words: Words) -> str:
    if float(seconds) < 60:
        return words.say("duration.s", s=seconds)
    minutes, rest = divmod(round(nanoseconds / SECOND), 60)
    if minutes < 60:
        return words.say("duration.min", min=minutes, s=rest)
    hours, rest = divmod(round(nanoseconds / SECOND / 60), 60)
    return words.say("duration.h", h=hours, min=rest)


def surplus(total: int, content: int) -> str:
    """What `total` has more than `content`, as `+0.19 %`."""
    return f"{(total - content) / content:+.2%}".replace("%", " %")


def short_digest(digest: str) -> str:
    """`3f1c7d…9a02`."""
    return f"{digest[:6]}…{digest[-4:]}"
