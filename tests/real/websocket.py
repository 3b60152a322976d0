"""A WebSocket client (RFC 6455) for a server that is trusted and near: text messages, and nothing negotiated."""

from __future__ import annotations

import base64
import os
import socket
import time

_CONTINUATION, _TEXT = 0, 1


class WebSocket:
    """A connection to `path` of a server on loopback."""

    def __init__(self, port: int, path: str, patience: float) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), patience)
        self._received = bytearray()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = self._take_head(time.monotonic() + patience)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(f"no WebSocket there: {head.decode(errors='replace')}")

    def send(self, message: bytes) -> None:
        # Masked because §5.3 wants it of clients; not by zeros, which Firefox takes for no mask at all.
        mask = (b"mask" * (len(message) // 4 + 1))[: len(message)]
        masked = int.from_bytes(message, "big") ^ int.from_bytes(mask, "big")
        if len(message) < 126:
            head = bytes([0x80 | _TEXT, 0x80 | len(message)])
        else:
            size = 2 if len(message) < 1 << 16 else 8
            head = bytes([0x80 | _TEXT, 0x80 | (126 if size == 2 else 127)]) + len(message).to_bytes(size, "big")
        self._socket.sendall(head + b"mask" + masked.to_bytes(len(message), "big"))

    def receive(self, deadline: float) -> bytes:
        message = b""
        while True:
            first, length = self._take(2, deadline)
            if length > 125:
                length = int.from_bytes(self._take(2 if length == 126 else 8, deadline), "big")
            if first & 0x0F not in (_CONTINUATION, _TEXT):
                raise ConnectionError(f"a frame with opcode {first & 0x0F} is no message: the browser ends?")
            message += self._take(length, deadline)
            if first & 0x80:
                return message

    def close(self) -> None:
        self._socket.close()

    def _take_head(self, deadline: float) -> bytes:
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._read(deadline)
        return self._take(end + 4, deadline)

    def _take(self, count: int, deadline: float) -> bytes:
        while len(self._received) < count:
            self._read(deadline)
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def _read(self, deadline: float) -> None:
        self._socket.settimeout(max(0.001, deadline - time.monotonic()))
        piece = self._socket.recv(1 << 20)
        if not piece:
            raise ConnectionError("the browser ended")
        self._received += piece
