"""What is known of a transfer when it is over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from transom.channel.interface import Established


@dataclass(frozen=True)
class TransferTimes:
    """How many seconds each stage took; together with the body they make `total`.

    `resolve` and `connect` end with an address and with TCP; `handshake`, None for plain HTTP, with a channel that
    carries data; `first_byte` runs from there, when the request is sent, to the first byte of the response.
    """

    resolve: float
    connect: float
    handshake: float | None
    first_byte: float
    total: float


@dataclass(frozen=True)
class TransferResult:
    """A file that was moved whole. `path` is its name on this side, `sha256` is None when it was not asked for."""

    url: str
    path: str
    bytes: int
    sha256: str | None
    times: TransferTimes
    channel: Established

    def as_json(self) -> dict[str, Any]:
        """The fields of the machine-readable line, in their order."""
        return {
            "type": "transfer",
            "url": self.url,
            "path": self.path,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "seconds": self.times.total,
            "times": asdict(self.times),
            **asdict(self.channel),
            "resumed_from": None,
            "verified": None,
        }
