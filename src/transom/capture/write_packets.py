"""A trace of packets as they were captured, beside the secrets that open them: nothing in it is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from transom.capture.trace_file import TraceFile
from transom.capture.trace_secrets import Promise, TraceSecrets, client_random
from transom.wire.tap import Buffer, Ending, Endpoints, Side

if TYPE_CHECKING:
    from pathlib import Path

_COMMENT = (
    "Packets as they were captured, of the connections of one command alone. Large ones were cut up, and checksums "
    "filled in, on their way out or never. Holds TLS secrets."
)


class PacketTrace:
    """Writes it; a `conversation()` tells when there is need of secrets, and is to be told before its packets are.

    The file has mode 0600. Raises TransferError (exit code 23) if the file cannot be written.
    """

    def __init__(self, path: Path, application: str) -> None:
        """`application` is the name and version that the file's header gives as its writer."""
        self._file = TraceFile(path)
        self._file.section(application, _COMMENT)
        self._secrets = TraceSecrets(self._file)
        self._interfaces: dict[tuple[str, int], int] = {}

    def conversation(self) -> SecretsNeeded:
        """The tap for one more TCP connection."""
        return SecretsNeeded(self._secrets)

    def secret(self, line: str) -> None:
        """A key-log line (RFC 9850) without its end; it reaches the file at once, before the packets it opens."""
        self._secrets.add(line)

    def packet(self, interface: str, link_type: int, time: int, original: int, frame: Buffer) -> None:
        """A packet that was seen on the interface of that name, `original` bytes long; `frame` is what there is."""
        known = self._interfaces.get((interface, link_type))
        if known is None:
            known = self._interfaces[interface, link_type] = self._file.interface(link_type, interface)
        self._file.packet(known, time, original, frame)

    def dropped(self, time: int, count: int) -> None:
        """So many packets were not taken in time, on whichever interface."""
        if count and self._interfaces:
            self._file.dropped(0, time, count)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Ends the file."""
        self._file.close()


@runtime_checkable
class TakesPackets(Protocol):
    """Where captured packets go: `PacketTrace`, or who stands before one."""

    def packet(self, interface: str, link_type: int, time: int, original: int, frame: Buffer) -> None: ...

    def dropped(self, time: int, count: int) -> None: ...

    def flush(self) -> None: ...


class SecretsNeeded:
    """A tap for which there is room made, so that its secrets stand before its packets."""

    def __init__(self, secrets: TraceSecrets) -> None:
        self._secrets = secrets
        self._promise: Promise | None = None
        self._client_spoke = False
        self._closed: set[Side] = set()

    def opened(self, endpoints: Endpoints, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        self._promise = self._secrets.promise()

    def data(self, side: Side, data: Buffer, time: int, packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        if side is Side.CLIENT and not self._client_spoke:
            self._client_spoke = True
            random = client_random(data)
            if self._promise is not None and random is not None:
                self._secrets.expect(self._promise, random)

    def lost(self, side: Side, count: int, time: int) -> None: ...

    def closed(self, side: Side, time: int, how: Ending = "fin", packet: int = 0) -> None:  # noqa: ARG002 (a tap's signature)
        self._closed.add(side)
        if self._promise is not None and (how != "fin" or len(self._closed) == len(Side)):
            self._secrets.release(self._promise)
