"""A server that a test can make do whatever a real one might do to a resumed download."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.real.raw_server import raw_server, read_request

DATE = "Sun, 22 Nov 2026 12:00:00 GMT"
OLD_DATE = "Sat, 21 Nov 2026 12:00:00 GMT"


@dataclass
class Changing:
    """Serves `content` with `fields`; `cut` bytes of a body and no more. `answer`, when it is set, answers instead."""

    content: bytes
    fields: dict[str, str] = field(default_factory=lambda: {"ETag": '"one"', "Date": DATE})
    cut: int | None = None
    ranges: bool = True
    answer: Callable[[bytes], bytes] | None = None
    asked: list[bytes] = field(default_factory=list[bytes])
    port: int = 0

    def url(self, path: str = "/f.bin") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def asked_for(self, name: str) -> list[str | None]:
        """The value of the field in each of the requests."""
        pattern = re.compile(rf"^{name}: *(.*)\r$", re.IGNORECASE | re.MULTILINE)
        found = [pattern.search(request.decode()) for request in self.asked]
        return [match[1] if match else None for match in found]

    def script(self, connection: socket.socket) -> None:
        request = read_request(connection)
        self.asked.append(request)
        connection.sendall(self.answer(request) if self.answer else self.usual(request))

    def usual(self, request: bytes) -> bytes:
        asked = re.search(rb"Range: bytes=(\d+)-", request)
        condition = re.search(rb"If-Range: (.*)\r", request)
        same = condition is None or condition[1].decode() in self.fields.values()
        start = int(asked[1]) if asked and self.ranges and same else None
        return self.whole() if start is None else self.part(start)

    def whole(self, status: str = "200 OK") -> bytes:
        return self._response(status, self.content, {"Content-Length": str(len(self.content))})

    def part(self, start: int, end: int | None = None, size: int | None = None, **changed: str) -> bytes:
        end = len(self.content) if end is None else end
        size = len(self.content) if size is None else size
        body = self.content[start:end]
        framing = {"Content-Range": f"bytes {start}-{end - 1}/{size}", "Content-Length": str(end - start)}
        return self._response("206 Partial Content", body, framing | changed)

    def refusal(self, status: str, **changed: str) -> bytes:
        return self._response(status, b"no", {"Content-Length": "2"} | changed)

    def _response(self, status: str, body: bytes, framing: dict[str, str]) -> bytes:
        fields = {**self.fields, **{name.replace("_", "-"): value for name, value in framing.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body[: self.cut]


@contextmanager
def changing(content: bytes, **settings: object) -> Generator[Changing]:
    server = Changing(content)
    for name, value in settings.items():
        setattr(server, name, value)
    with raw_server(server.script) as server.port:
        yield server
