"""Numbers as people read them: bytes, milliseconds, shares, digests."""

from __future__ import annotations

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
    """`0.8`, `15.1`, `12,345`: a decimal as long as it tells something."""
    value = nanoseconds / MILLISECOND
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def seconds(nanoseconds: int) -> str:
    """`0.12`."""
    return f"{nanoseconds / SECOND:.2f}"


def surplus(total: int, content: int) -> str:
    """What `total` has more than `content`, as `+0.19 %`."""
    return f"{(total - content) / content:+.2%}".replace("%", " %")


def short_digest(digest: str) -> str:
    """`3f1c7d…9a02`."""
    return f"{digest[:6]}…{digest[-4:]}"
