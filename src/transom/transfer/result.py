"""What is known of a transfer when it is over."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from transom.channel.interface import Established
from transom.value import value


@value
class TransferTimes:
    """How many seconds each stage took; together with the body they make `total`.

    `resolve` and `connect` end with an address and with TCP; `handshake`, None for plain HTTP, with a channel that
    carries data; `first_byte` runs from there, when the request is sent, to the first byte of the response. None for a
    stage that never came to its end; `total` then runs until the transfer failed.
    """

    resolve: float | None
    connect: float | None
    handshake: float | None
    first_byte: float | None
    total: float

    def as_json(self) -> dict[str, float | None]:
        """The stages under their names."""
        return {stage: _to_microseconds(spent) for stage, spent in asdict(self).items()}


NOTHING_TRIED = dict[str, float | None].fromkeys(("resolve", "connect", "handshake", "first_byte", "total"))
"""The stages of a transfer that failed before a server was asked for."""


class LastTimes:
    """Keeps what a `Road` tells when an exchange is over: `times` of the last of them, None before the first."""

    def __init__(self) -> None:
        self.times: TransferTimes | None = None

    def take(self, host: str, times: TransferTimes) -> None:  # noqa: ARG002  (whichever host it was)
        self.times = times


@value
class TransferResult:
    """A file that was moved whole. `path` is its name on this side, `sha256` is None when it was not asked for.

    `resumed_from` is the byte it was gone on with from, None for all of it in one go. `verified` says what vouches for
    it: the user's checksum, the server's digest, or nothing.
    """

    url: str
    path: str
    bytes: int
    sha256: str | None
    times: TransferTimes
    channel: Established
    resumed_from: int | None = None
    verified: Literal["checksum", "digest"] | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields of the machine-readable line, in their order."""
        return {
            "type": "transfer",
            "url": self.url,
            "path": self.path,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "seconds": _to_microseconds(self.times.total),
            "times": self.times.as_json(),
            **asdict(self.channel),
            "resumed_from": self.resumed_from,
            "verified": self.verified,
        }


def _to_microseconds(seconds: float | None) -> float | None:
    """What the clock is good for; the digits after these are noise."""
    return None if seconds is None else round(seconds, 6)
